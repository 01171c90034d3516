import { createHash } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { Operation, S3Call } from './call.ts';
import { type Checksum, checksumHeader, checksumOfParts } from './checksum.ts';
import type { Database } from './database.ts';
import { noSuchUpload } from './errors.ts';
import { checksumXml, versionHeaders } from './object-headers.ts';
import { findObjectOfUpload, type ObjectContent, type ObjectVersion, writeObject } from './objects.ts';
import { receiveDocument } from './receive-body.ts';
import { sendXml } from './respond.ts';
import { dropUpload, findUpload, type Part, partsOf, type Upload } from './uploads.ts';
import { malformedXml, parseXml } from './xml.ts';

const MIN_PART_BYTES = 5 * 1024 ** 2;

/** A part as the client lists it. */
interface ListedPart {
  readonly number: number;
  readonly etag: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The object is the files of its parts, in order: nothing is copied. Completing the same upload again answers
 * as the first time while the object is there, for a client that missed the answer. */
export const completeMultipartUpload: Operation = async (context, call) => {
  const listed = parseListedParts(await receiveDocument(call));
  const version = context.db.transaction(() => {
    const upload = findUpload(context.db, call);
    if (!upload) return completedBefore(context.db, call);
    const parts = selectParts(upload, partsOf(context.db, upload), listed);
    const written = writeObject(context, call, assemble(call, upload, parts), 'CompleteMultipartUpload');
    dropUpload(context, upload, parts);
    return written;
  });
  context.blobs.collect();
  sendXml(
    call.request,
    'CompleteMultipartUploadResult',
    {
      Location: `http://${call.headers.host ?? ''}/${call.bucket}/${encodeURIComponent(call.key)}`,
      Bucket: call.bucket,
      Key: call.key,
      ETag: `"${version.etag}"`,
      ...checksumXml(version.checksum),
    },
    versionHeaders(version),
  );
};

function completedBefore(db: Database, call: S3Call): ObjectVersion {
  const id = call.query.get('uploadId') ?? '';
  const version = findObjectOfUpload(db, call.bucket, call.key, id);
  if (!version) throw noSuchUpload(id);
  return version;
}

function parseListedParts(body: Buffer): ListedPart[] {
  const { Part: parts } = parseXml(body, 'CompleteMultipartUpload');
  if (!Array.isArray(parts) || parts.length === 0) throw malformedXml();
  return parts.map((part: unknown) => {
    const fields = (typeof part === 'object' && part !== null ? part : {}) as Record<string, unknown>;
    const number = Number(fields.PartNumber);
    if (!Number.isInteger(number) || typeof fields.ETag !== 'string') throw malformedXml();
    return { number, etag: fields.ETag.trim().replace(/^"(.*)"$/, '$1'), fields };
  });
}

/** Throws InvalidPartOrder, InvalidPart and EntityTooSmall. */
function selectParts(upload: Upload, stored: readonly Part[], listed: readonly ListedPart[]): Part[] {
  if (listed.some((part, index) => index > 0 && part.number <= listed[index - 1]!.number)) {
    const message = 'The list of parts was not in ascending order. Parts must be ordered by part number.';
    throw new AwsError('InvalidPartOrder', message, 400, { UploadId: upload.id });
  }
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  return listed.map((wanted, index) => {
    const part = byNumber.get(wanted.number);
    const stated = upload.checksum && wanted.fields[`Checksum${upload.checksum.algorithm}`];
    if (!part || part.etag !== wanted.etag || (stated !== undefined && stated !== part.checksum)) {
      throw invalidPart(upload, wanted);
    }
    if (part.size < MIN_PART_BYTES && index < listed.length - 1) throw tooSmall(part);
    return part;
  });
}

function assemble(call: S3Call, upload: Upload, parts: readonly Part[]): ObjectContent {
  const md5s = Buffer.concat(parts.map((part) => Buffer.from(part.etag, 'hex')));
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const stated = call.headers['x-amz-mp-object-size'];
  if (stated !== undefined && Number(stated) !== size) {
    const message = `The provided 'x-amz-mp-object-size' header value ${stated} does not match what was computed: ${size}`;
    throw new AwsError('InvalidRequest', message);
  }
  return {
    bucket: call.bucket,
    key: call.key,
    headers: upload.headers,
    size,
    etag: `${createHash('md5').update(md5s).digest('hex')}-${parts.length}`,
    checksum: wholeChecksum(call, upload, parts),
    segments: parts.map(({ blob, size: bytes }) => ({ blob, size: bytes })),
    uploadId: upload.id,
  };
}

function wholeChecksum(call: S3Call, upload: Upload, parts: readonly Part[]): Checksum | undefined {
  if (!upload.checksum) return undefined;
  const { algorithm } = upload.checksum;
  const whole = checksumOfParts(upload.checksum, parts);
  const stated = call.headers[checksumHeader(algorithm)] ?? whole.value;
  // The header of a COMPOSITE checksum may come without its count of parts.
  if ([whole.value, whole.value.replace(/-\d+$/, '')].includes(stated)) return whole;
  throw new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
}

function invalidPart(upload: Upload, part: ListedPart): AwsError {
  const message =
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
  const members = { UploadId: upload.id, PartNumber: part.number, ETag: part.etag };
  return new AwsError('InvalidPart', message, 400, members);
}

function tooSmall(part: Part): AwsError {
  const members = {
    ProposedSize: part.size,
    MinSizeAllowed: MIN_PART_BYTES,
    PartNumber: part.number,
    ETag: part.etag,
  };
  return new AwsError(
    'EntityTooSmall',
    'Your proposed upload is smaller than the minimum allowed size',
    400,
    members,
  );
}
