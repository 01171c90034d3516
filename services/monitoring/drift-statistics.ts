/** Binned Kolmogorov-Smirnov statistics. A histogram counts the missing values first, then one bin per edge
 * (value ≤ edge), then the values above the last edge. */

/** The index of the first edge that is not below `value`; `edges.length` when all are. */
export function binOf(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (edges[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The place of a value in a histogram: 0 for a missing one (NaN). */
export const placeOf = (edges: readonly number[], value: number): number =>
  Number.isNaN(value) ? 0 : binOf(edges, value) + 1;

/** The largest difference between two cumulative distributions over the same bins, 0 to 1. The missing values stand
 * before the first bin, so that a change of their share alone is a difference of that size. */
export function ksDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [totalA, totalB] = [sum(a), sum(b)];
  if (totalA === 0 || totalB === 0) return 0;
  let largest = 0;
  let [seenA, seenB] = [0, 0];
  for (let i = 0; i < a.length; i += 1) {
    seenA += a[i] as number;
    seenB += b[i] as number;
    largest = Math.max(largest, Math.abs(seenA / totalA - seenB / totalB));
  }
  return largest;
}

const TERMS = 100;

/** The asymptotic probability of a distance at least this large between samples of `n` and `m` values of one
 * distribution, with Stephens' correction for small samples. Conservative where values tie, as binned ones do. */
export function ksProbability(distance: number, n: number, m: number): number {
  if (n === 0 || m === 0) return 1;
  const root = Math.sqrt((n * m) / (n + m));
  const lambda = (root + 0.12 + 0.11 / root) * distance;
  // Below this the alternating series has not converged within its terms, and the probability is 1.
  if (lambda < 0.2) return 1;
  let total = 0;
  for (let j = 1; j <= TERMS; j += 1) {
    const term = Math.exp(-2 * j * j * lambda * lambda);
    total += j % 2 === 1 ? term : -term;
    if (term < 1e-16) break;
  }
  return Math.min(1, Math.max(0, 2 * total));
}

function sum(counts: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < counts.length; i += 1) total += counts[i] as number;
  return total;
}
