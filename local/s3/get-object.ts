import type { Sqlite } from '../sqlite.ts';
import type { Operation, S3Call } from './call.ts';
import { checksumHeaders, objectHeaders, versionHeaders } from './object-headers.ts';
import { type ObjectVersion, readableObject } from './objects.ts';
import { weighReadConditions } from './read-condition.ts';
import type { Headers } from './respond.ts';
import { notImplemented, s3Error } from './s3-error.ts';

/** GetObject, and HeadObject, which differs in the body alone. */
export const getObject: Operation = ({ db, blobs }, call) => {
  if (call.query.has('partNumber')) throw notImplemented('GetObject by partNumber');
  const version = readableVersion(db, call);
  if (weighReadConditions(call, version) === 'not-modified')
    return { status: 304, headers: objectHeaders(version) };
  const range = parseByteRange(call.headers.range, version.size);
  const { start, end } = range ?? { start: 0, end: version.size - 1 };
  const asksChecksum = !range && call.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED';
  return {
    status: range ? 206 : 200,
    headers: {
      ...objectHeaders(version),
      ...overrides(call),
      'content-length': end - start + 1,
      'content-range': range && `bytes ${start}-${end}/${version.size}`,
      ...(asksChecksum && checksumHeaders(version.checksum)),
    },
    bytes: blobs.read(version.blobs, start, end),
  };
};

/** Asked by `aws s3 cp` and `mv` of a large object: no object has tags, for they are refused. */
export const getObjectTagging: Operation = ({ db }, call) => ({
  headers: versionHeaders(readableVersion(db, call)),
  document: ['Tagging', { TagSet: '' }],
});

function readableVersion(db: Sqlite, call: S3Call): ObjectVersion {
  const versionId = call.query.get('versionId');
  return readableObject(db, { ...call, versionId }, (marker) => {
    for (const [name, value] of Object.entries(versionHeaders(marker)))
      if (value !== undefined) call.request.res.setHeader(name, value);
    return versionId ? s3Error('MethodNotAllowed') : s3Error('NoSuchKey', { Key: call.key });
  });
}

/** One range of bytes, both ends inclusive; undefined when the header is to be ignored. Throws InvalidRange. */
export function parseByteRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(first) > Number(last)) return undefined;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start <= end) return { start, end };
  throw s3Error('InvalidRange', { RangeRequested: header, ActualObjectSize: size });
}

/** What the reader wants in place of the object's own headers: `response-content-type=…`. */
function overrides({ query }: S3Call): Headers {
  const asked = [...query].filter(([name]) =>
    /^response-(cache-control|content-(disposition|encoding|language|type)|expires)$/.test(name),
  );
  return Object.fromEntries(asked.map(([name, value]) => [name.slice('response-'.length), value]));
}
