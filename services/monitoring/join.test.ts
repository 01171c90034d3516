import fc from 'fast-check';
import type { Label } from './ground-truth-records.ts';
import { InferenceIndex, joinLabels, type PlacedInference } from './join.ts';

const ids = ['a', 'b', 'c', 'd', 'e'];
const placed = (id: string, line: number, rows = 1): PlacedInference => ({
  model: line % 2 === 0 ? 'champion' : 'challenger',
  object: `hour/${line % 3}.jsonl`,
  line,
  inference: {
    id,
    time: '',
    records: Array.from({ length: rows }, (_, i) => ({
      kind: 'cells' as const,
      cells: [`${id}${line}`, `${i}`],
    })),
    predictions: [],
  },
});
const inferences = fc
  .array(fc.record({ id: fc.constantFrom(...ids), rows: fc.integer({ min: 1, max: 2 }) }), { maxLength: 12 })
  .map((all) => all.map(({ id, rows }, line) => placed(id, line, rows)));
const labels = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom(...ids),
    labels: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 2 }),
  }),
  { selector: ({ id }) => id },
);

function join(all: readonly Label[], captures: readonly PlacedInference[]) {
  const index = new InferenceIndex();
  for (const capture of captures) index.add(capture);
  return joinLabels(all, index);
}

describe('joinLabels', () => {
  it('does not depend on the order of labels or captures', () => {
    fc.assert(
      fc.property(
        labels,
        inferences,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (all, captures, stream) => {
          const key = () => stream.next().value as number;
          const shuffled = <T>(items: readonly T[]) =>
            items
              .map((item) => ({ item, at: key() }))
              .sort((a, b) => a.at - b.at)
              .map(({ item }) => item);
          expect(join(shuffled(all), shuffled(captures))).toEqual(join(all, captures));
        },
      ),
    );
  });

  it('loses no label: each is matched, unmatched or mismatched', () => {
    fc.assert(
      fc.property(labels, inferences, (all, captures) => {
        const { matched, unmatched, mismatched } = join(all, captures);
        expect(matched + unmatched.length + mismatched.length).toBe(all.length);
      }),
    );
  });

  it('given a request of two rows, then each label belongs to its row', () => {
    const { rows } = join([{ id: 'a', labels: [3, 4] }], [placed('a', 0, 2)]);
    expect(rows.map(({ record, label }) => [record, label])).toEqual([
      [{ kind: 'cells', cells: ['a0', '0'] }, 3],
      [{ kind: 'cells', cells: ['a0', '1'] }, 4],
    ]);
  });

  it('given another number of labels than rows, then nothing is guessed', () => {
    expect(join([{ id: 'a', labels: [3] }], [placed('a', 0, 2)])).toMatchObject({
      rows: [],
      matched: 0,
      mismatched: ['a'],
    });
  });
});
