/** How much worse than another a model may be, judged by both on the same rows: upper one-sided 95 % bounds on the
 * difference of their mean losses. Pure.
 *
 * Pairing takes out what makes a row hard for both models; what remains is how often, and how far, they disagree. Both
 * bounds are normal approximations of Wilson's kind: the variance grows with the difference that is being tried, so
 * that a handful of rows without any disagreement does not look like certainty. */

export interface PairedBound {
  /** Mean loss of the candidate minus that of the champion. */
  readonly difference: number;
  readonly bound: number;
  /** About how many rows like these would bring the bound down to `margin`; infinite when no number would. */
  rowsFor(margin: number): number;
}

/** One-sided 95 % quantile of the normal distribution. */
const Z = 1.6448536269514722;
const BISECTIONS = 60;

/** Student's quantile from the normal one (Abramowitz and Stegun, 26.7.5). */
function studentQuantile(freedom: number): number {
  const first = (Z ** 3 + Z) / 4;
  const second = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96;
  return Z + first / freedom + second / freedom ** 2;
}

function rowsFor(margin: number, difference: number, variance: number, largest: number): number {
  const room = margin - difference;
  return room > 0 ? Math.ceil((Z ** 2 * (variance + largest * room)) / room ** 2) : Number.POSITIVE_INFINITY;
}

/** For losses of 0 and 1, where `worse` rows were lost by the candidate alone and `better` rows by the champion alone:
 * Tango's score bound (Equivalence test and confidence interval for the difference in proportions for the paired-sample
 * design, Statistics in Medicine 17, 1998). Without any disagreement it is Wilson's, z² / (n + z²). */
export function boundOfShares(counts: { worse: number; better: number; rows: number }): PairedBound {
  const { worse, better, rows } = counts;
  const difference = (worse - better) / rows;
  const variance = (worse + better) / rows - difference ** 2;

  /** Standard error, if the true difference were `delta`: the likeliest share of rows that only the champion loses
   * then solves a quadratic equation. */
  function errorAt(delta: number): number {
    const b = delta * (2 * rows - worse + better) - worse - better;
    const c = -better * delta * (1 - delta);
    const alone = (Math.sqrt(Math.max(0, b * b - 8 * rows * c)) - b) / (4 * rows);
    return Math.sqrt(Math.max(0, 2 * alone + delta * (1 - delta)) / rows);
  }

  let [possible, refuted] = [difference, 1];
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (possible + refuted) / 2;
    if (middle - difference <= Z * errorAt(middle)) possible = middle;
    else refuted = middle;
  }
  return { difference, bound: refuted, rowsFor: (margin) => rowsFor(margin, difference, variance, 1) };
}

/** For losses of any size. `influences` are what each row adds to `difference` (their spread is what counts). The bound
 * t above it solves n·t² = z²·(s² + R·t), with Student's z and R the largest distance of an influence from their mean:
 * Wilson's equation for a range of R, and Bernstein's form of it (Maurer and Pontil, Empirical Bernstein bounds and
 * sample-variance penalization, 2009). */
export function boundOfMeans(influences: readonly number[], difference: number): PairedBound {
  const rows = influences.length;
  const mean = influences.reduce((sum, value) => sum + value, 0) / rows;
  let [squares, largest] = [0, Math.abs(difference)];
  for (const value of influences) {
    squares += (value - mean) ** 2;
    largest = Math.max(largest, Math.abs(value - mean));
  }
  const freedom = Math.max(1, rows - 1);
  const variance = squares / freedom;
  const scale = studentQuantile(freedom) ** 2 / rows;
  const above = (scale * largest + Math.sqrt((scale * largest) ** 2 + 4 * scale * variance)) / 2;
  return {
    difference,
    bound: difference + above,
    rowsFor: (margin) => rowsFor(margin, difference, variance, largest),
  };
}
