import { pipeline } from 'node:stream/promises';
import { AwsError } from '../aws-error.ts';
import type { Operation, S3Call, S3Context } from './call.ts';
import { methodNotAllowed, noSuchKey, noSuchVersion, notImplemented } from './errors.ts';
import { checksumHeaders, objectHeaders, versionHeaders } from './object-headers.ts';
import { findObject, type ObjectVersion } from './objects.ts';
import { weighReadConditions } from './read-condition.ts';
import { type Headers, sendEmpty, writeHead } from './respond.ts';

const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** GetObject, and HeadObject, which differs in the body alone. */
export const getObject: Operation = async (context, call) => {
  if (call.query.has('partNumber')) throw notImplemented('GetObject by partNumber');
  const version = readableVersion(context, call);
  if (weighReadConditions(call, version) === 'not-modified') {
    return sendEmpty(call.request, 304, objectHeaders(version));
  }
  const range = parseRange(call.headers.range, version.size);
  const { start, end } = range ?? { start: 0, end: version.size - 1 };
  const headers: Headers = {
    ...objectHeaders(version),
    ...overrides(call),
    'content-length': end - start + 1,
    ...(range
      ? { 'content-range': `bytes ${start}-${end}/${version.size}` }
      : call.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED' &&
        checksumHeaders(version.checksum)),
  };
  const status = range ? 206 : 200;
  if (call.request.req.method === 'HEAD' || version.size === 0)
    return sendEmpty(call.request, status, headers);
  await context.blobs.read(version.segments, { start, end }, async (bytes) => {
    writeHead(call.request, status, headers);
    await pipeline(bytes, call.request.res);
  });
};

/** The version that a read asks for. Throws NoSuchBucket, NoSuchKey, NoSuchVersion, and MethodNotAllowed when a
 * delete marker is asked for by its version. */
function readableVersion(context: S3Context, call: S3Call): ObjectVersion {
  const versionId = call.query.get('versionId') ?? undefined;
  const version = findObject(context.db, call.bucket, call.key, versionId);
  if (!version) throw versionId ? noSuchVersion(call.key, versionId) : noSuchKey(call.key);
  if (!version.deleteMarker) return version;
  for (const [name, value] of Object.entries(versionHeaders(version))) {
    if (value !== undefined) call.request.res.setHeader(name, value);
  }
  throw versionId ? methodNotAllowed(call.request.req.method ?? '') : noSuchKey(call.key);
}

/** One range of bytes, both ends inclusive; undefined when the header is to be ignored. Throws InvalidRange. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(first) > Number(last)) return undefined;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start <= end) return { start, end };
  const members = { RangeRequested: header, ActualObjectSize: size };
  throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416, members);
}

function overrides(call: S3Call): Headers {
  const asked = OVERRIDES.map((name) => [name, call.query.get(`response-${name}`) ?? undefined] as const);
  return Object.fromEntries(asked.filter(([, value]) => value !== undefined));
}
