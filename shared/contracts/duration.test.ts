import fc from 'fast-check';
import { DURATION, secondsOf } from './duration.ts';

describe('a duration', () => {
  it.each([
    ['0 seconds', 0],
    ['1 second', 1],
    ['90 seconds', 90],
    ['1 minute', 60],
    ['2 hours', 7_200],
    ['7 days', 604_800],
    ['999999 days', 86_399_913_600],
  ])('is seconds: %s', (text, seconds) => expect(secondsOf(text)).toBe(seconds));

  it.each([
    '',
    '5',
    'minutes',
    '1minute',
    '1  minute',
    ' 1 minute',
    '1 minute ',
    '-1 minutes',
    '1.5 hours',
    '1 week',
    '1 Minute',
    '1000000 days',
    '1 minute\n',
    '1 minutess',
  ])('is not: %j', (text) => {
    expect(() => secondsOf(text)).toThrow(RangeError);
    expect(text).not.toMatch(new RegExp(DURATION));
  });

  it('is read wherever the pattern of the specification lets it through, and nowhere else', () => {
    const near = fc
      .tuple(
        fc.string({ unit: fc.constantFrom(...'0123456789 -.'), maxLength: 8 }),
        fc.constantFrom('second', 'minutes', 'hour', 'days', 'week', ''),
      )
      .map(([count, unit]) => `${count} ${unit}`);
    fc.assert(
      fc.property(fc.oneof(fc.stringMatching(new RegExp(DURATION)), near), (text) => {
        const read = (): number => secondsOf(text);
        if (new RegExp(DURATION).test(text)) expect(read()).toBeGreaterThanOrEqual(0);
        else expect(read).toThrow(RangeError);
      }),
    );
  });
});
