/** The table `rows`: every row that is one, cleaned by itself (step 1), with the side it falls on. In the order of
 * parts and lines, which `rowid` keeps. */
import { SeenIn } from '../read/cell-classes.ts';
import type { Cells } from '../read/cell-file.ts';
import { CARRIAGE_RETURN, LINE_FEED, SEPARATOR } from '../read/cell-format.ts';
import { cleanColumn } from './clean-sql.ts';
import { columnOf } from './fault.ts';
import { columnNamed, type Plan, type PlannedColumn } from './plan.ts';
import { sideByHash, TEST, TRAIN } from './split-sql.ts';
import { firstOf, Levels, type Named, text, whole } from './sql-text.ts';

const MOST_LINE = 2_000_000;

/** Reads the cells: `part`, `line`, `c0` …, NULL for a blank one. */
export function cellsSql(columns: number, { path, longestRow, broken }: Cells): string {
  const names = Array.from({ length: columns }, (_, at) => `c${at}`);
  const types = ["'part': 'INTEGER'", "'line': 'BIGINT'", ...names.map((name) => `'${name}': 'VARCHAR'`)];
  const room = longestRow < MOST_LINE ? '' : `, max_line_size = ${whole(longestRow + 1024)}`;
  const read = `read_csv(${text(path)}, auto_detect = false, header = false, delim = ${text(SEPARATOR)}, quote = '', escape = '', comment = '', new_line = '\\n', strict_mode = false, columns = {${types.join(', ')}}${room})`;
  if (!broken) return `(SELECT * FROM ${read})`;
  const restored = names.map(
    (name) => `translate(${name}, ${text(LINE_FEED + CARRIAGE_RETURN)}, chr(10) || chr(13)) AS ${name}`,
  );
  return `(SELECT part, line, ${restored.join(', ')} FROM ${read})`;
}

/** The query of the rows in one file of cells. */
export function rowsOf(plan: Plan, cells: Cells): string {
  const { columns } = plan;
  const levels = new Levels(cellsSql(columns.length, cells), [
    'part',
    'line',
    ...columns.map(({ at }) => `c${at}`),
  ]);
  const cleaning = together(columns.map(({ reader }) => cleanColumn(reader, cells)));
  for (const [at, level] of cleaning.entries()) levels.with(level, outdated(cleaning, at));
  const faults = columns.map(({ at }) => `p${at}`);
  levels.with([{ name: 'f', sql: `CAST(coalesce(${faults.join(', ')}, NULL) AS INTEGER)` }], faults);
  const dividing = sideLevels(plan);
  for (const [at, level] of dividing.entries())
    levels.with(
      level,
      (dividing[at - 1] ?? []).map(({ name }) => name),
    );
  return levels.select([
    same('part'),
    same('line'),
    same('f'),
    same('side'),
    ...(plan.data.duplicates === 'drop'
      ? [{ name: 'h', sql: `hash(${columns.map(({ at }) => `v${at}`).join(', ')})` }]
      : []),
    ...columns.map(({ at }) => same(`v${at}`)),
    ...columns.filter(({ eventful }) => eventful).map(({ at }) => same(`e${at}`)),
    { name: 'record', sql: recordSql(plan, cells) },
  ]);
}

const same = (name: string): Named => ({ name, sql: name });

/** A cell that was tried, and behind the last level all but values, faults and events. */
function outdated(levels: readonly (readonly Named[])[], at: number): readonly string[] {
  const names = levels.slice(0, at).flatMap((level) => level.map(({ name }) => name));
  return names.filter((name) => (at === levels.length - 1 ? /^[dtnk]/ : /^[dt]/).test(name));
}

/** The k-th levels of all as one level. */
export function together(columns: readonly (readonly (readonly Named[])[])[]): readonly (readonly Named[])[] {
  const depth = Math.max(0, ...columns.map((levels) => levels.length));
  return Array.from({ length: depth }, (_, at) => columns.flatMap((levels) => levels[at] ?? []));
}

function sideLevels(plan: Plan): readonly (readonly Named[])[] {
  const { split } = plan.data;
  if (split.by === 'time') return [[{ name: 'side', sql: `CAST(${TRAIN} AS UTINYINT)` }]];
  const hashed = split.key
    ? split.key.map((name) => columnNamed(plan, name))
    : plan.columns.filter((column) => column !== plan.target);
  return sideByHash(
    hashed.map(({ reader }) => reader),
    split,
  );
}

/** Of a faulty row the cell that is at fault; of a test row (by time: of any that may become one) its line of
 * records.csv. */
function recordSql(plan: Plan, { classes }: Cells): string {
  const faulty = firstOf(
    plan.columns.map(({ at }): [string, string] => [`${columnOf('f')} = ${at}`, `c${at}`]),
    'NULL',
  );
  const line = recordLine(
    plan.columns.filter((column) => column !== plan.target),
    classes,
  );
  const held = plan.data.split.by === 'time' ? 'true' : `side = ${TEST}`;
  return firstOf(
    [
      ['f IS NOT NULL', faulty],
      [held, line],
    ],
    'NULL',
  );
}

function recordLine(columns: readonly PlannedColumn[], classes: Uint16Array): string {
  if (columns.length === 0) return "''";
  return `concat(${columns.map(({ at }) => quotedCell(`c${at}`, classes[at]!)).join(", ',', ")})`;
}

/** RFC 4180. concat takes NULL for nothing. */
function quotedCell(cell: string, seen: number): string {
  if ((seen & (SeenIn.quotable | SeenIn.lineBreak)) === 0) return cell;
  const needs = [',', '"', '\n', '\r'].map(
    (character) => `contains(${cell}, chr(${character.charCodeAt(0)}))`,
  );
  return firstOf([[needs.join(' OR '), `('"' || replace(${cell}, '"', '""') || '"')`]], cell);
}
