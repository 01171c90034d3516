import { randomBytes } from 'node:crypto';
import type { Sqlite } from '../sqlite.ts';
import type { S3Call, S3Context } from './call.ts';
import type { Checksum } from './checksum.ts';
import type { Received } from './receive-body.ts';
import { s3Error } from './s3-error.ts';

/** A multipart upload that is neither completed nor aborted. */
export interface Upload {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum?: Omit<Checksum, 'value'> | undefined;
}

/** `etag` is without quotes, `checksum` base64, `modified` epoch milliseconds. */
export interface Part {
  readonly number: number;
  readonly blob: string;
  readonly size: number;
  readonly etag: string;
  readonly checksum: string | null;
  readonly modified: number;
}

/** Gives its id. */
export function createUpload(db: Sqlite, call: S3Call, stated: Omit<Upload, 'id'>): string {
  const id = randomBytes(48).toString('base64url');
  db.run('INSERT INTO upload VALUES (?, ?, ?, ?)', id, call.bucket, call.key, JSON.stringify(stated));
  return id;
}

/** The upload that the query and the path name. */
export function findUpload(db: Sqlite, call: S3Call): Upload | undefined {
  const id = call.query.get('uploadId') ?? '';
  const sql = 'SELECT stated FROM upload WHERE id = ? AND bucket = ? AND key = ?';
  const row = db.get<{ stated: string }>(sql, id, call.bucket, call.key);
  return row && { ...JSON.parse(row.stated), id };
}

export function uploadsOf(db: Sqlite, bucket: string): Upload[] {
  const rows = db.all<{ id: string; stated: string }>(
    'SELECT id, stated FROM upload WHERE bucket = ?',
    bucket,
  );
  return rows.map(({ id, stated }) => ({ ...JSON.parse(stated), id }));
}

/** Throws NoSuchUpload. */
export function requireUpload(db: Sqlite, call: S3Call): Upload {
  const upload = findUpload(db, call);
  if (!upload) throw s3Error('NoSuchUpload', { UploadId: call.query.get('uploadId') ?? '' });
  return upload;
}

/** Inside a transaction: the part takes the place of an earlier one of that number. Gives its time. */
export function savePart(context: S3Context, upload: Upload, number: number, received: Received): number {
  const { db, blobs, clock } = context;
  const { draft, etag, checksum } = received;
  const earlier = 'SELECT blob FROM part WHERE uploadId = ? AND number = ?';
  const replaced = db.get<Pick<Part, 'blob'>>(earlier, upload.id, number);
  if (replaced) blobs.release(replaced.blob);
  const modified = clock.now();
  const values = [upload.id, number, draft.id, draft.size, etag, checksum?.value ?? null, modified];
  db.run('INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?, ?)', ...values);
  return modified;
}

/** By number. */
export function partsOf(db: Sqlite, upload: Upload): Part[] {
  return db.all('SELECT * FROM part WHERE uploadId = ? ORDER BY number', upload.id);
}

/** Inside a transaction: forgets the upload; the bytes of its parts but those in `used` go too. */
export function dropUpload({ db, blobs }: S3Context, upload: Upload, used: readonly Part[] = []): void {
  const kept = new Set(used.map((part) => part.blob));
  for (const { blob } of partsOf(db, upload)) if (!kept.has(blob)) blobs.release(blob);
  db.run('DELETE FROM part WHERE uploadId = ?', upload.id);
  db.run('DELETE FROM upload WHERE id = ?', upload.id);
}
