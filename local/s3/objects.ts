import { randomBytes } from 'node:crypto';
import type { Row, Sqlite } from '../sqlite.ts';
import type { Blob } from './blobs.ts';
import { requireBucket } from './buckets.ts';
import type { S3Call, S3Context } from './call.ts';
import type { Checksum } from './checksum.ts';
import { type CreationReason, objectEvent } from './object-event.ts';
import { notImplemented, s3Error } from './s3-error.ts';

/** What a write states; `etag` is without quotes, `headers` are those that a read gives back. */
export interface ObjectContent {
  readonly headers: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly checksum?: Checksum | undefined;
  readonly blobs: readonly Blob[];
  /** The multipart upload that made it. */
  readonly uploadId?: string;
}

/** One version of a key, or a delete marker. `sequence` orders all writes of this S3; `modified` is epoch
 * milliseconds. */
export interface ObjectVersion extends ObjectContent {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  readonly sequence: number;
  readonly versionId: string;
  readonly isLatest: 0 | 1;
  readonly isMarker: 0 | 1;
  readonly modified: number;
}

/** The latest version (a delete marker too) or the one named. */
export function findObject(
  db: Sqlite,
  bucket: string,
  key: string,
  versionId?: string | null,
): ObjectVersion | undefined {
  const row = versionId
    ? db.get('SELECT * FROM object WHERE bucket = ? AND key = ? AND versionId = ?', bucket, key, versionId)
    : db.get('SELECT * FROM object WHERE bucket = ? AND key = ? AND isLatest = 1', bucket, key);
  return row && toVersion(row);
}

/** The version to read. Throws NoSuchKey, NoSuchVersion, and what `marked` throws when a delete marker is asked for by
 * its version. */
export function readableObject(
  db: Sqlite,
  { bucket, key, versionId }: { bucket: string; key: string; versionId: string | null },
  marked: (marker: ObjectVersion) => Error,
): ObjectVersion {
  const version = findObject(db, bucket, key, versionId);
  if (!version && versionId) throw s3Error('NoSuchVersion', { Key: key, VersionId: versionId });
  if (version?.isMarker) throw marked(version);
  if (!version) throw s3Error('NoSuchKey', { Key: key });
  return version;
}

/** Inside a transaction: makes the object the latest version, with its event in the outbox. Throws NoSuchBucket
 * and, as the condition says, PreconditionFailed or NoSuchKey. */
export function writeObject(
  context: S3Context,
  call: S3Call,
  content: ObjectContent,
  reason: CreationReason,
): ObjectVersion {
  const bucket = requireBucket(context.db, call.bucket);
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = call.headers;
  requireWriteCondition(context.db, call.bucket, call.key, ifMatch, ifNoneMatch);
  const version = insertVersion(context, call.bucket, call.key, bucket.versioned, content);
  if (bucket.eventBridge)
    context.outbox.add([{ item: objectEvent(context, call, version, { type: 'Object Created', reason }) }]);
  return version;
}

export interface Deletion {
  readonly key: string;
  /** Removes this version for good; without it a versioned bucket gets a delete marker. */
  readonly versionId: string | undefined;
  readonly ifMatch: string | undefined;
}

/** Inside a transaction: gives the version that was removed, or the delete marker that was made; nothing when
 * there was nothing to delete. */
export function deleteObject(
  context: S3Context,
  call: S3Call,
  { key, versionId, ifMatch }: Deletion,
): ObjectVersion | undefined {
  const { db } = context;
  const bucket = requireBucket(db, call.bucket);
  requireWriteCondition(db, bucket.name, key, ifMatch);
  const marks = versionId === undefined && (bucket.versioned || hasVersions(db, bucket.name, key));
  const gone = marks
    ? insertVersion(context, bucket.name, key, bucket.versioned, { headers: {}, etag: '', blobs: [] }, 1)
    : removeVersion(context, bucket.name, key, versionId ?? 'null');
  if (!gone || !bucket.eventBridge) return gone;
  const sequence = marks ? gone.sequence : nextSequence(db);
  const how = { type: 'Object Deleted', reason: 'DeleteObject' } as const;
  const deletion = {
    ...how,
    'deletion-type': marks ? 'Delete Marker Created' : 'Permanently Deleted',
  } as const;
  context.outbox.add([{ item: objectEvent(context, call, { ...gone, sequence }, deletion) }]);
  return gone;
}

