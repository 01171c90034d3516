import fc from 'fast-check';
import { hasSeen, remember } from './seen.ts';
import { admit, type CountedCapture, judged, noWindows, placesOf, type Windows } from './window.ts';

const capture = (name: string, inferences: number, model = 'm'): CountedCapture => ({
  object: { pipeline: 'p', model, place: `2026/11/23/10/${name}.jsonl` },
  inferences,
});
const admitAll = (captures: readonly CountedCapture[], size = 200): Windows =>
  captures.reduce((windows, one) => admit(windows, one, size, 0), noWindows);

describe('admit', () => {
  it('fills one window to the same list and count in any order, repeated or not', () => {
    const captures = fc.uniqueArray(
      fc.record({ name: fc.stringMatching(/^[a-z]{1,3}$/), count: fc.integer({ min: 1, max: 9 }) }),
      {
        selector: ({ name }) => name,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(captures, fc.array(fc.nat(), { maxLength: 30 }), (all, again) => {
        const counted = all.map(({ name, count }) => capture(name, count));
        const repeated = again.flatMap((i) =>
          counted.slice(i % (counted.length + 1), (i % (counted.length + 1)) + 1),
        );
        const [plain, shuffled] = [admitAll(counted), admitAll([...repeated, ...[...counted].reverse()])];
        expect(shuffled.open).toEqual(plain.open);
      }),
    );
  });

  it('given a window that is full, then it closes with what made it full and the next one begins empty', () => {
    const windows = admitAll([capture('a', 150), capture('b', 60), capture('c', 5)]);
    expect(windows.closing.m).toMatchObject({ id: 'm-w1', inferences: 210, number: 1 });
    expect(placesOf(windows.closing.m!)).toEqual(['2026/11/23/10/a.jsonl', '2026/11/23/10/b.jsonl']);
    expect(windows.open.m).toMatchObject({ inferences: 5 });
  });

  it('given two models, then each has its own window', () => {
    const windows = admitAll([capture('a', 150, 'm'), capture('a', 150, 'n')]);
    expect(windows).toMatchObject({ count: 0, open: { m: { inferences: 150 }, n: { inferences: 150 } } });
  });

  it('given one that filled up while the first was judged, then it closes next', () => {
    const windows = admitAll([capture('a', 200), capture('b', 150), capture('c', 150)]);
    expect(windows.open.m).toMatchObject({ inferences: 300 });
    expect(judged(windows, 'm', 200, 5)).toMatchObject({
      count: 2,
      open: {},
      closing: { m: { id: 'm-w2', inferences: 300 } },
    });
  });
});

describe('the memory of names', () => {
  it('knows the last 500 names and nothing else', () => {
    const names = Array.from({ length: 700 }, (_, i) => `name-${i}`);
    const memory = names.reduce(remember, '');
    expect(memory).toHaveLength(500 * 8);
    expect(names.map((name) => hasSeen(memory, name))).toEqual(names.map((_, i) => i >= 200));
  });
});
