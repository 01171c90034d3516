import type { Operation, S3Call, S3Context } from './call.ts';
import { checksumHeader, parseAlgorithm, resolveChecksumType } from './checksum.ts';
import { findCopySource, requireCopySize, sourceHeaders } from './copy-source.ts';
import { parseByteRange } from './get-object.ts';
import { keptHeaders } from './object-headers.ts';
import { copyBlob, type Received, receiveBlob } from './receive-body.ts';
import { invalidArgument, invalidRequest } from './s3-error.ts';
import { createUpload, dropUpload, requireUpload, savePart } from './uploads.ts';

const MAX_PART_NUMBER = 10_000;

export const createMultipartUpload: Operation = ({ db }, call) => {
  const asked = call.headers['x-amz-checksum-algorithm'];
  const algorithm = asked ? parseAlgorithm(asked) : undefined;
  const type = algorithm && resolveChecksumType(algorithm, call.headers['x-amz-checksum-type']);
  const checksum = algorithm && type && { algorithm, type };
  const UploadId = createUpload(db, call, { headers: keptHeaders(call), checksum });
  return {
    headers: { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': type },
    document: ['InitiateMultipartUploadResult', { Bucket: call.bucket, Key: call.key, UploadId }],
  };
};

export const uploadPart: Operation = async (context, call) => {
  const { checksum: expected } = requireUpload(context.db, call);
  const number = partNumber(call);
  const received = await receiveBlob(call, context.blobs, expected?.algorithm);
  await addPart(context, call, number, received);
  const { etag, checksum } = received;
  return {
    headers: {
      etag: `"${etag}"`,
      ...(checksum && { [checksumHeader(checksum.algorithm)]: checksum.value }),
    },
  };
};

export const uploadPartCopy: Operation = async (context, call) => {
  const { checksum: expected } = requireUpload(context.db, call);
  const number = partNumber(call);
  const source = findCopySource(context, call);
  const asked = call.headers['x-amz-copy-source-range'];
  const all = { start: 0, end: source.size - 1 };
  const { start, end } = (asked && parseByteRange(asked, source.size)) || all;
  requireCopySize(end - start + 1);
  const bytes = context.blobs.read(source.blobs, start, end);
  const received = await copyBlob(bytes, end - start + 1, context.blobs, expected?.algorithm);
  const modified = await addPart(context, call, number, received);
  const { etag, checksum } = received;
  const part = { ETag: `"${etag}"`, LastModified: new Date(modified).toISOString() };
  return {
    headers: sourceHeaders(source),
    document: [
      'CopyPartResult',
      { ...part, ...(checksum && { [`Checksum${checksum.algorithm}`]: checksum.value }) },
    ],
  };
};

export const abortMultipartUpload: Operation = (context, call) => {
  context.db.transaction(() => dropUpload(context, requireUpload(context.db, call)));
  return { status: 204 };
};

/** Gives the part's time. The upload may have been completed or aborted while the part came in. */
function addPart(context: S3Context, call: S3Call, number: number, received: Received): Promise<number> {
  return context.blobs.commit(received.draft, () => {
    const upload = requireUpload(context.db, call);
    const expected = upload.checksum?.algorithm;
    const actual = received.checksum?.algorithm;
    if (!expected || expected === actual) return savePart(context, upload, number, received);
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${actual?.toLowerCase()}`,
    );
  });
}

function partNumber(call: S3Call): number {
  const text = call.query.get('partNumber') ?? '';
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MAX_PART_NUMBER) return number;
  const message = `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`;
  throw invalidArgument(message, 'partNumber', text);
}
