import { AwsError } from '../aws-error.ts';
import type { Operation, S3Call, S3Context } from './call.ts';
import { requireKeyLength } from './call.ts';
import { ALGORITHMS, checksumHeader } from './checksum.ts';
import { versionHeaders } from './object-headers.ts';
import {
  type Deletion,
  deleteObject as deleteVersion,
  type ObjectVersion,
  writeConditionOf,
} from './objects.ts';
import { receiveDocument } from './receive-body.ts';
import { sendEmpty, sendXml } from './respond.ts';
import { malformedXml, parseXml, type XmlElements } from './xml.ts';

const MAX_KEYS = 1000;

export const deleteObject: Operation = (context, call) => {
  const versionId = call.query.get('versionId') ?? undefined;
  const gone = remove(context, call, { key: call.key, versionId, condition: writeConditionOf(call) });
  sendEmpty(call.request, 204, { 'x-amz-version-id': versionId, ...(gone && versionHeaders(gone)) });
};

export const deleteObjects: Operation = async (context, call) => {
  requireDigest(call);
  const document = parseXml(await receiveDocument(call), 'Delete');
  const deletions = parseDeletions(document.Object);
  const results = deletions.map((deletion) => attempt(context, call, deletion));
  const quiet = document.Quiet === 'true';
  sendXml(call.request, 'DeleteResult', {
    Deleted: quiet ? [] : results.map((result) => result.deleted),
    Error: results.map((result) => result.error),
  });
};

function remove(context: S3Context, call: S3Call, deletion: Deletion): ObjectVersion | undefined {
  const gone = context.db.transaction(() => deleteVersion(context, call, deletion));
  context.blobs.collect();
  return gone;
}

function attempt(
  context: S3Context,
  call: S3Call,
  deletion: Deletion,
): { deleted?: XmlElements; error?: XmlElements } {
  const { key, versionId } = deletion;
  try {
    requireKeyLength(key);
    const gone = remove(context, call, deletion);
    const marker = gone?.deleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: gone.versionId } : {};
    return { deleted: { Key: key, VersionId: versionId, ...marker } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { error: { Key: key, VersionId: versionId, Code: error.code, Message: error.message } };
  }
}

function parseDeletions(objects: unknown): Deletion[] {
  if (!Array.isArray(objects) || objects.length > MAX_KEYS) throw malformedXml();
  return objects.map((object: Record<string, unknown>) => {
    const { Key: key, VersionId: versionId, ETag: ifMatch } = object;
    if (typeof key !== 'string' || key === '') throw malformedXml();
    const condition = typeof ifMatch === 'string' ? { ifMatch } : {};
    return { key, versionId: typeof versionId === 'string' ? versionId : undefined, condition };
  });
}

function requireDigest(call: S3Call): void {
  const names = ['content-md5', 'x-amz-trailer', ...ALGORITHMS.map(checksumHeader)];
  if (names.some((name) => call.headers[name] !== undefined)) return;
  const message = 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*';
  throw new AwsError('InvalidRequest', message);
}
