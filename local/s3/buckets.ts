import type { Database } from './database.ts';
import { noSuchBucket } from './errors.ts';

export interface Bucket {
  readonly name: string;
  /** Every write makes a new version; else it replaces the version `null`. */
  readonly versioned: boolean;
  /** Writes and deletions emit events on the default bus. */
  readonly eventBridge: boolean;
  /** Epoch milliseconds. */
  readonly created: number;
}

export type BucketSettings = Pick<Bucket, 'versioned' | 'eventBridge'>;

export function findBucket(db: Database, name: string): Bucket | undefined {
  const row = db.get('SELECT * FROM bucket WHERE name = ?', name);
  if (!row) return undefined;
  const settings = { versioned: row.versioned === 1, eventBridge: row.event_bridge === 1 };
  return { name, created: Number(row.created), ...settings };
}

/** Throws NoSuchBucket. */
export function requireBucket(db: Database, name: string): Bucket {
  const bucket = findBucket(db, name);
  if (!bucket) throw noSuchBucket(name);
  return bucket;
}

/** By name. */
export function allBuckets(db: Database): { name: string; created: number }[] {
  const rows = db.all('SELECT name, created FROM bucket ORDER BY name');
  return rows.map((row) => ({ name: String(row.name), created: Number(row.created) }));
}

/** Makes the bucket, or gives the one that is there these settings. */
export function saveBucket(db: Database, name: string, settings: BucketSettings, now: number): void {
  db.run(
    `INSERT INTO bucket (name, versioned, event_bridge, created) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET versioned = excluded.versioned, event_bridge = excluded.event_bridge`,
    name,
    Number(settings.versioned),
    Number(settings.eventBridge),
    now,
  );
}
