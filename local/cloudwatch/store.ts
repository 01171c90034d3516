import { join } from 'node:path';
import { Sqlite } from '../sqlite.ts';
import { type Bucket, bucketIndex } from './histogram.ts';
import type { Metric } from './metric.ts';

/** The buckets of one period, ascending. `start` is epoch seconds. */
export interface Period {
  readonly start: number;
  readonly buckets: readonly Bucket[];
}

/** Metric values by second in histogram buckets, in one SQLite file. */
export interface MetricStore {
  /** `time` is epoch milliseconds. */
  add(metric: Metric, unit: string, time: number, sample: Bucket): void;
  /** All of `work`'s additions, or none. */
  transaction(work: () => void): void;
  /** The periods from `from` up to before `to` (epoch seconds) that hold values, ascending. */
  periods(
    metric: Metric,
    unit: string | undefined,
    range: { from: number; to: number; period: number },
  ): Period[];
  /** Forgets what is older than `before` (epoch seconds). */
  prune(before: number): void;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sample (
    series TEXT, second INTEGER, bucket INTEGER, count REAL NOT NULL, sum REAL NOT NULL, min REAL NOT NULL, max REAL NOT NULL,
    PRIMARY KEY (series, second, bucket)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS sample_second ON sample (second);`;

const ADD = `
  INSERT INTO sample (series, second, bucket, count, sum, min, max) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count, sum = sum + excluded.sum,
    min = min(min, excluded.min), max = max(max, excluded.max)`;

// A series' key ends with its unit, so that one prefix names a metric in all units.
const PERIODS = `
  SELECT second - second % ? AS start, bucket, sum(count) AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max
  FROM sample WHERE series >= ? AND series < ? AND second >= ? AND second < ?
  GROUP BY start, bucket ORDER BY start, bucket`;

export function openMetricStore(dir: string): MetricStore {
  const db = new Sqlite(join(dir, 'cloudwatch.db'), SCHEMA);
  return {
    add(metric, unit, time, { count, sum, min, max }) {
      const second = Math.floor(time / 1000);
      db.run(ADD, seriesKey(metric) + unit, second, bucketIndex(sum / count), count, sum, min, max);
    },
    transaction: (work) => db.transaction(work),
    periods(metric, unit, { from, to, period }) {
      const key = seriesKey(metric) + (unit ?? '');
      const end = `${key}${unit === undefined ? '\u{10ffff}' : '\u0000'}`;
      const rows = db.all<Bucket & { start: number }>(PERIODS, period, key, end, from, to);
      return [...Map.groupBy(rows, ({ start }) => start)].map(([start, buckets]) => ({ start, buckets }));
    },
    prune: (before) => void db.run('DELETE FROM sample WHERE second < ?', before),
    close: () => db.close(),
  };
}

function seriesKey({ namespace, name, dimensions }: Metric): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify([namespace, name, sorted])}\u0001`;
}
