import { createBucket, getBucketLocation, headBucket, listBuckets } from './bucket-operations.ts';
import type { Operation, S3Call } from './call.ts';
import { completeMultipartUpload } from './complete-multipart-upload.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-object.ts';
import { methodNotAllowed, notImplemented } from './errors.ts';
import { getObject } from './get-object.ts';
import { listObjects, listObjectVersions } from './list-objects.ts';
import { abortMultipartUpload, createMultipartUpload, listParts, uploadPart } from './multipart-upload.ts';
import { putObject } from './put-object.ts';

/** By resource, method and subresource: the query parameter, or the header, that makes it another operation. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  'Service GET': listBuckets,
  'Bucket GET list-type': listObjects,
  'Bucket GET location': getBucketLocation,
  'Bucket GET versions': listObjectVersions,
  'Bucket HEAD': headBucket,
  'Bucket POST delete': deleteObjects,
  'Bucket PUT': createBucket,
  'Object DELETE': deleteObject,
  'Object DELETE uploadId': abortMultipartUpload,
  'Object GET': getObject,
  'Object GET uploadId': listParts,
  'Object HEAD': getObject,
  'Object POST uploadId': completeMultipartUpload,
  'Object POST uploads': createMultipartUpload,
  'Object PUT': putObject,
  'Object PUT uploadId': uploadPart,
  'Object PUT x-amz-copy-source': copyObject,
};

/** Operations of S3 that are not offered and whose name does not follow from method and subresource. */
const OTHERS: Readonly<Record<string, string>> = {
  'Bucket DELETE': 'DeleteBucket',
  'Bucket GET': 'ListObjects',
  'Bucket GET uploads': 'ListMultipartUploads',
  'Bucket POST': 'PostObject',
  'Object PUT uploadId x-amz-copy-source': 'UploadPartCopy',
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
  const operation = OPERATIONS[id];
  if (operation) return operation;
  const other =
    OTHERS[id] ?? (subresource && resource !== 'Service' && nameOf(method, resource, subresource));
  throw other ? notImplemented(other) : methodNotAllowed(method);
}

/** `GetBucketAcl` of GET, Bucket, acl. */
function nameOf(method: string, resource: string, subresource: string): string {
  const capitals = (text: string) =>
    text.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return capitals(method.toLowerCase()) + resource + capitals(subresource);
}
