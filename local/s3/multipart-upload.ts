import { AwsError } from '../aws-error.ts';
import type { Operation, S3Call } from './call.ts';
import { checksumHeader, parseAlgorithm, resolveChecksumType } from './checksum.ts';
import { invalidArgument } from './errors.ts';
import { pageSize } from './list-objects.ts';
import { keptHeaders } from './object-headers.ts';
import { type ReceivedBlob, receiveBlob } from './receive-body.ts';
import { sendEmpty, sendXml } from './respond.ts';
import { createUpload, dropUpload, partsOf, requireUpload, savePart, type Upload } from './uploads.ts';

const MAX_PART_NUMBER = 10_000;

export const createMultipartUpload: Operation = (context, call) => {
  const upload = createUpload(context.db, call, {
    headers: keptHeaders(call),
    checksum: askedChecksum(call),
  });
  sendXml(
    call.request,
    'InitiateMultipartUploadResult',
    { Bucket: call.bucket, Key: call.key, UploadId: upload.id },
    { 'x-amz-checksum-algorithm': upload.checksum?.algorithm, 'x-amz-checksum-type': upload.checksum?.type },
  );
};

export const uploadPart: Operation = async (context, call) => {
  const upload = requireUpload(context.db, call);
  const number = partNumber(call);
  const received = await receiveBlob(call, context.blobs, upload.checksum?.algorithm);
  await context.blobs.commit(received.blob, () => {
    requireSameAlgorithm(upload, received);
    // The upload may have been completed or aborted while the part came in.
    savePart(context, requireUpload(context.db, call), number, received);
  });
  const { algorithm, checksum } = received;
  sendEmpty(call.request, 200, {
    etag: `"${received.md5}"`,
    ...(algorithm && { [checksumHeader(algorithm)]: checksum }),
  });
};

export const abortMultipartUpload: Operation = (context, call) => {
  context.db.transaction(() => dropUpload(context, requireUpload(context.db, call)));
  context.blobs.collect();
  sendEmpty(call.request, 204);
};

export const listParts: Operation = (context, call) => {
  const upload = requireUpload(context.db, call);
  const max = pageSize(call, 'max-parts');
  const after = Number(call.query.get('part-number-marker') ?? 0) || 0;
  const found = partsOf(context.db, upload, after, max + 1);
  const parts = found.slice(0, max);
  const owner = { ID: context.identity.account, DisplayName: context.identity.account };
  sendXml(call.request, 'ListPartsResult', {
    Bucket: call.bucket,
    Key: call.key,
    UploadId: upload.id,
    Initiator: owner,
    Owner: owner,
    StorageClass: 'STANDARD',
    ChecksumAlgorithm: upload.checksum?.algorithm,
    ChecksumType: upload.checksum?.type,
    PartNumberMarker: after,
    NextPartNumberMarker: parts.at(-1)?.number ?? 0,
    MaxParts: max,
    IsTruncated: found.length > max,
    Part: parts.map((part) => ({
      PartNumber: part.number,
      LastModified: new Date(part.modified).toISOString(),
      ETag: `"${part.etag}"`,
      Size: part.size,
      ...(upload.checksum && { [`Checksum${upload.checksum.algorithm}`]: part.checksum }),
    })),
  });
};

function askedChecksum(call: S3Call): Upload['checksum'] {
  const asked = call.headers['x-amz-checksum-algorithm'];
  if (!asked) return undefined;
  const algorithm = parseAlgorithm(asked);
  return { algorithm, type: resolveChecksumType(algorithm, call.headers['x-amz-checksum-type']) };
}

function partNumber(call: S3Call): number {
  const text = call.query.get('partNumber') ?? '';
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MAX_PART_NUMBER) return number;
  const message = `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`;
  throw invalidArgument(message, 'partNumber', text);
}

function requireSameAlgorithm(upload: Upload, { algorithm }: ReceivedBlob): void {
  const expected = upload.checksum?.algorithm;
  if (!expected || expected === algorithm) return;
  const message = `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${algorithm?.toLowerCase()}`;
  throw new AwsError('InvalidRequest', message);
}
