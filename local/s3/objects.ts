import { randomBytes } from 'node:crypto';
import type { Segment } from './blobs.ts';
import { type Bucket, requireBucket } from './buckets.ts';
import type { S3Call, S3Context } from './call.ts';
import type { Checksum } from './checksum.ts';
import type { Database, Row } from './database.ts';
import { noSuchKey, notImplemented, preconditionFailed } from './errors.ts';
import { type CreationReason, type DeletionType, objectCreated, objectDeleted } from './object-event.ts';

/** What a write states; `etag` is without quotes, `headers` are those that a read gives back. */
export interface ObjectContent {
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly size: number;
  readonly etag: string;
  readonly checksum: Checksum | undefined;
  readonly segments: readonly Segment[];
  /** The multipart upload that made it. */
  readonly uploadId?: string;
}

/** One version of a key. `sequence` orders all writes of this S3; `modified` is epoch milliseconds. */
export interface ObjectVersion extends Omit<ObjectContent, 'uploadId'> {
  readonly sequence: number;
  readonly versionId: string;
  readonly latest: boolean;
  readonly deleteMarker: boolean;
  readonly modified: number;
}

/** `If-Match` and `If-None-Match` of a write, as they came. */
export interface WriteCondition {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

export function writeConditionOf(call: S3Call): WriteCondition {
  return { ifMatch: call.headers['if-match'], ifNoneMatch: call.headers['if-none-match'] };
}

/** The latest version (a delete marker too) or the one named. */
export function findObject(
  db: Database,
  bucket: string,
  key: string,
  versionId?: string,
): ObjectVersion | undefined {
  const row = versionId
    ? db.get('SELECT * FROM object WHERE bucket = ? AND key = ? AND version_id = ?', bucket, key, versionId)
    : db.get('SELECT * FROM object WHERE bucket = ? AND key = ? AND latest = 1', bucket, key);
  return row && toVersion(row);
}

/** The object that a completed multipart upload made, while it is still there. */
export function findObjectOfUpload(
  db: Database,
  bucket: string,
  key: string,
  upload: string,
): ObjectVersion | undefined {
  const row = db.get(
    'SELECT * FROM object WHERE upload_id = ? AND bucket = ? AND key = ?',
    upload,
    bucket,
    key,
  );
  return row && toVersion(row);
}

/** Inside a transaction: makes the object the latest version, with its event in the outbox. Throws NoSuchBucket
 * and, as the condition says, PreconditionFailed or NoSuchKey. */
export function writeObject(
  context: S3Context,
  call: S3Call,
  content: ObjectContent,
  reason: CreationReason,
): ObjectVersion {
  const bucket = requireBucket(context.db, content.bucket);
  requireWriteCondition(context.db, content.bucket, content.key, writeConditionOf(call));
  const version = insertVersion(context, bucket, content, false);
  if (bucket.eventBridge) context.outbox.add(objectCreated(context, call, version, reason));
  return version;
}

export interface Deletion {
  readonly key: string;
  /** Removes this version for good; without it a versioned bucket gets a delete marker. */
  readonly versionId: string | undefined;
  readonly condition: WriteCondition;
}

/** Inside a transaction: gives the version that was removed, or the delete marker that was made; nothing when
 * there was nothing to delete. */
export function deleteObject(
  context: S3Context,
  call: S3Call,
  deletion: Deletion,
): ObjectVersion | undefined {
  const bucket = requireBucket(context.db, call.bucket);
  const { key, versionId } = deletion;
  requireWriteCondition(context.db, bucket.name, key, { ifMatch: deletion.condition.ifMatch });
  const marks =
    versionId === undefined && (bucket.versioned || hasOtherVersions(context.db, bucket.name, key));
  const gone = marks
    ? insertVersion(context, bucket, deleteMarker(bucket.name, key), true)
    : removeVersion(context, bucket.name, key, versionId ?? 'null');
  if (!gone || !bucket.eventBridge) return gone;
  const type: DeletionType = marks ? 'Delete Marker Created' : 'Permanently Deleted';
  const sequence = marks ? gone.sequence : nextSequence(context.db);
  context.outbox.add(objectDeleted(context, call, gone, { type, sequence }));
  return gone;
}

function requireWriteCondition(db: Database, bucket: string, key: string, condition: WriteCondition): void {
  if (condition.ifMatch === undefined && condition.ifNoneMatch === undefined) return;
  const found = findObject(db, bucket, key);
  const current = found?.deleteMarker ? undefined : found;
  if (condition.ifNoneMatch !== undefined) {
    if (condition.ifNoneMatch !== '*') throw notImplemented('If-None-Match with an ETag on a write');
    if (current) throw preconditionFailed('If-None-Match');
  }
  if (condition.ifMatch === undefined) return;
  if (!current) throw noSuchKey(key);
  if (!matchesEtag(condition.ifMatch, current.etag)) throw preconditionFailed('If-Match');
}

/** Whether a header's list of ETags, quoted or not, names this one. */
export function matchesEtag(header: string, etag: string): boolean {
  return header.split(',').some((item) => ['*', etag].includes(item.trim().replace(/^"(.*)"$/, '$1')));
}

function deleteMarker(bucket: string, key: string): ObjectContent {
  return { bucket, key, headers: {}, size: 0, etag: '', checksum: undefined, segments: [] };
}

function hasOtherVersions(db: Database, bucket: string, key: string): boolean {
  return !!db.get(
    "SELECT 1 FROM object WHERE bucket = ? AND key = ? AND version_id <> 'null' LIMIT 1",
    bucket,
    key,
  );
}

function insertVersion(
  context: S3Context,
  bucket: Bucket,
  content: ObjectContent,
  marker: boolean,
): ObjectVersion {
  const { db } = context;
  const versionId = bucket.versioned ? randomBytes(24).toString('base64url') : 'null';
  if (!bucket.versioned) removeVersion(context, bucket.name, content.key, versionId);
  db.run(
    'UPDATE object SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1',
    bucket.name,
    content.key,
  );
  const { uploadId = null, ...stored } = content;
  const { key, segments, headers, size, etag, checksum } = stored;
  const stated = JSON.stringify({ headers, size, etag, checksum });
  const sequence = nextSequence(db);
  const modified = context.clock.now();
  const values = [sequence, bucket.name, key, versionId, Number(marker), modified, stated];
  const sql = 'INSERT INTO object VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?)';
  db.run(sql, ...values, JSON.stringify(segments), uploadId);
  return { ...stored, sequence, versionId, latest: true, deleteMarker: marker, modified };
}

function removeVersion(
  context: S3Context,
  bucket: string,
  key: string,
  versionId: string,
): ObjectVersion | undefined {
  const version = findObject(context.db, bucket, key, versionId);
  if (!version) return undefined;
  context.db.run('DELETE FROM object WHERE sequence = ?', version.sequence);
  for (const segment of version.segments) context.blobs.release(segment.blob);
  const newest = 'SELECT max(sequence) FROM object WHERE bucket = ? AND key = ?';
  if (version.latest)
    context.db.run(`UPDATE object SET latest = 1 WHERE sequence = (${newest})`, bucket, key);
  return version;
}

function nextSequence(db: Database): number {
  return Number(db.get('UPDATE sequence SET value = value + 1 RETURNING value')?.value);
}

type Stated = Pick<ObjectVersion, 'headers' | 'size' | 'etag' | 'checksum'>;

export function toVersion(row: Row): ObjectVersion {
  return {
    ...(JSON.parse(String(row.stated)) as Stated),
    segments: JSON.parse(String(row.segments)) as Segment[],
    sequence: Number(row.sequence),
    bucket: String(row.bucket),
    key: String(row.key),
    versionId: String(row.version_id),
    latest: row.latest === 1,
    deleteMarker: row.delete_marker === 1,
    modified: Number(row.modified),
  };
}
