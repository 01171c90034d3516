import fc from 'fast-check';
import { sortDoubles } from './sort-doubles.ts';

const sorted = (values: readonly number[]): number[] => [...Float64Array.from(values).sort()];

describe('sortDoubles', () => {
  const value = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, 1, -1, 255, 1e300), fc.integer());

  it('sorts few', () => {
    fc.assert(
      fc.property(fc.array(value), (values) => {
        expect([...sortDoubles(Float64Array.from(values))]).toEqual(sorted(values));
      }),
    );
  });

  it('sorts many, whichever digits they have in common, in a part of a larger array', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), fc.nat({ max: 3 }), (some, offset) => {
        const values = Array.from({ length: 70_000 }, (_, at) => some[(at * 7) % some.length]! + (at % 5));
        const larger = Float64Array.from([...new Array<number>(offset).fill(9), ...values]);
        expect(sortDoubles(larger.subarray(offset))).toEqual(Float64Array.from(values).sort());
      }),
      { numRuns: 8 },
    );
  });
});
