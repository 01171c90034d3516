import { randomBytes } from 'node:crypto';
import type { S3Call, S3Context } from './call.ts';
import type { Checksum } from './checksum.ts';
import type { Database } from './database.ts';
import { noSuchUpload } from './errors.ts';
import type { ReceivedBlob } from './receive-body.ts';

/** A multipart upload that is neither completed nor aborted. */
export interface Upload {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum: Omit<Checksum, 'value'> | undefined;
}

/** `etag` is without quotes, `checksum` base64, `modified` epoch milliseconds. */
export interface Part {
  readonly number: number;
  readonly blob: string;
  readonly size: number;
  readonly etag: string;
  readonly checksum: string | undefined;
  readonly modified: number;
}

export function createUpload(db: Database, call: S3Call, upload: Omit<Upload, 'id'>): Upload {
  const id = randomBytes(48).toString('base64url');
  const { headers, checksum } = upload;
  const stated = JSON.stringify({ headers, checksum });
  db.run('INSERT INTO upload VALUES (?, ?, ?, ?)', id, call.bucket, call.key, stated);
  return { ...upload, id };
}

/** The upload that the query and the path name. */
export function findUpload(db: Database, call: S3Call): Upload | undefined {
  const id = call.query.get('uploadId') ?? '';
  const sql = 'SELECT stated FROM upload WHERE id = ? AND bucket = ? AND key = ?';
  const row = db.get(sql, id, call.bucket, call.key);
  return row && { ...(JSON.parse(String(row.stated)) as Omit<Upload, 'id'>), id };
}

/** Throws NoSuchUpload. */
export function requireUpload(db: Database, call: S3Call): Upload {
  const upload = findUpload(db, call);
  if (!upload) throw noSuchUpload(call.query.get('uploadId') ?? '');
  return upload;
}

/** Inside a transaction: the part takes the place of an earlier one of that number. */
export function savePart(context: S3Context, upload: Upload, number: number, received: ReceivedBlob): void {
  const { db, blobs, clock } = context;
  const { blob, size, md5, checksum = null } = received;
  const replaced = db.get('SELECT blob FROM part WHERE upload_id = ? AND number = ?', upload.id, number);
  if (replaced) blobs.release(String(replaced.blob));
  const sql = 'INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?, ?)';
  db.run(sql, upload.id, number, blob, size, md5, checksum, clock.now());
}

/** At most `limit` parts with numbers greater than `after`, by number. */
export function partsOf(db: Database, upload: Upload, after = 0, limit = -1): Part[] {
  const sql = 'SELECT * FROM part WHERE upload_id = ? AND number > ? ORDER BY number LIMIT ?';
  return db.all(sql, upload.id, after, limit).map((row) => ({
    number: Number(row.number),
    blob: String(row.blob),
    size: Number(row.size),
    etag: String(row.etag),
    checksum: row.checksum === null ? undefined : String(row.checksum),
    modified: Number(row.modified),
  }));
}

/** Inside a transaction: forgets the upload; the files of its parts but those in `used` go too. */
export function dropUpload(context: S3Context, upload: Upload, used: readonly Part[] = []): void {
  const kept = new Set(used.map((part) => part.blob));
  for (const { blob } of partsOf(context.db, upload)) if (!kept.has(blob)) context.blobs.release(blob);
  context.db.run('DELETE FROM part WHERE upload_id = ?', upload.id);
  context.db.run('DELETE FROM upload WHERE id = ?', upload.id);
}
