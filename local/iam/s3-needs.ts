import { percentDecode } from '../percent-decode.ts';
import type { Need } from './evaluate.ts';

/** A path-style request to S3. */
export interface S3Request {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

const CONTEXT = ['prefix', 'delimiter', 'max-keys'] as const;

/** DeleteObjects names its keys in the body, which is not looked into: it needs the permission for all of the bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
export function s3Needs({ method, target, headers }: S3Request): Need[] {
  const [, bucket = '', key = ''] = /^\/([^/?]*)\/?([^?]*)/.exec(target) ?? [];
  const query = new URLSearchParams(/\?([^#]*)/.exec(target)?.[1]);
  if (bucket === '') return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
  const arn = `arn:aws:s3:::${percentDecode(bucket)}`;
  if (key === '') return [bucketNeed(method, query, arn)];
  const source = headers['x-amz-copy-source'];
  const object = { action: objectAction(method, query), resource: `${arn}/${percentDecode(key)}` };
  return source === undefined ? [object] : [object, sourceNeed(percentDecode(String(source)))];
}

function bucketNeed(method: string, query: URLSearchParams, resource: string): Need {
  if (method === 'PUT') return { action: 's3:CreateBucket', resource };
  if (method === 'DELETE') return { action: 's3:DeleteBucket', resource };
  if (method === 'POST') return { action: 's3:DeleteObject', resource: `${resource}/*` };
  if (query.has('location')) return { action: 's3:GetBucketLocation', resource };
  if (query.has('uploads')) return { action: 's3:ListBucketMultipartUploads', resource };
  const asked = CONTEXT.flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [[`s3:${name}`, value] as const];
  });
  const action = query.has('versions') ? 's3:ListBucketVersions' : 's3:ListBucket';
  return { action, resource, context: Object.fromEntries(asked) };
}

function objectAction(method: string, query: URLSearchParams): string {
  const ofVersion = query.has('versionId') ? 'Version' : '';
  if (query.has('tagging') && method === 'GET') return `s3:GetObject${ofVersion}Tagging`;
  if (method === 'GET' || method === 'HEAD')
    return query.has('uploadId') ? 's3:ListMultipartUploadParts' : `s3:GetObject${ofVersion}`;
  if (method === 'DELETE')
    return query.has('uploadId') ? 's3:AbortMultipartUpload' : `s3:DeleteObject${ofVersion}`;
  return 's3:PutObject';
}

function sourceNeed(source: string): Need {
  const [path = '', version] = source.replace(/^\//, '').split('?versionId=');
  return { action: `s3:GetObject${version ? 'Version' : ''}`, resource: `arn:aws:s3:::${path}` };
}
