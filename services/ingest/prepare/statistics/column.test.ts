import fc from 'fast-check';
import {
  countsBetween,
  distinctOf,
  fencesOf,
  histogramOf,
  medianOf,
  modeOf,
  momentsOf,
  quantileEdges,
  roundedAway,
} from './column.ts';

const sorted = (values: readonly number[]) => Float64Array.from(values).sort();
const values = fc.array(
  fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
  { minLength: 1, maxLength: 300 },
);

describe('what is known of a column', () => {
  it('counts every value once: in the histogram and between the edges', () => {
    fc.assert(
      fc.property(values, (given) => {
        const column = sorted(given);
        const edges = quantileEdges(column);
        const counts = countsBetween(column, edges);
        expect(edges.length).toBeLessThan(64);
        expect(edges.every((edge, at) => at === 0 || edge > edges[at - 1]!)).toBe(true);
        expect(counts.reduce((sum, count) => sum + count)).toBe(given.length);
        expect(histogramOf(column).reduce((sum, count) => sum + count)).toBe(given.length);
        expect(distinctOf(column)).toBe(new Set(given.map((value) => value + 0)).size);
      }),
    );
  });

  it('has moments that rounding does not spoil', () => {
    const far = sorted(Array.from({ length: 20_000 }, (_, at) => 1e9 + (at % 2)));
    expect(momentsOf(far)).toEqual({ sum: 20_000 * 1e9 + 10_000, mean: 1e9 + 0.5, deviation: 0.5 });
    expect(momentsOf(sorted([0.1, 0.1, 0.1])).deviation).toBe(0);
    expect(momentsOf(sorted([]))).toEqual({ sum: 0, mean: 0, deviation: 0 });
  });

  it('has fences around its quartiles, or around its mean', () => {
    const column = sorted([1, 2, 3, 4, 5, 6, 7, 8, 100]);
    expect(fencesOf(column, 'iqr', 1.5)).toEqual({ low: 3 - 6, high: 7 + 6 });
    expect(fencesOf(sorted([2, 2, 2]), 'iqr', 1.5)).toEqual({ low: 2, high: 2 });
    expect(fencesOf(sorted([2, 2, 2]), 'z-score', 3)).toBeUndefined();
    expect(fencesOf(sorted([]), 'iqr', 1.5)).toBeUndefined();
    const { low, high } = fencesOf(sorted([1, 3]), 'z-score', 3)!;
    expect([low, high].map((fence) => Math.round(fence * 1e6) / 1e6)).toEqual([-1, 5]);
  });

  it('has a middle, and a most frequent value: of equally frequent ones the least', () => {
    expect([medianOf(sorted([3, 1, 2])), medianOf(sorted([4, 1, 2, 3]))]).toEqual([2, 2.5]);
    expect([modeOf(sorted([3, 1, 3, 1, 2])), modeOf(sorted([5]))]).toEqual([1, 5]);
    expect([2.5, -2.5, 2.4, -0.2].map(roundedAway)).toEqual([3, -3, 2, 0]);
  });
});
