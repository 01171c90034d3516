import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './buckets.ts';
import type { Operation, S3Call } from './call.ts';
import { completeMultipartUpload } from './complete-multipart-upload.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-object.ts';
import { getObject, getObjectTagging } from './get-object.ts';
import { listObjects, listObjectsV1, listObjectVersions } from './list-objects.ts';
import {
  abortMultipartUpload,
  createMultipartUpload,
  uploadPart,
  uploadPartCopy,
} from './multipart-upload.ts';
import { putObject } from './put-object.ts';
import { notImplemented, s3Error } from './s3-error.ts';

/** By resource, method and subresource: the query parameter, or the header, that makes it another operation. */
const OPERATIONS: Readonly<Record<string, readonly [name: string, operation: Operation]>> = {
  'Service GET': ['ListBuckets', listBuckets],
  'Bucket DELETE': ['DeleteBucket', deleteBucket],
  'Bucket GET': ['ListObjects', listObjectsV1],
  'Bucket GET list-type': ['ListObjectsV2', listObjects],
  'Bucket GET location': ['GetBucketLocation', getBucketLocation],
  'Bucket GET versions': ['ListObjectVersions', listObjectVersions],
  'Bucket HEAD': ['HeadBucket', headBucket],
  'Bucket POST delete': ['DeleteObjects', deleteObjects],
  'Bucket PUT': ['CreateBucket', createBucket],
  'Object DELETE': ['DeleteObject', deleteObject],
  'Object DELETE uploadId': ['AbortMultipartUpload', abortMultipartUpload],
  'Object GET': ['GetObject', getObject],
  'Object GET tagging': ['GetObjectTagging', getObjectTagging],
  'Object HEAD': ['HeadObject', getObject],
  'Object POST uploadId': ['CompleteMultipartUpload', completeMultipartUpload],
  'Object POST uploads': ['CreateMultipartUpload', createMultipartUpload],
  'Object PUT': ['PutObject', putObject],
  'Object PUT uploadId': ['UploadPart', uploadPart],
  'Object PUT uploadId x-amz-copy-source': ['UploadPartCopy', uploadPartCopy],
  'Object PUT x-amz-copy-source': ['CopyObject', copyObject],
};

/** The names of what is offered, as the API reference has them. */
export const s3Actions: readonly string[] = Object.values(OPERATIONS).map(([name]) => name);

/** Operations of S3 that are not offered and whose name does not follow from method and subresource. */
const OTHERS: Readonly<Record<string, string>> = {
  'Bucket GET uploads': 'ListMultipartUploads',
  'Bucket POST': 'PostObject',
  'Object GET uploadId': 'ListParts',
};

/** "Actions", S3 API reference: what turns up in the query to name another operation. */
const SUBRESOURCES = new Set(
  `accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory legal-hold lifecycle
  list-type location logging metrics notification object-lock ownershipControls policy policyStatus
  publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent
  uploadId uploads versioning versions website`.split(/\s+/),
);

/** Finds the operation of a request. Throws NotImplemented, naming it, for one of S3's that is not offered here,
 * and MethodNotAllowed for what S3 has not either. */
export function route(call: S3Call): Operation {
  const resource = call.bucket === '' ? 'Service' : call.key === '' ? 'Bucket' : 'Object';
  const method = call.request.req.method ?? '';
  const subresource = [...call.query.keys()].find((name) => SUBRESOURCES.has(name));
  const copies = resource === 'Object' && method === 'PUT' && call.headers['x-amz-copy-source'] !== undefined;
  const id = [resource, method, subresource, copies && 'x-amz-copy-source'].filter(Boolean).join(' ');
  const [, operation] = OPERATIONS[id] ?? [];
  if (operation) return operation;
  const other =
    OTHERS[id] ?? (subresource && resource !== 'Service' && nameOf(method, resource, subresource));
  throw other ? notImplemented(other) : s3Error('MethodNotAllowed', { Method: method });
}

/** `GetBucketAcl` of GET, Bucket, acl. */
function nameOf(method: string, resource: string, subresource: string): string {
  const capitals = (text: string) =>
    text.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return capitals(method.toLowerCase()) + resource + capitals(subresource);
}
