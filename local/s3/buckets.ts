import type { Sqlite } from '../sqlite.ts';
import type { Operation } from './call.ts';
import { receiveDocument } from './receive-body.ts';
import { s3Error } from './s3-error.ts';
import { dropUpload, uploadsOf } from './uploads.ts';
import { parseXml } from './xml.ts';

/** The region whose location constraint is empty, for it was there first. */
const FIRST_REGION = 'us-east-1';

export interface BucketSettings {
  /** Every write makes a new version; else it replaces the version `null`. */
  readonly versioned: boolean;
  /** Writes and deletions emit events on the default bus. */
  readonly eventBridge: boolean;
}

/** `created` is epoch milliseconds. */
interface Bucket extends Readonly<Record<keyof BucketSettings, 0 | 1>> {
  readonly name: string;
  readonly created: number;
}

export function findBucket(db: Sqlite, name: string): Bucket | undefined {
  return db.get('SELECT * FROM bucket WHERE name = ?', name);
}

/** Throws NoSuchBucket. */
export function requireBucket(db: Sqlite, name: string): Bucket {
  const bucket = findBucket(db, name);
  if (!bucket) throw s3Error('NoSuchBucket', { BucketName: name });
  return bucket;
}

/** Makes the bucket, or gives the one that is there these settings. Throws InvalidBucketName ("Bucket naming rules",
 * S3 user guide). */
export function saveBucket(db: Sqlite, name: string, settings: BucketSettings, now: number): void {
  const isName = /^(?=.{3,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name);
  if (!isName || /^\d+\.\d+\.\d+\.\d+$/.test(name)) throw s3Error('InvalidBucketName', { BucketName: name });
  const sql = `INSERT INTO bucket VALUES (?, ?, ?, ?) ON CONFLICT (name)
    DO UPDATE SET versioned = excluded.versioned, eventBridge = excluded.eventBridge`;
  db.run(sql, name, Number(settings.versioned), Number(settings.eventBridge), now);
}

export const listBuckets: Operation = ({ db, identity }) => {
  const buckets = db.all<Bucket>('SELECT * FROM bucket ORDER BY name');
  const Bucket = buckets.map(({ name, created }) => ({
    Name: name,
    CreationDate: new Date(created).toISOString(),
  }));
  const Owner = { ID: identity.account, DisplayName: identity.account };
  return { document: ['ListAllMyBucketsResult', { Owner, Buckets: { Bucket } }] };
};

export const headBucket: Operation = ({ identity }) => ({
  headers: { 'x-amz-bucket-region': identity.region },
});

/** A bucket that a client makes is neither versioned nor does it emit events. */
export const createBucket: Operation = async ({ db, clock, identity: { region } }, call) => {
  const body = await receiveDocument(call);
  const asked = body.length > 0 && parseXml(body, 'CreateBucketConfiguration').LocationConstraint;
  if (asked && asked !== region) throw s3Error('IllegalLocationConstraintException');
  if (!findBucket(db, call.bucket)) {
    saveBucket(db, call.bucket, { versioned: false, eventBridge: false }, clock.now());
  } else if (region !== FIRST_REGION) {
    throw s3Error('BucketAlreadyOwnedByYou', { BucketName: call.bucket });
  }
  return { headers: { location: `/${call.bucket}` } };
};

/** Unfinished uploads do not keep a bucket; they go with it. */
export const deleteBucket: Operation = (context, { bucket }) => {
  const { db } = context;
  db.transaction(() => {
    const isUsed = db.get('SELECT 1 FROM object WHERE bucket = ? LIMIT 1', bucket);
    if (isUsed) throw s3Error('BucketNotEmpty', { BucketName: bucket });
    for (const upload of uploadsOf(db, bucket)) dropUpload(context, upload);
    db.run('DELETE FROM bucket WHERE name = ?', bucket);
  });
  return { status: 204 };
};

export const getBucketLocation: Operation = ({ identity: { region } }) => ({
  document: ['LocationConstraint', region === FIRST_REGION ? '' : region],
});
