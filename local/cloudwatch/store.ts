import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Bucket, bucketIndex, merged } from './histogram.ts';

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** The buckets of one period, ascending. `start` is epoch seconds. */
export interface Period {
  readonly start: number;
  readonly buckets: readonly Bucket[];
}

/** Metric values by second in histogram buckets, in one SQLite file. */
export interface MetricStore {
  /** Adds to what the next flush writes. `time` is epoch milliseconds. */
  add(metric: Metric, unit: string, time: number, sample: Bucket): void;
  flush(): void;
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

interface Pending {
  readonly series: string;
  readonly second: number;
  readonly bucket: number;
  sample: Bucket;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sample (
    series TEXT, second INTEGER, bucket INTEGER, count REAL NOT NULL, sum REAL NOT NULL, min REAL NOT NULL, max REAL NOT NULL,
    PRIMARY KEY (series, second, bucket)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS sample_second ON sample (second);`;

const UPSERT = `
  INSERT INTO sample (series, second, bucket, count, sum, min, max) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count, sum = sum + excluded.sum,
    min = min(min, excluded.min), max = max(max, excluded.max)`;

// A series' key ends with its unit, so that one prefix names a metric in all units.
const SELECT = `
  SELECT second - second % ? AS start, bucket, sum(count) AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max
  FROM sample WHERE series >= ? AND series < ? AND second >= ? AND second < ?
  GROUP BY start, bucket ORDER BY start, bucket`;

const SEPARATOR = '\u0001';

export function openMetricStore(dir: string): MetricStore {
  mkdirSync(dir, { recursive: true });
  const db = new DatabaseSync(join(dir, 'cloudwatch.db'));
  db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; ${SCHEMA}`);
  const upsert = db.prepare(UPSERT);
  const select = db.prepare(SELECT);
  const remove = db.prepare('DELETE FROM sample WHERE second < ?');
  let pending = new Map<string, Pending>();

  function flush(): void {
    if (pending.size === 0) return;
    const batch = pending;
    pending = new Map();
    db.exec('BEGIN IMMEDIATE');
    for (const { series, second, bucket, sample } of batch.values()) {
      upsert.run(series, second, bucket, sample.count, sample.sum, sample.min, sample.max);
    }
    db.exec('COMMIT');
  }

  return {
    add: (metric, unit, time, sample) => {
      const series = seriesKey(metric) + unit;
      const second = Math.floor(time / 1000);
      const bucket = bucketIndex(sample.sum / sample.count);
      const key = `${second} ${bucket} ${series}`;
      const known = pending.get(key);
      if (known) known.sample = merged(known.sample, sample);
      else pending.set(key, { series, second, bucket, sample });
    },
    flush,
    periods: (metric, unit, { from, to, period }) => {
      flush();
      const key = seriesKey(metric);
      const range = unit === undefined ? [key, `${key}\u{10ffff}`] : [key + unit, `${key + unit}\u0000`];
      const rows = select.all(period, ...(range as [string, string]), from, to) as unknown as (Bucket & {
        start: number;
      })[];
      return [...Map.groupBy(rows, (row) => row.start)].map(([start, buckets]) => ({ start, buckets }));
    },
    prune: (before) => void remove.run(before),
    close: () => {
      flush();
      db.close();
    },
  };
}

function seriesKey({ namespace, name, dimensions }: Metric): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]) + SEPARATOR;
}
