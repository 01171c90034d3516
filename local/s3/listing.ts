import type { Database } from './database.ts';
import { type ObjectVersion, toVersion } from './objects.ts';

/** After it in a listing: greater keys, and of `key` itself the versions older than `below`. */
export interface Position {
  readonly key: string;
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

export const START: Position = { key: '', below: Number.MAX_SAFE_INTEGER };

// The segments of an object of many parts are long.
const COLUMNS =
  "sequence, bucket, key, version_id, latest, delete_marker, modified, stated, '[]' AS segments";
const RANGE = 'bucket = ? AND key >= max(?, ?) AND key < ? AND NOT (key = ? AND sequence >= ?)';
const LATEST = `SELECT ${COLUMNS} FROM object WHERE latest = 1 AND delete_marker = 0 AND ${RANGE} ORDER BY key LIMIT ?`;
const VERSIONS = `SELECT ${COLUMNS} FROM object WHERE ${RANGE} ORDER BY key, sequence DESC LIMIT ?`;

/** One page, in UTF-8 order of the keys. The objects have no segments. Groups of keys under a
 * common prefix are jumped over, not read. */
export function listPage(db: Database, query: ListQuery): ListPage {
  const objects: ObjectVersion[] = [];
  const prefixes: string[] = [];
  const group = groupOf(query, query.after.key);
  let after: Position | undefined = group === query.after.key ? afterGroup(group) : query.after;
  while (after) {
    const room = query.max - objects.length - prefixes.length;
    if (room <= 0) break;
    // With a delimiter most of what was read may lie under the first common prefix.
    const rows = fetch(db, query, after, query.delimiter === '' ? room : Math.min(room, 32));
    after = take(rows, query, objects, prefixes);
  }
  const more = query.max > 0 && after && fetch(db, query, after, 1).length > 0;
  return { objects, prefixes, next: more ? after : undefined };
}

/** Puts rows on the page up to and including the first that opens a group; gives where to read on. */
function take(
  rows: readonly ObjectVersion[],
  query: ListQuery,
  objects: ObjectVersion[],
  prefixes: string[],
): Position | undefined {
  let after: Position | undefined;
  for (const row of rows) {
    const group = groupOf(query, row.key);
    if (group !== undefined) {
      prefixes.push(group);
      return afterGroup(group);
    }
    objects.push(row);
    after = { key: row.key, below: row.sequence };
  }
  return after;
}

function fetch(db: Database, query: ListQuery, after: Position, limit: number): ObjectVersion[] {
  const { bucket, prefix } = query;
  // SQLite orders every BLOB after every TEXT.
  const upper = successor(prefix) ?? Buffer.alloc(0);
  const sql = query.versions ? VERSIONS : LATEST;
  return db.all(sql, bucket, after.key, prefix, upper, after.key, after.below, limit).map(toVersion);
}

/** The common prefix that a key is rolled up into. */
function groupOf({ prefix, delimiter }: ListQuery, key: string): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function afterGroup(group: string): Position | undefined {
  const key = successor(group);
  return key === undefined ? undefined : { key, below: Number.MAX_SAFE_INTEGER };
}

/** The least text greater than every text that starts with `prefix`, in code point order; undefined for none. */
export function successor(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // Surrogates are no characters.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}
