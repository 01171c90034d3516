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

const WIDTH = Math.log(1.02);
// Keeps every exponent of a double positive, so that the sign of the index is the sign of the value.
const OFFSET = 40_000;

/** The bucket of a value; greater values never have smaller indexes. */
export function bucketIndex(value: number): number {
  if (value === 0) return 0;
  return Math.sign(value) * (OFFSET + Math.floor(Math.log(Math.abs(value)) / WIDTH));
}

export function merged(a: Bucket | undefined, b: Bucket): Bucket {
  if (!a) return b;
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

export type Statistic =
  | 'Sum'
  | 'Average'
  | 'Minimum'
  | 'Maximum'
  | 'SampleCount'
  | { readonly percentile: number };

/** `Sum` … `SampleCount`, `p0` … `p100` with up to ten decimals; undefined for any other text. */
export function parseStatistic(text: string): Statistic | undefined {
  switch (text) {
    case 'Sum':
    case 'Average':
    case 'Minimum':
    case 'Maximum':
    case 'SampleCount':
      return text;
    default: {
      const percentile = /^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(text)?.[1];
      return percentile !== undefined && Number(percentile) <= 100
        ? { percentile: Number(percentile) }
        : undefined;
    }
  }
}

/** A statistic of buckets in ascending order of their values; there is at least one. */
export function statisticOf(buckets: readonly Bucket[], statistic: Statistic): number {
  const total = buckets.reduce((a, b) => merged(a, b));
  if (typeof statistic === 'object') return percentileOf(buckets, total, statistic.percentile);
  switch (statistic) {
    case 'Sum':
      return total.sum;
    case 'Average':
      return total.sum / total.count;
    case 'Minimum':
      return total.min;
    case 'Maximum':
      return total.max;
    case 'SampleCount':
      return total.count;
  }
}

function percentileOf(buckets: readonly Bucket[], total: Bucket, percentile: number): number {
  if (percentile === 0) return total.min;
  if (percentile === 100) return total.max;
  let left = (percentile / 100) * total.count;
  for (const bucket of buckets) {
    left -= bucket.count;
    if (left <= 0) return bucket.sum / bucket.count;
  }
  return total.max;
}
