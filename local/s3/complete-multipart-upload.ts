import { createHash } from 'node:crypto';
import type { Sqlite } from '../sqlite.ts';
import type { Operation, S3Call, S3Context } from './call.ts';
import { type Checksum, checksumHeader, checksumOfParts } from './checksum.ts';
import { checksumXml, versionHeaders } from './object-headers.ts';
import { type ObjectContent, type ObjectVersion, toVersion, writeObject } from './objects.ts';
import { receiveDocument } from './receive-body.ts';
import { invalidRequest, s3Error } from './s3-error.ts';
import { dropUpload, type Part, partsOf, requireUpload, type Upload } from './uploads.ts';
import { parseXml } from './xml.ts';

const MIN_PART_BYTES = 5 * 1024 ** 2;

/** A part as the client lists it. */
interface ListedPart {
  readonly number: number;
  readonly etag: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The object is the blobs of its parts, in order: nothing is copied. */
export const completeMultipartUpload: Operation = async (context, call) => {
  const listed = parseListedParts(await receiveDocument(call));
  const version = completedBefore(context.db, call) ?? (await complete(context, call, listed));
  const object = { Bucket: call.bucket, Key: call.key, ETag: `"${version.etag}"` };
  const Location = `http://${call.headers.host ?? ''}/${call.bucket}/${encodeURIComponent(call.key)}`;
  return {
    headers: versionHeaders(version),
    document: ['CompleteMultipartUploadResult', { Location, ...object, ...checksumXml(version.checksum) }],
  };
};

/** The object of an upload that a client completes again because it missed the answer. */
function completedBefore(db: Sqlite, call: S3Call): ObjectVersion | undefined {
  const sql = 'SELECT * FROM object WHERE uploadId = ? AND bucket = ? AND key = ?';
  const row = db.get(sql, call.query.get('uploadId'), call.bucket, call.key);
  return row && toVersion(row);
}

async function complete(
  context: S3Context,
  call: S3Call,
  listed: readonly ListedPart[],
): Promise<ObjectVersion> {
  const { db } = context;
  const upload = requireUpload(db, call);
  const parts = selectParts(upload, partsOf(db, upload), listed);
  const content = await assemble(call, upload, parts);
  return db.transaction(() => {
    // While the checksum was computed, the upload may have ended, or a part have been replaced.
    const before = completedBefore(db, call);
    if (before) return before;
    const blobs = new Set(partsOf(db, requireUpload(db, call)).map(({ blob }) => blob));
    const gone = parts.findIndex(({ blob }) => !blobs.has(blob));
    if (gone >= 0) throw invalidPart(upload, listed[gone]!);
    const version = writeObject(context, call, content, 'CompleteMultipartUpload');
    dropUpload(context, upload, parts);
    return version;
  });
}

function parseListedParts(body: Buffer): ListedPart[] {
  const { Part: parts } = parseXml(body, 'CompleteMultipartUpload');
  if (!Array.isArray(parts) || parts.length === 0) throw s3Error('MalformedXML');
  return parts.map((part: unknown) => {
    const fields = (typeof part === 'object' && part !== null ? part : {}) as Record<string, unknown>;
    const number = Number(fields.PartNumber);
    if (!Number.isInteger(number) || typeof fields.ETag !== 'string') throw s3Error('MalformedXML');
    return { number, etag: fields.ETag.trim().replace(/^"(.*)"$/, '$1'), fields };
  });
}

/** Throws InvalidPartOrder, InvalidPart and EntityTooSmall. */
function selectParts(upload: Upload, stored: readonly Part[], listed: readonly ListedPart[]): Part[] {
  if (listed.some((part, index) => index > 0 && part.number <= listed[index - 1]!.number))
    throw s3Error('InvalidPartOrder', { UploadId: upload.id });
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  return listed.map((wanted, index) => {
    const part = byNumber.get(wanted.number);
    const stated = upload.checksum && wanted.fields[`Checksum${upload.checksum.algorithm}`];
    if (!part || part.etag !== wanted.etag || (stated !== undefined && stated !== part.checksum))
      throw invalidPart(upload, wanted);
    if (part.size >= MIN_PART_BYTES || index === listed.length - 1) return part;
    const sizes = { ProposedSize: part.size, MinSizeAllowed: MIN_PART_BYTES };
    throw s3Error('EntityTooSmall', { ...sizes, PartNumber: part.number, ETag: part.etag });
  });
}

async function assemble(call: S3Call, upload: Upload, parts: readonly Part[]): Promise<ObjectContent> {
  const md5s = Buffer.concat(parts.map((part) => Buffer.from(part.etag, 'hex')));
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const stated = call.headers['x-amz-mp-object-size'];
  if (stated !== undefined && Number(stated) !== size) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${stated} does not match what was computed: ${size}`,
    );
  }
  return {
    headers: upload.headers,
    etag: `${createHash('md5').update(md5s).digest('hex')}-${parts.length}`,
    checksum: await wholeChecksum(call, upload, parts),
    blobs: parts.map((part) => ({ id: part.blob, size: part.size })),
    uploadId: upload.id,
  };
}

async function wholeChecksum(
  call: S3Call,
  { checksum }: Upload,
  parts: readonly Part[],
): Promise<Checksum | undefined> {
  if (!checksum) return undefined;
  const { algorithm } = checksum;
  const whole = await checksumOfParts(checksum, parts);
  const stated = call.headers[checksumHeader(algorithm)] ?? whole.value;
  // The header of a COMPOSITE checksum may come without its count of parts.
  if ([whole.value, whole.value.replace(/-\d+$/, '')].includes(stated)) return whole;
  throw s3Error('BadDigest', {}, `The ${algorithm} you specified did not match the calculated checksum.`);
}

function invalidPart(upload: Upload, part: ListedPart): Error {
  return s3Error('InvalidPart', { UploadId: upload.id, PartNumber: part.number, ETag: part.etag });
}
