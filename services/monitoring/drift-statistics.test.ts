import fc from 'fast-check';
import { binOf, ksDistance, ksProbability, placeOf } from './drift-statistics.ts';

/** The distance by its definition: the largest gap between the two shares of values ≤ x, over every x. */
function bruteForce(a: readonly number[], b: readonly number[]): number {
  const share = (values: readonly number[], x: number) =>
    values.filter((value) => value <= x).length / values.length;
  return Math.max(...[...a, ...b].map((x) => Math.abs(share(a, x) - share(b, x))));
}

function histogram(edges: readonly number[], values: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 2).fill(0);
  for (const value of values) counts[binOf(edges, value) + 1]! += 1;
  return counts;
}

describe('binOf', () => {
  it.each([
    [-5, 0],
    [1, 0],
    [1.5, 1],
    [2, 1],
    [4, 2],
    [4.1, 3],
  ])('given edges 1, 2, 4, when the value is %d, then it is in bin %d', (value, bin) => {
    expect(binOf([1, 2, 4], value)).toBe(bin);
  });
});

describe('placeOf', () => {
  it('given a missing value, then it stands before the first bin', () => {
    expect(placeOf([1, 2], Number.NaN)).toBe(0);
    expect(placeOf([1, 2], 1.5)).toBe(2);
  });
});

describe('ksDistance', () => {
  const edges = [1, 2, 3, 5, 8, 13];
  const sample = fc.array(fc.constantFrom(...edges), { minLength: 1, maxLength: 60 });

  it('equals the brute-force distance where every value is an edge', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        expect(ksDistance(histogram(edges, a), histogram(edges, b))).toBeCloseTo(bruteForce(a, b), 12);
      }),
    );
  });

  it('is symmetric, and zero against itself', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const [left, right] = [histogram(edges, a), histogram(edges, b)];
        expect(ksDistance(left, right)).toBe(ksDistance(right, left));
        expect(ksDistance(left, left)).toBe(0);
      }),
    );
  });

  it('given only another share of missing values, then the distance is the difference of the shares', () => {
    expect(ksDistance([50, 50, 0], [0, 100, 0])).toBe(0.5);
  });
});

describe('ksProbability', () => {
  // Kolmogorov's limiting distribution: Q(0.8276) = 0.5, Q(1) = 0.27, Q(1.3581) = 0.05, Q(1.6276) = 0.01.
  it.each([
    [0.8276, 0.5],
    [1, 0.27],
    [1.3581, 0.05],
    [1.6276, 0.01],
  ])('given the statistic %d, then the probability is the tabled %d', (statistic, expected) => {
    const size = 2e8;
    expect(ksProbability(statistic / Math.sqrt(size / 2), size, size)).toBeCloseTo(expected, 3);
  });

  it('falls as the distance grows, within 0 and 1', () => {
    const distance = fc.double({ min: 0, max: 1, noNaN: true });
    const size = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(distance, distance, size, size, (a, b, n, m) => {
        const [small, large] = [ksProbability(Math.min(a, b), n, m), ksProbability(Math.max(a, b), n, m)];
        expect(large).toBeLessThanOrEqual(small + 1e-9);
        expect(large).toBeGreaterThanOrEqual(0);
        expect(small).toBeLessThanOrEqual(1);
      }),
    );
  });
});
