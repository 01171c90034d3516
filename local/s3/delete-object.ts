import { AwsError } from '../aws-error.ts';
import { type Operation, requireKeyLength, type S3Call, type S3Context } from './call.ts';
import { CHECKSUM_ALGORITHMS, checksumHeader } from './checksum.ts';
import { versionHeaders } from './object-headers.ts';
import { type Deletion, deleteObject as deleteVersion } from './objects.ts';
import { receiveDocument } from './receive-body.ts';
import { invalidRequest, s3Error } from './s3-error.ts';
import { parseXml, type XmlElements } from './xml.ts';

const MAX_KEYS = 1000;

export const deleteObject: Operation = (context, call) => {
  const versionId = call.query.get('versionId') ?? undefined;
  const deletion = { key: call.key, versionId, ifMatch: call.headers['if-match'] };
  const gone = context.db.transaction(() => deleteVersion(context, call, deletion));
  return { status: 204, headers: { 'x-amz-version-id': versionId, ...(gone && versionHeaders(gone)) } };
};

export const deleteObjects: Operation = async (context, call) => {
  const digests = ['content-md5', 'x-amz-trailer', ...CHECKSUM_ALGORITHMS.map(checksumHeader)];
  if (!digests.some((name) => call.headers[name] !== undefined))
    throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  const document = parseXml(await receiveDocument(call), 'Delete');
  const deletions = parseDeletions(document.Object);
  const results = context.db.transaction(() => deletions.map((deletion) => attempt(context, call, deletion)));
  const Deleted = document.Quiet === 'true' ? [] : results.map(({ deleted }) => deleted);
  return { document: ['DeleteResult', { Deleted, Error: results.map(({ error }) => error) }] };
};

interface Attempt {
  readonly deleted?: XmlElements;
  readonly error?: XmlElements;
}

/** A refusal comes before the first write, so that the others' transaction can go on. */
function attempt(context: S3Context, call: S3Call, deletion: Deletion): Attempt {
  const named = { Key: deletion.key, VersionId: deletion.versionId };
  try {
    requireKeyLength(deletion.key);
    const gone = deleteVersion(context, call, deletion);
    const marker = gone?.isMarker ? { DeleteMarker: true, DeleteMarkerVersionId: gone.versionId } : {};
    return { deleted: { ...named, ...marker } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { error: { ...named, Code: error.code, Message: error.message } };
  }
}

function parseDeletions(objects: unknown): Deletion[] {
  if (!Array.isArray(objects) || objects.length > MAX_KEYS) throw s3Error('MalformedXML');
  return objects.map((object: Record<string, unknown>) => {
    const text = (name: string) => (typeof object[name] === 'string' ? object[name] : undefined);
    const key = text('Key');
    if (!key) throw s3Error('MalformedXML');
    return { key, versionId: text('VersionId'), ifMatch: text('ETag') };
  });
}
