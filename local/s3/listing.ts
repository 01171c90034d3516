import type { Sqlite } from '../sqlite.ts';
import { type ObjectVersion, toVersion } from './objects.ts';

/** After it in a listing: greater keys (by their UTF-8 bytes), and of `key` itself the versions older than `below`. */
export interface Position {
  readonly key: Buffer;
  readonly below: number;
}

export interface ListQuery {
  readonly bucket: string;
  readonly prefix: string;
  /** Empty for none. */
  readonly delimiter: string;
  readonly after: Position;
  /** Objects and common prefixes together. */
  readonly max: number;
  /** All versions and delete markers; else the latest of each key, if it is no delete marker. */
  readonly versions: boolean;
}

export interface ListPage {
  readonly objects: readonly ObjectVersion[];
  readonly prefixes: readonly string[];
  /** Where the next page starts; undefined when this was the last. */
  readonly next: Position | undefined;
}

/** The first row behind a position. The list of an object's blobs may be long, and is not wanted. */
const NEXT = `SELECT sequence, bucket, key, versionId, isLatest, isMarker, modified, size, stated, '[]' AS blobs
  FROM object WHERE bucket = ? AND key >= max(CAST(? AS TEXT), ?) AND key < CAST(? AS TEXT)
  AND NOT (key = CAST(? AS TEXT) AND sequence >= ?)`;
const NEXT_VERSION = `${NEXT} ORDER BY key, sequence DESC LIMIT 1`;
const NEXT_LATEST = `${NEXT} AND isLatest = 1 AND isMarker = 0 ORDER BY key LIMIT 1`;

/** One page, in the order of the keys; its objects have no blobs. Keys under a common prefix are jumped over. */
export function listPage(db: Sqlite, query: ListQuery): ListPage {
  const { bucket, prefix, max } = query;
  const objects: ObjectVersion[] = [];
  const prefixes: string[] = [];
  const sql = query.versions ? NEXT_VERSION : NEXT_LATEST;
  const end = pastPrefix(prefix).key;
  const nextRow = ({ key, below }: Position) => db.get(sql, bucket, key, prefix, end, key, below);
  let { after } = query;
  let row = max > 0 ? nextRow(after) : undefined;
  while (row && objects.length + prefixes.length < max) {
    const version = toVersion(row);
    const group = commonPrefix(query, version.key);
    if (group === undefined) objects.push(version);
    else prefixes.push(group);
    after = group === undefined ? positionAt(version.key, version.sequence) : pastPrefix(group);
    row = nextRow(after);
  }
  return { objects, prefixes, next: row && after };
}

/** Behind the versions of `key` that are not older than `below`; all of them when left out. */
export function positionAt(key: string, below = 0): Position {
  return { key: Buffer.from(key), below };
}

/** Behind all keys that start with `prefix`: 0xff is greater than every byte of UTF-8. */
export function pastPrefix(prefix: string): Position {
  return { key: Buffer.concat([Buffer.from(prefix), Buffer.of(0xff)]), below: 0 };
}

/** What a key is rolled up into: itself up to the first delimiter behind the prefix. */
export function commonPrefix(
  { prefix, delimiter }: Pick<ListQuery, 'prefix' | 'delimiter'>,
  key: string,
): string | undefined {
  const at = delimiter === '' || !key.startsWith(prefix) ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}
