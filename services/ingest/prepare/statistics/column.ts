/** What is known of one column's present values, exactly, from the values sorted. Pure. */
import { BINS, QUANTILES } from '../../../../shared/preparation/result.ts';

/** Moments of a population. */
export interface Moments {
  readonly sum: number;
  readonly mean: number;
  readonly deviation: number;
}

/** So many values are added up plainly; the sums of such blocks with what rounding loses carried along (Neumaier), so
 * that engines that add in other orders agree. */
const BLOCK = 512;

/** The sum of `term` over all values. */
function sumOf(
  values: Float64Array,
  term: (values: Float64Array, from: number, to: number) => number,
): number {
  let sum = 0;
  let lost = 0;
  for (let from = 0; from < values.length; from += BLOCK) {
    const block = term(values, from, Math.min(values.length, from + BLOCK));
    const next = sum + block;
    lost += Math.abs(sum) >= Math.abs(block) ? sum - next + block : block - next + sum;
    sum = next;
  }
  return sum + lost;
}

function plainSum(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += values[at]!;
  return sum;
}

export function momentsOf(sorted: Float64Array): Moments {
  const count = sorted.length;
  if (count === 0) return { sum: 0, mean: 0, deviation: 0 };
  const sum = sumOf(sorted, plainSum);
  const mean = sum / count;
  const deviation = sorted[0] === sorted[count - 1] ? 0 : Math.sqrt(spreadAround(mean, sorted) / count);
  return { sum, mean, deviation };
}

/** The squares of the distances from a mean that is rounded: what the distances sum up to corrects them. */
function spreadAround(mean: number, values: Float64Array): number {
  const distances = sumOf(values, (of, from, to) => {
    let block = 0;
    for (let at = from; at < to; at++) block += of[at]! - mean;
    return block;
  });
  const squares = sumOf(values, (of, from, to) => {
    let block = 0;
    for (let at = from; at < to; at++) block += (of[at]! - mean) * (of[at]! - mean);
    return block;
  });
  return Math.max(0, squares - (distances * distances) / values.length);
}

export function distinctOf(sorted: Float64Array): number {
  let distinct = 0;
  for (let at = 0; at < sorted.length; at++) if (at === 0 || sorted[at] !== sorted[at - 1]) distinct++;
  return distinct;
}

/** BINS counts of equal width from the least to the greatest, which the last bin holds. */
export function histogramOf(sorted: Float64Array): readonly number[] {
  const minimum = sorted[0] ?? 0;
  const range = (sorted.at(-1) ?? 0) - minimum;
  const binOf = (value: number): number =>
    range === 0 ? 0 : Math.min(BINS - 1, Math.trunc(((value - minimum) / range) * BINS));
  const histogram: number[] = [];
  let from = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const to = firstThat(sorted, (value) => binOf(value) > bin);
    histogram.push(to - from);
    from = to;
  }
  return histogram;
}

/** The values at index ceil(i · n / 64) − 1 (i = 1 … 63), each once, ascending. */
export function quantileEdges(sorted: Float64Array): readonly number[] {
  const edges: number[] = [];
  for (let at = 1; at < QUANTILES && sorted.length > 0; at++) {
    const value = sorted[Math.ceil((at * sorted.length) / QUANTILES) - 1]!;
    if (edges.length === 0 || value > edges.at(-1)!) edges.push(value);
  }
  return edges;
}

/** Values up to each edge and above the one before; the last counts those above all. */
export function countsBetween(sorted: Float64Array, edges: readonly number[]): readonly number[] {
  const counts: number[] = [];
  let from = 0;
  for (const edge of edges) {
    const to = firstThat(sorted, (value) => value > edge);
    counts.push(to - from);
    from = to;
  }
  return [...counts, sorted.length - from];
}

/** The index of the first value from which on all are `beyond`, by halves; the length where none is. */
function firstThat(sorted: Float64Array, beyond: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (beyond(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function medianOf(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The most frequent; of equally frequent ones the least. */
export function modeOf(sorted: Float64Array): number {
  let mode = sorted[0]!;
  let most = 0;
  let run = 0;
  for (let at = 0; at < sorted.length; at++) {
    run = at > 0 && sorted[at] === sorted[at - 1] ? run + 1 : 1;
    if (run > most) {
      most = run;
      mode = sorted[at]!;
    }
  }
  return mode;
}

export interface Fences {
  readonly low: number;
  readonly high: number;
}

/** Beyond which a value is an outlier; undefined where none can be. */
export function fencesOf(
  sorted: Float64Array,
  method: 'iqr' | 'z-score',
  factor: number,
): Fences | undefined {
  const count = sorted.length;
  if (count === 0) return undefined;
  if (method === 'iqr') {
    const first = sorted[Math.ceil(count / 4) - 1]!;
    const third = sorted[Math.ceil((3 * count) / 4) - 1]!;
    return { low: first - factor * (third - first), high: third + factor * (third - first) };
  }
  const { mean, deviation } = momentsOf(sorted);
  if (sorted[0] === sorted[count - 1]) return undefined;
  const reach = factor * deviation * (1 + 1e-9);
  return { low: mean - reach, high: mean + reach };
}

/** Half away from zero. */
export const roundedAway = (value: number): number =>
  Math.sign(value) * Math.floor(Math.abs(value) + 0.5) + 0;
