import { requireBucket } from './buckets.ts';
import type { S3Call, S3Context } from './call.ts';
import { versionHeaders } from './object-headers.ts';
import { type ObjectVersion, readableObject } from './objects.ts';
import { weighReadConditions } from './read-condition.ts';
import type { Headers } from './respond.ts';
import { invalidArgument, invalidRequest, s3Error } from './s3-error.ts';

/** Whole objects and parts have the same limit. */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** What `x-amz-copy-source` names, checked against the conditions on it. Throws as a read of it, InvalidArgument when
 * it names nothing, and PreconditionFailed. */
export function findCopySource({ db }: S3Context, call: S3Call): ObjectVersion {
  const source = parseCopySource(call.headers['x-amz-copy-source'] ?? '');
  requireBucket(db, source.bucket);
  const version = readableObject(db, source, () =>
    source.versionId
      ? invalidRequest(
          'The source of a copy request may not specifically refer to a delete marker by version id.',
        )
      : s3Error('NoSuchKey', { Key: source.key }),
  );
  if (weighReadConditions(call, version, 'x-amz-copy-source-') === 'not-modified')
    throw s3Error('PreconditionFailed', { Condition: 'x-amz-copy-source-If-None-Match' });
  return version;
}

/** Throws InvalidRequest. */
export function requireCopySize(size: number): void {
  if (size <= MAX_COPY_BYTES) return;
  throw invalidRequest(
    `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_COPY_BYTES}`,
  );
}

export function sourceHeaders(version: ObjectVersion): Headers {
  return { 'x-amz-copy-source-version-id': versionHeaders(version)['x-amz-version-id'] };
}

/** `[/]bucket/key[?versionId=…]`, URL-encoded. */
function parseCopySource(header: string): { bucket: string; key: string; versionId: string | null } {
  const [path = '', versionId = null] = header.split(/\?versionId=(.*)/s, 2);
  try {
    const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(path)) ?? [];
    if (bucket !== undefined && key !== undefined) return { bucket, key, versionId };
  } catch {
    // answered below
  }
  const message = 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey';
  throw invalidArgument(message, 'x-amz-copy-source', header);
}
