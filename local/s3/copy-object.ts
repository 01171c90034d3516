import type { Operation } from './call.ts';
import { parseAlgorithm } from './checksum.ts';
import { findCopySource, requireCopySize, sourceHeaders } from './copy-source.ts';
import { checksumXml, keptHeaders, versionHeaders } from './object-headers.ts';
import { writeObject } from './objects.ts';
import { copyBlob } from './receive-body.ts';
import { invalidRequest } from './s3-error.ts';

/** Copies the bytes, so that the copy has an MD5 for its ETag whatever made the source. */
export const copyObject: Operation = async (context, call) => {
  const source = findCopySource(context, call);
  requireCopySize(source.size);
  const replaces = call.headers['x-amz-metadata-directive']?.toUpperCase() === 'REPLACE';
  if (!replaces && source.bucket === call.bucket && source.key === call.key && source.isLatest) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const headers = { ...keptHeaders(call), ...(replaces ? {} : source.headers) };
  const asked = call.headers['x-amz-checksum-algorithm'];
  const algorithm = asked ? parseAlgorithm(asked) : source.checksum?.algorithm;
  const bytes = context.blobs.read(source.blobs, 0, source.size - 1);
  const { draft, etag, checksum } = await copyBlob(bytes, source.size, context.blobs, algorithm);
  const content = { headers, etag, checksum, blobs: [{ id: draft.id, size: draft.size }] };
  const version = await context.blobs.commit(draft, () => writeObject(context, call, content, 'CopyObject'));
  const LastModified = new Date(version.modified).toISOString();
  return {
    headers: { ...versionHeaders(version), ...sourceHeaders(source) },
    document: ['CopyObjectResult', { ETag: `"${etag}"`, LastModified, ...checksumXml(checksum) }],
  };
};
