/**
 * Values of one second (or of one period) in buckets 2 % wide, each with its exact count, sum, minimum and
 * maximum: all statistics are exact but percentiles, which are within 2 %.
 */
export interface Bucket {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** Of buckets in ascending order of their values; there is at least one. */
export type Statistic = (buckets: readonly Bucket[]) => number;

const WIDTH = Math.log(1.02);
// Keeps every exponent of a double positive, so that the sign of the index is the sign of the value.
const OFFSET = 40_000;

/** The bucket of a value; greater values never have smaller indexes. */
export function bucketIndex(value: number): number {
  if (value === 0) return 0;
  return Math.sign(value) * (OFFSET + Math.floor(Math.log(Math.abs(value)) / WIDTH));
}

const total = (buckets: readonly Bucket[], of: 'count' | 'sum') =>
  buckets.reduce((sum, bucket) => sum + bucket[of], 0);
const least: Statistic = (buckets) => Math.min(...buckets.map(({ min }) => min));
const greatest: Statistic = (buckets) => Math.max(...buckets.map(({ max }) => max));

const STATISTICS: Readonly<Record<string, Statistic>> = {
  Sum: (buckets) => total(buckets, 'sum'),
  Average: (buckets) => total(buckets, 'sum') / total(buckets, 'count'),
  Minimum: least,
  Maximum: greatest,
  SampleCount: (buckets) => total(buckets, 'count'),
};

/** `Sum` … `SampleCount`, `p0` … `p100` with up to ten decimals; undefined for any other text. */
export function statisticNamed(text: string): Statistic | undefined {
  if (Object.hasOwn(STATISTICS, text)) return STATISTICS[text];
  const percent = Number(/^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(text)?.[1]);
  return percent <= 100 ? (buckets) => percentile(buckets, percent) : undefined;
}

function percentile(buckets: readonly Bucket[], percent: number): number {
  if (percent === 0) return least(buckets);
  if (percent === 100) return greatest(buckets);
  let left = (percent / 100) * total(buckets, 'count');
  for (const { count, sum } of buckets) {
    left -= count;
    if (left <= 0) return sum / count;
  }
  return greatest(buckets);
}
