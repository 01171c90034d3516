import fc from 'fast-check';
import { boundOfMeans, boundOfShares } from './paired-bound.ts';
import { seededRandom } from './testing/seeded-random.ts';

const Z = 1.6448536269514722;

/** Standard error at `delta` by searching the likeliest split of the disagreements, instead of solving for it. */
function searchedError(worse: number, better: number, rows: number, delta: number): number {
  const likelihood = (alone: number): number =>
    [
      [worse, alone + delta],
      [better, alone],
      [rows - worse - better, 1 - 2 * alone - delta],
    ].reduce(
      (sum, [count, share]) =>
        sum + ((count as number) > 0 ? (count as number) * Math.log(share as number) : 0),
      0,
    );
  let [low, high] = [Math.max(0, -delta), (1 - delta) / 2];
  for (let step = 0; step < 200; step += 1) {
    const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
    if (likelihood(left) < likelihood(right)) low = left;
    else high = right;
  }
  return Math.sqrt((low + high + delta * (1 - delta)) / rows);
}

const tables = fc
  .tuple(fc.nat(40), fc.nat(40), fc.integer({ min: 1, max: 2_000 }))
  .map(([worse, better, alike]) => ({ worse, better, rows: worse + better + alike }));

describe('the bound on shares', () => {
  it('is where the score of the constrained likelihood reaches the quantile (Tango 1998)', () => {
    fc.assert(
      fc.property(tables, ({ worse, better, rows }) => {
        const { bound, difference } = boundOfShares({ worse, better, rows });
        const score = (bound - difference) / searchedError(worse, better, rows, bound);
        expect(score).toBeCloseTo(Z, 4);
      }),
      { numRuns: 60 },
    );
  });

  it("is Wilson's bound where the models never disagree", () => {
    for (const rows of [1, 10, 100, 10_000]) {
      const { bound } = boundOfShares({ worse: 0, better: 0, rows });
      expect(bound).toBeCloseTo(Z ** 2 / (rows + Z ** 2), 9);
    }
  });

  it('lies above the difference, rises with every row lost and falls with every row won', () => {
    fc.assert(
      fc.property(tables, ({ worse, better, rows }) => {
        const { bound, difference } = boundOfShares({ worse, better, rows });
        expect(bound).toBeGreaterThan(difference);
        expect(bound).toBeLessThanOrEqual(1);
        expect(boundOfShares({ worse: worse + 1, better, rows }).bound).toBeGreaterThan(bound);
        expect(boundOfShares({ worse, better: better + 1, rows }).bound).toBeLessThan(bound);
      }),
    );
  });

  it.each([
    [60, 0.06, 0.02],
    [300, 0.03, 0.01],
    [1_000, 0.04, 0.04],
  ])('covers the true difference 19 times of 20, with %i rows', (rows, worseShare, betterShare) => {
    const random = seededRandom(rows);
    const runs = 1_000;
    const countRow = (counts: { worse: number; better: number }): void => {
      const draw = random.uniform();
      if (draw < worseShare) counts.worse += 1;
      else if (draw < worseShare + betterShare) counts.better += 1;
    };
    const covered = Array.from({ length: runs }, () => {
      const counts = { worse: 0, better: 0 };
      for (let row = 0; row < rows; row += 1) countRow(counts);
      return boundOfShares({ ...counts, rows }).bound >= worseShare - betterShare;
    }).filter(Boolean);
    expect(covered.length / runs).toBeGreaterThan(0.93);
  });
});

describe('the bound on means', () => {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;

  it('is the usual one where rows are many', () => {
    const random = seededRandom(5);
    const values = Array.from({ length: 50_000 }, () => 3 + 2 * random.normal());
    const { bound, difference } = boundOfMeans(values, mean(values));
    expect((bound - difference) / ((Z * 2) / Math.sqrt(50_000))).toBeCloseTo(1, 1);
  });

  it('is finite and no smaller than the difference, whatever the rows say', () => {
    const values = fc.array(fc.double({ min: -1e100, max: 1e100, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, (differences) => {
        const difference = mean(differences);
        const { bound } = boundOfMeans(differences, difference);
        expect(bound).toBeGreaterThanOrEqual(difference);
        expect(bound).toBeLessThan(1e120);
      }),
    );
  });

  it('scales with the losses: a bound in other units is the same bound', () => {
    const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 1_000 }), (differences, unit) => {
        const { bound } = boundOfMeans(differences, mean(differences));
        const scaled = differences.map((difference) => difference * unit);
        expect(boundOfMeans(scaled, mean(scaled)).bound / unit).toBeCloseTo(bound, 8);
      }),
    );
  });

  it('does not take a handful of equal losses for certainty', () => {
    const { bound } = boundOfMeans([0.5, 0.5, 0.5], 0.5);
    expect(bound).toBeGreaterThan(1);
    expect(boundOfMeans([0, 0, 0], 0).bound).toBe(0);
  });

  it('covers the true mean of skewed differences, whose rare large losses a sample may miss', () => {
    const random = seededRandom(23);
    const runs = 1_000;
    let covered = 0;
    for (let run = 0; run < runs; run += 1) {
      // One row in fifty costs ten times what the others gain.
      const values = Array.from({ length: 200 }, () =>
        random.chance(0.02) ? 5 : -0.05 + 0.1 * random.normal(),
      );
      if (boundOfMeans(values, mean(values)).bound >= 0.02 * 5 - 0.98 * 0.05) covered += 1;
    }
    expect(covered / runs).toBeGreaterThan(0.93);
  });

  it('says how many rows would do', () => {
    const random = seededRandom(7);
    const draw = (rows: number): number[] => Array.from({ length: rows }, () => random.normal());
    const few = boundOfMeans(draw(100), 0);
    const rows = few.rowsFor(0.05);
    const many = boundOfMeans(draw(rows), 0);
    expect(few.bound).toBeGreaterThan(0.05);
    expect(many.bound).toBeCloseTo(0.05, 2);
    expect(few.rowsFor(-0.1)).toBe(Number.POSITIVE_INFINITY);
  });
});
