import { AwsError } from '../aws-error.ts';
import { requireBucket } from './buckets.ts';
import type { Operation, S3Call, S3Context } from './call.ts';
import { parseAlgorithm } from './checksum.ts';
import { invalidArgument, noSuchKey, noSuchVersion, preconditionFailed } from './errors.ts';
import { checksumXml, keptHeaders, versionHeaders } from './object-headers.ts';
import { findObject, type ObjectVersion, writeObject } from './objects.ts';
import { fullChecksum } from './put-object.ts';
import { weighReadConditions } from './read-condition.ts';
import { copyBlob } from './receive-body.ts';
import { sendXml } from './respond.ts';

const MAX_COPY_BYTES = 5 * 1024 ** 3;

interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** Copies the bytes, so that the copy has an MD5 for its ETag whatever made the source. */
export const copyObject: Operation = async (context, call) => {
  const source = parseCopySource(call.headers['x-amz-copy-source'] ?? '');
  const original = readableSource(context, call, source);
  const replace = call.headers['x-amz-metadata-directive']?.toUpperCase() === 'REPLACE';
  if (!replace) refuseCopyToItself(call, source);
  const headers = { ...keptHeaders(call), ...(replace ? {} : original.headers) };
  const asked = call.headers['x-amz-checksum-algorithm'];
  const algorithm = asked ? parseAlgorithm(asked) : original.checksum?.algorithm;
  const all = { start: 0, end: original.size - 1 };
  const copied = await context.blobs.read(original.segments, all, (bytes) =>
    copyBlob(bytes, context.blobs, algorithm),
  );
  const checksum = fullChecksum(copied);
  const { blob, size, md5: etag } = copied;
  const content = {
    bucket: call.bucket,
    key: call.key,
    headers,
    size,
    etag,
    checksum,
    segments: [{ blob, size }],
  };
  const version = await context.blobs.commit(blob, () => writeObject(context, call, content, 'CopyObject'));
  sendXml(
    call.request,
    'CopyObjectResult',
    { ETag: `"${etag}"`, LastModified: new Date(version.modified).toISOString(), ...checksumXml(checksum) },
    {
      ...versionHeaders(version),
      'x-amz-copy-source-version-id': versionHeaders(original)['x-amz-version-id'],
    },
  );
};

/** `[/]bucket/key[?versionId=…]`, URL-encoded. */
function parseCopySource(header: string): CopySource {
  const [, path = '', versionId] = /^([^?]*)(?:\?versionId=(.*))?$/s.exec(header) ?? [];
  try {
    const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(path)) ?? [];
    if (bucket !== undefined && key !== undefined) return { bucket, key, versionId };
  } catch {
    // answered below
  }
  const message = 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey';
  throw invalidArgument(message, 'x-amz-copy-source', header);
}

function readableSource(context: S3Context, call: S3Call, source: CopySource): ObjectVersion {
  requireBucket(context.db, source.bucket);
  const { key, versionId } = source;
  const version = findObject(context.db, source.bucket, key, versionId);
  if (!version) throw versionId ? noSuchVersion(key, versionId) : noSuchKey(key);
  if (version.deleteMarker && !versionId) throw noSuchKey(key);
  if (version.deleteMarker) {
    const message =
      'The source of a copy request may not specifically refer to a delete marker by version id.';
    throw new AwsError('InvalidRequest', message);
  }
  if (weighReadConditions(call, version, 'x-amz-copy-source-') === 'not-modified') {
    throw preconditionFailed('x-amz-copy-source-If-None-Match');
  }
  if (version.size > MAX_COPY_BYTES) {
    const message = `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_COPY_BYTES}`;
    throw new AwsError('InvalidRequest', message);
  }
  return version;
}

function refuseCopyToItself(call: S3Call, source: CopySource): void {
  if (source.bucket !== call.bucket || source.key !== call.key || source.versionId) return;
  throw new AwsError(
    'InvalidRequest',
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}
