import type { Operation, S3Call, S3Context } from './call.ts';
import {
  commonPrefix,
  type ListPage,
  type ListQuery,
  listPage,
  type Position,
  pastPrefix,
  positionAt,
} from './listing.ts';
import type { ObjectVersion } from './objects.ts';
import { invalidArgument } from './s3-error.ts';
import type { XmlElements } from './xml.ts';

const MAX_PAGE = 1000;

/** ListObjectsV2. */
export const listObjects: Operation = (context, call) => {
  const encode = encoderOf(call);
  const token = call.query.get('continuation-token') ?? undefined;
  const startAfter = call.query.get('start-after') ?? undefined;
  const after = token === undefined ? positionAt(startAfter ?? '') : parseToken(token);
  const page = listPage(context.db, queryOf(call, after, false));
  const Owner = call.query.get('fetch-owner') === 'true' ? ownerXml(context) : undefined;
  const document = {
    ...pageXml(call, page),
    StartAfter: startAfter && encode(startAfter),
    ContinuationToken: token,
    NextContinuationToken: page.next?.key.toString('base64url'),
    KeyCount: page.objects.length + page.prefixes.length,
    Contents: page.objects.map((object) => ({ ...entryXml(object, encode), Owner })),
  };
  return { document: ['ListBucketResult', document] };
};

/** ListObjects, the first version: a page goes on behind a key or common prefix, and names one only with a delimiter. */
export const listObjectsV1: Operation = (context, call) => {
  const encode = encoderOf(call);
  const marker = call.query.get('marker') ?? '';
  const page = listPage(context.db, queryOf(call, markedPosition(context, call, marker, ''), false));
  const last = [page.objects.at(-1)?.key ?? '', page.prefixes.at(-1) ?? ''].sort(compareBytes).at(-1) ?? '';
  const document = {
    ...pageXml(call, page),
    Marker: encode(marker),
    NextMarker: page.next && call.query.get('delimiter') ? encode(last) : undefined,
    Contents: page.objects.map((object) => ({ ...entryXml(object, encode), Owner: ownerXml(context) })),
  };
  return { document: ['ListBucketResult', document] };
};

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** ListObjectVersions: each key's versions and delete markers, newest first. */
export const listObjectVersions: Operation = (context, call) => {
  const encode = encoderOf(call);
  const keyMarker = call.query.get('key-marker') ?? '';
  const versionMarker = call.query.get('version-id-marker') ?? '';
  const page = listPage(
    context.db,
    queryOf(call, markedPosition(context, call, keyMarker, versionMarker), true),
  );
  const last = page.objects.at(-1);
  const endsWithVersion = last && page.next?.key.equals(Buffer.from(last.key));
  const entry = (version: ObjectVersion): XmlElements => ({
    ...entryXml(version, encode),
    VersionId: version.versionId,
    IsLatest: version.isLatest === 1,
    Owner: ownerXml(context),
  });
  const document = {
    ...pageXml(call, page),
    KeyMarker: encode(keyMarker),
    VersionIdMarker: versionMarker,
    NextKeyMarker: page.next && encode(endsWithVersion ? last.key : (page.prefixes.at(-1) ?? '')),
    NextVersionIdMarker: endsWithVersion ? last.versionId : undefined,
    Version: page.objects.filter((version) => !version.isMarker).map(entry),
    DeleteMarker: page.objects.filter((version) => version.isMarker).map(entry),
  };
  return { document: ['ListVersionsResult', document] };
};

/** The size of a page that the query asks for, at most 1,000. Throws InvalidArgument. */
function pageSize(call: S3Call): number {
  const text = call.query.get('max-keys') ?? String(MAX_PAGE);
  if (/^\d{1,10}$/.test(text)) return Math.min(Number(text), MAX_PAGE);
  throw invalidArgument('Provided max-keys not an integer or within integer range', 'max-keys', text);
}

function ownerXml({ identity: { account } }: S3Context): XmlElements {
  return { ID: account, DisplayName: account };
}

function queryOf(call: S3Call, after: Position, versions: boolean): ListQuery {
  const prefix = call.query.get('prefix') ?? '';
  const delimiter = call.query.get('delimiter') ?? '';
  return { bucket: call.bucket, prefix, delimiter, after, max: pageSize(call), versions };
}

type Encode = (text: string) => string;

function encoderOf(call: S3Call): Encode {
  const type = call.query.get('encoding-type');
  if (type === null) return (text) => text;
  if (type === 'url') return (text) => encodeURIComponent(text).replaceAll('%2F', '/');
  throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type);
}

function pageXml(call: S3Call, page: ListPage): XmlElements {
  const encode = encoderOf(call);
  const delimiter = call.query.get('delimiter');
  return {
    Name: call.bucket,
    Prefix: encode(call.query.get('prefix') ?? ''),
    Delimiter: delimiter ? encode(delimiter) : undefined,
    EncodingType: call.query.get('encoding-type') ?? undefined,
    MaxKeys: pageSize(call),
    IsTruncated: page.next !== undefined,
    CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

function entryXml(
  { key, modified, etag, checksum, size, isMarker }: ObjectVersion,
  encode: Encode,
): XmlElements {
  const entry = { Key: encode(key), LastModified: new Date(modified).toISOString() };
  if (isMarker) return entry;
  const summed = { ChecksumAlgorithm: checksum?.algorithm, ChecksumType: checksum?.type };
  return { ...entry, ETag: `"${etag}"`, ...summed, Size: size, StorageClass: 'STANDARD' };
}

/** Where the page before ended: behind a version, or behind a key or common prefix. */
function markedPosition({ db }: S3Context, call: S3Call, key: string, versionId: string): Position {
  if (versionId === '') {
    const { prefix, delimiter } = queryOf(call, positionAt(''), true);
    return commonPrefix({ prefix, delimiter }, key) === key ? pastPrefix(key) : positionAt(key);
  }
  const sql = 'SELECT sequence FROM object WHERE bucket = ? AND key = ? AND versionId = ?';
  const row = db.get<{ sequence: number }>(sql, call.bucket, key, versionId);
  if (!row) throw invalidArgument('Invalid version id specified', 'version-id-marker', versionId);
  return positionAt(key, row.sequence);
}

/** A token is the bytes of the position's key: of its versions only the latest is listed. */
function parseToken(token: string): Position {
  const key = Buffer.from(token, 'base64url');
  if (token !== '' && key.toString('base64url') === token) return { key, below: 0 };
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
}
