import type { Operation, S3Call } from './call.ts';
import type { Database } from './database.ts';
import { invalidArgument } from './errors.ts';
import { type ListPage, type ListQuery, listPage, type Position, START } from './listing.ts';
import type { ObjectVersion } from './objects.ts';
import { sendXml } from './respond.ts';
import type { XmlElements } from './xml.ts';

const MAX_PAGE = 1000;

/** ListObjectsV2. */
export const listObjects: Operation = (context, call) => {
  const encode = encoderOf(call);
  const token = call.query.get('continuation-token') ?? undefined;
  const startAfter = call.query.get('start-after') ?? undefined;
  const start = startAfter === undefined ? START : { key: startAfter, below: 0 };
  const query = queryOf(call, token === undefined ? start : parseToken(token), false);
  const page = listPage(context.db, query);
  const { account } = context.identity;
  const owner = call.query.get('fetch-owner') === 'true' ? { ID: account, DisplayName: account } : undefined;
  sendXml(call.request, 'ListBucketResult', {
    ...pageXml(call, query, page),
    StartAfter: startAfter && encode(startAfter),
    ContinuationToken: token,
    NextContinuationToken: page.next && formatToken(page.next),
    KeyCount: page.objects.length + page.prefixes.length,
    Contents: page.objects.map((object) => ({ ...entryXml(object, encode), Owner: owner })),
  });
};

/** ListObjectVersions: each key's versions and delete markers, newest first. */
export const listObjectVersions: Operation = (context, call) => {
  const encode = encoderOf(call);
  const keyMarker = call.query.get('key-marker') ?? '';
  const versionMarker = call.query.get('version-id-marker') ?? '';
  const query = queryOf(call, positionOf(context.db, call.bucket, keyMarker, versionMarker), true);
  const page = listPage(context.db, query);
  const last = page.objects.at(-1);
  const endsWithVersion = last && page.next?.key === last.key;
  const nextKey = endsWithVersion ? last.key : (page.prefixes.at(-1) ?? '');
  const { account } = context.identity;
  const entry = (version: ObjectVersion): XmlElements => ({
    ...entryXml(version, encode),
    VersionId: version.versionId,
    IsLatest: version.latest,
    Owner: { ID: account, DisplayName: account },
  });
  sendXml(call.request, 'ListVersionsResult', {
    ...pageXml(call, query, page),
    KeyMarker: encode(keyMarker),
    VersionIdMarker: versionMarker,
    NextKeyMarker: page.next && encode(nextKey),
    NextVersionIdMarker: endsWithVersion ? last.versionId : undefined,
    Version: page.objects.filter((version) => !version.deleteMarker).map(entry),
    DeleteMarker: page.objects.filter((version) => version.deleteMarker).map(entry),
  });
};

/** The size of a page that the query asks for, at most 1,000. Throws InvalidArgument. */
export function pageSize(call: S3Call, name: string): number {
  const text = call.query.get(name) ?? String(MAX_PAGE);
  if (/^\d{1,10}$/.test(text)) return Math.min(Number(text), MAX_PAGE);
  throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text);
}

function queryOf(call: S3Call, after: Position, versions: boolean): ListQuery {
  const prefix = call.query.get('prefix') ?? '';
  const delimiter = call.query.get('delimiter') ?? '';
  return { bucket: call.bucket, prefix, delimiter, after, max: pageSize(call, 'max-keys'), versions };
}

type Encode = (text: string) => string;

function encoderOf(call: S3Call): Encode {
  const type = call.query.get('encoding-type');
  if (type === null) return (text) => text;
  if (type === 'url') return (text) => encodeURIComponent(text).replaceAll('%2F', '/');
  throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type);
}

function pageXml(call: S3Call, query: ListQuery, page: ListPage): XmlElements {
  const encode = encoderOf(call);
  return {
    Name: query.bucket,
    Prefix: encode(query.prefix),
    Delimiter: query.delimiter === '' ? undefined : encode(query.delimiter),
    EncodingType: call.query.get('encoding-type') ?? undefined,
    MaxKeys: query.max,
    IsTruncated: page.next !== undefined,
    CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

function entryXml(version: ObjectVersion, encode: Encode): XmlElements {
  const entry = { Key: encode(version.key), LastModified: new Date(version.modified).toISOString() };
  if (version.deleteMarker) return entry;
  const { etag, size, checksum } = version;
  const summed = { ChecksumAlgorithm: checksum?.algorithm, ChecksumType: checksum?.type };
  return { ...entry, ETag: `"${etag}"`, ...summed, Size: size, StorageClass: 'STANDARD' };
}

function positionOf(db: Database, bucket: string, key: string, versionId: string): Position {
  if (key === '') return START;
  if (versionId === '') return { key, below: 0 };
  const sql = 'SELECT sequence FROM object WHERE bucket = ? AND key = ? AND version_id = ?';
  const row = db.get(sql, bucket, key, versionId);
  if (!row) throw invalidArgument('Invalid version id specified', 'version-id-marker', versionId);
  return { key, below: Number(row.sequence) };
}

function formatToken(position: Position): string {
  return Buffer.from(JSON.stringify([position.key, position.below])).toString('base64url');
}

function parseToken(token: string): Position {
  try {
    const [key, below] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    if (typeof key === 'string' && typeof below === 'number') return { key, below };
  } catch {
    // answered below
  }
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
}