function requireWriteCondition(
  db: Sqlite,
  bucket: string,
  key: string,
  ifMatch: string | undefined,
  ifNoneMatch?: string,
): void {
  if (ifMatch === undefined && ifNoneMatch === undefined) return;
  if ((ifNoneMatch ?? '*') !== '*') throw notImplemented('If-None-Match with an ETag on a write');
  const found = findObject(db, bucket, key);
  const current = found?.isMarker ? undefined : found;
  if (ifNoneMatch && current) throw s3Error('PreconditionFailed', { Condition: 'If-None-Match' });
  if (ifMatch === undefined) return;
  if (!current) throw s3Error('NoSuchKey', { Key: key });
  if (!matchesEtag(ifMatch, current.etag)) throw s3Error('PreconditionFailed', { Condition: 'If-Match' });
}

/** Whether a header's list of ETags, quoted or not, names this one. */
export function matchesEtag(header: string, etag: string): boolean {
  return header.split(',').some((item) => ['*', etag].includes(item.trim().replace(/^"(.*)"$/, '$1')));
}

/** Of a bucket whose versioning was switched off: without a delete marker they would come to light. */
function hasVersions(db: Sqlite, bucket: string, key: string): boolean {
  const sql = "SELECT 1 FROM object WHERE bucket = ? AND key = ? AND versionId <> 'null' LIMIT 1";
  return db.get(sql, bucket, key) !== undefined;
}

function insertVersion(
  context: S3Context,
  bucket: string,
  key: string,
  versioned: 0 | 1,
  content: ObjectContent,
  isMarker: 0 | 1 = 0,
): ObjectVersion {
  const { db } = context;
  const versionId = versioned ? randomBytes(24).toString('base64url') : 'null';
  if (!versioned) removeVersion(context, bucket, key, versionId);
  db.run('UPDATE object SET isLatest = 0 WHERE bucket = ? AND key = ? AND isLatest = 1', bucket, key);
  const { blobs, uploadId, ...stated } = content;
  const size = blobs.reduce((sum, blob) => sum + blob.size, 0);
  const sequence = nextSequence(db);
  const modified = context.clock.now();
  const values = [sequence, bucket, key, versionId, isMarker, modified, size, JSON.stringify(stated)];
  const sql = 'INSERT INTO object VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)';
  db.run(sql, ...values, JSON.stringify(blobs), uploadId ?? null);
  return { ...content, bucket, key, size, sequence, versionId, isLatest: 1, isMarker, modified };
}

function removeVersion(
  { db, blobs }: S3Context,
  bucket: string,
  key: string,
  versionId: string,
): ObjectVersion | undefined {
  const version = findObject(db, bucket, key, versionId);
  if (!version) return undefined;
  db.run('DELETE FROM object WHERE sequence = ?', version.sequence);
  for (const { id } of version.blobs) blobs.release(id);
  const newest = 'SELECT max(sequence) FROM object WHERE bucket = ? AND key = ?';
  if (version.isLatest) db.run(`UPDATE object SET isLatest = 1 WHERE sequence = (${newest})`, bucket, key);
  return version;
}

function nextSequence(db: Sqlite): number {
  return Number(db.get('UPDATE sequence SET value = value + 1 RETURNING value')?.value);
}

/** Of a row of table `object`, or of its columns but some. */
export function toVersion({ stated, blobs, ...row }: Row): ObjectVersion {
  return { ...row, ...JSON.parse(String(stated)), blobs: JSON.parse(String(blobs)) };
}
