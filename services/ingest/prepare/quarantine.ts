/** What was put aside and why: `quarantine.jsonl`, and its counts by part and rule. */
import type { RuleCount } from '../../../shared/preparation/result.ts';
import type { AsideFile } from './read/aside-file.ts';
import type { Cells } from './read/cell-file.ts';
import { CONTROL_MARK, NESTED_MARK, SEPARATOR } from './read/cell-format.ts';
import type { Session } from './session.ts';
import { columnOf, faultOf, needsCell } from './sql/fault.ts';
import type { Plan } from './sql/plan.ts';
import { cellsSql } from './sql/rows-sql.ts';
import { firstOf, text } from './sql/sql-text.ts';

/** Characters of a value that are told. */
const SHOWN = 200;

/** Makes the table `gone` of all rows that are not alive and all lines that were none: part, line, rule, column,
 * value, dropped. */
export async function gather(
  session: Session,
  plan: Plan,
  cells: readonly Cells[],
  aside: AsideFile,
): Promise<void> {
  await session.run(
    'CREATE OR REPLACE TABLE codes (code INTEGER, rule VARCHAR, name VARCHAR, dropped BOOLEAN)',
  );
  const codes = (await session.rows('SELECT DISTINCT f FROM rows WHERE f IS NOT NULL')).map(([code]) =>
    Number(code),
  );
  const names = [...plan.columns, ...plan.derived].map(({ name }) => name);
  const known = codes.map((code) => {
    const { rule, column, dropped } = faultOf(code);
    const name = column === undefined ? 'NULL' : text(names[column]!);
    return `(${code}, ${text(rule)}, ${name}, ${dropped})`;
  });
  if (known.length > 0) await session.run(`INSERT INTO codes VALUES ${known.join(', ')}`);
  const lost =
    aside.lines === 0
      ? ''
      : ` UNION ALL SELECT part, line, rule, NULL, decode(unhex(value)), false FROM ${asideSql(aside)}`;
  await session.run(
    `CREATE OR REPLACE TABLE gone AS SELECT part, line, rule, name, coalesce(left(value, ${SHOWN}), '') AS value, dropped FROM (${early(codes)}${await late(session, plan, cells)}) JOIN codes ON f = code${lost}`,
  );
}

/** A row whose fault was found as it was cleaned holds the faulty cell. */
function early(codes: readonly number[]): string {
  const inRow = codes.filter((code) => !faultOf(code).late);
  const marks = [CONTROL_MARK, NESTED_MARK].map((mark) => `starts_with(record, ${text(mark)})`).join(' OR ');
  const value = firstOf([[marks, 'decode(unhex(substr(record, 2)))']], 'record');
  const held = inRow.length === 0 ? 'false' : `f IN (${inRow.join(', ')})`;
  return `SELECT part, line, f, CASE WHEN ${held} THEN ${value} ELSE '' END AS value FROM rows WHERE f IS NOT NULL AND NOT (${needsCell('f')})`;
}

/** That of any other row is looked up where all cells lie. */
async function late(session: Session, plan: Plan, cells: readonly Cells[]): Promise<string> {
  const [some] = await session.row(`SELECT count(*) FROM rows WHERE f IS NOT NULL AND ${needsCell('f')}`);
  if (Number(some) === 0) return '';
  const cell = firstOf(
    plan.columns.map(({ at }): [string, string] => [`${columnOf('f')} = ${at}`, `c${at}`]),
    'NULL',
  );
  const all = cells.map((one) => `SELECT * FROM ${cellsSql(plan.columns.length, one)}`).join(' UNION ALL ');
  return ` UNION ALL SELECT part, line, f, ${cell} AS value FROM (${all}) JOIN (SELECT part, line, f FROM rows WHERE f IS NOT NULL AND ${needsCell('f')}) USING (part, line)`;
}

const asideSql = ({ path }: AsideFile): string =>
  `read_csv(${text(path)}, auto_detect = false, header = false, delim = ${text(SEPARATOR)}, quote = '', escape = '', comment = '', new_line = '\\n', strict_mode = false, columns = {'part': 'INTEGER', 'line': 'BIGINT', 'rule': 'VARCHAR', 'value': 'VARCHAR'})`;

/** `files`: the parts' keys by their number. */
export async function writeQuarantine(
  session: Session,
  files: readonly string[],
  path: string,
): Promise<void> {
  await session.run('CREATE OR REPLACE TABLE files (part INTEGER, file VARCHAR)');
  for (let from = 0; from < files.length; from += 1000) {
    const some = files
      .slice(from, from + 1000)
      .map((file, at) => `(${from + at}, ${text(JSON.stringify(file))})`);
    await session.run(`INSERT INTO files VALUES ${some.join(', ')}`);
  }
  const row = [
    `'{"file":' || file`,
    `',"line":' || line`,
    `',"column":' || coalesce(CAST(to_json(name) AS VARCHAR), 'null')`,
    `',"rule":"' || rule || '"'`,
    `',"value":' || CAST(to_json(value) AS VARCHAR)`,
    `CASE WHEN dropped THEN ',"dropped":true}' ELSE '}' END`,
  ].join(' || ');
  await session.run(
    `COPY (SELECT ${row} FROM gone JOIN files USING (part) ORDER BY part, line) TO ${text(path)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER ${text(SEPARATOR)})`,
  );
}

export interface GoneCounts {
  readonly quarantined: number;
  readonly dropped: number;
  readonly duplicates: number;
}

/** By the part's number; a part that lost nothing is not there. */
export async function goneByPart(session: Session): Promise<ReadonlyMap<number, GoneCounts>> {
  const rows = await session.rows(
    `SELECT part, count(*) FILTER (rule <> 'duplicate' AND NOT dropped), count(*) FILTER (dropped), count(*) FILTER (rule = 'duplicate') FROM gone GROUP BY part`,
  );
  return new Map(
    rows.map(([part, quarantined, dropped, duplicates]) => [
      Number(part),
      { quarantined: Number(quarantined), dropped: Number(dropped), duplicates: Number(duplicates) },
    ]),
  );
}

/** A part has fewer lines than that. */
const LINES = 2 ** 33;

/** The most frequent first; of equally frequent ones the one whose first row comes first. */
export async function ruleCounts(session: Session): Promise<readonly RuleCount[]> {
  const place = `CAST(part AS BIGINT) * ${LINES} + line`;
  const rows = await session.rows(
    `SELECT rule, name, count(*) AS times, arg_min(value, ${place}) FROM gone GROUP BY rule, name ORDER BY times DESC, min(${place})`,
  );
  return rows.map(([rule, column, times, example]) => ({
    rule: String(rule),
    column: column === null ? null : String(column),
    rows: Number(times),
    example: String(example),
  }));
}
