/** Parquet files, read by DuckDB, become cells like those of any text: docs/data.md, "Cells". */
import { statSync } from 'node:fs';
import type { Cell, Session } from '../session.ts';
import { identifier, text } from '../sql/sql-text.ts';
import { Nested } from './cell-file.ts';
import { readHeader } from './header.ts';
import { numberCell } from './json-lines-reader.ts';
import { bytesText, Rejection, tooLarge } from './rejection.ts';
import { type ContentFacts, countRow, type RowSink, tooManyRows } from './row-sink.ts';
import { mostUnpacked, unpacksTooFar } from './unpack.ts';

interface Column {
  readonly name: string;
  readonly type: string;
}

/** Reads the file at `path` into the sink. Throws Rejection for what is no Parquet file, lacks a column, or is beyond
 * the limits: they are judged by the file's own description first. */
export async function readParquet(session: Session, path: string, sink: RowSink): Promise<ContentFacts> {
  const columns = await described(session, path, sink);
  const { ignored } = readHeader(
    columns.map(({ name }) => name),
    sink.columns,
  );
  const wanted = sink.columns.map((name) => columns.find((column) => column.name.trim() === name)!);
  await measureTexts(session, path, wanted, sink);
  const cells = wanted.map((column, at) => `${cellSql(column)} AS c${at}`);
  let rows = 0;
  const query = `SELECT ${cells.join(', ')} FROM read_parquet(${text(path)})`;
  try {
    for await (const chunk of session.chunks(query)) {
      for (const values of chunk) {
        rows++;
        countRow(sink);
        sink.cells.current.addValues(
          sink.part,
          rows,
          values.map((value, at) => cellOf(value, wanted[at]!.type)),
        );
      }
      await sink.cells.breathe();
    }
  } catch (error) {
    throw error instanceof Rejection ? error : unreadable(error, path);
  }
  if (rows === 0) throw new Rejection('the file has no rows; drop one that has some');
  return { format: 'parquet', rows, ignored };
}

async function described(
  session: Session,
  path: string,
  { limits, budget }: RowSink,
): Promise<readonly Column[]> {
  try {
    const file = text(path);
    const [rows] = await session.row(`SELECT CAST(num_rows AS DOUBLE) FROM parquet_file_metadata(${file})`);
    if (Number(rows) > budget.left) throw tooManyRows();
    const [bytes, count] = await session.row(
      `SELECT coalesce(CAST(sum(total_uncompressed_size) AS DOUBLE), 0), count(DISTINCT path_in_schema) FROM parquet_metadata(${file})`,
    );
    if (Number(bytes) > limits.unpackedBytes) throw unpacksTooFar(limits.unpackedBytes, limits);
    if (Number(count) > limits.columns)
      throw new Rejection(
        `the file has more than ${limits.columns.toLocaleString('en')} columns; leave some out`,
      );
    const columns = await session.rows(`DESCRIBE SELECT * FROM read_parquet(${file})`);
    return columns.map(([name, type]) => ({ name: String(name), type: String(type) }));
  } catch (error) {
    throw error instanceof Rejection ? error : unreadable(error, path);
  }
}

/** Few pages can stand for many long texts: they are measured before any of them is made. Throws Rejection. */
async function measureTexts(
  session: Session,
  path: string,
  wanted: readonly Column[],
  { limits }: RowSink,
): Promise<void> {
  const texts = wanted.filter(({ type }) => isText(type));
  if (texts.length === 0) return;
  const lengths = texts.map(({ name }) => `coalesce(strlen(CAST(${identifier(name)} AS VARCHAR)), 0)`);
  const row = lengths.join(' + ');
  const measures = [`max(${row})`, `sum(${row})`, ...lengths.map((length) => `max(${length})`)];
  const query = `SELECT ${measures.map((measure) => `CAST(coalesce(${measure}, 0) AS DOUBLE)`).join(', ')} FROM read_parquet(${text(path)})`;
  const [longest, total, ...cells] = (
    await session.row(query).catch((error: unknown) => {
      throw unreadable(error, path);
    })
  ).map(Number);
  const long = cells.findIndex((bytes) => bytes > limits.cellBytes);
  if (long >= 0) {
    throw new Rejection(
      `the column "${texts[long]!.name}" has a cell of more than ${bytesText(limits.cellBytes)}; shorten what is in it`,
    );
  }
  if (longest! > limits.rowBytes)
    throw new Rejection(
      `the file has a row of more than ${bytesText(limits.rowBytes)}; shorten its texts, or declare fewer columns`,
    );
  const most = mostUnpacked(statSync(path).size, limits);
  if (total! > most) throw unpacksTooFar(most, limits);
}

function unreadable(error: unknown, path: string): Error {
  const [line = ''] = (error as Error).message.split('\n');
  if (line.startsWith('INTERRUPT')) return error as Error;
  if (line.startsWith('Out of Memory')) {
    return tooLarge(
      'the Parquet file needs more memory than there is; write it with smaller row groups, or drop it in parts',
    );
  }
  const why = line
    .replace(/^[\w -]*Error: /, '')
    .split(path)
    .join('')
    .replaceAll(/ ?(''|""),?/g, '')
    .replaceAll(/\p{Cc}/gu, ' ');
  return new Rejection(
    `the Parquet file cannot be read (${why.slice(0, 200)}); write it anew, and drop it again`,
  );
}

/** A little more than is told of what is no cell. */
const EXCERPT = 201;
const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const NESTED = /\[\d*\]$|^(STRUCT|MAP|UNION|LIST|ARRAY|BLOB|BIT|GEOMETRY|VARIANT)/;

/** What is asked of DuckDB: a double, an instant in milliseconds, or text. */
function cellSql({ name, type }: Column): string {
  const value = identifier(name);
  if (NUMBER.test(type)) return `CAST(${value} AS DOUBLE)`;
  if (type.startsWith('TIMESTAMP')) return `CAST(epoch_ms(CAST(${value} AS TIMESTAMP)) AS DOUBLE)`;
  return NESTED.test(type)
    ? `left(CAST(to_json(${value}) AS VARCHAR), ${EXCERPT})`
    : `CAST(${value} AS VARCHAR)`;
}

/** Whose cells may be of any length. */
const isText = (type: string): boolean =>
  !NUMBER.test(type) && !NESTED.test(type) && !type.startsWith('TIMESTAMP');

function cellOf(value: Cell, type: string): string | Nested {
  if (value === null) return '';
  if (NESTED.test(type)) return new Nested(String(value));
  if (typeof value === 'string') return value;
  return type.startsWith('TIMESTAMP') ? instant(Number(value)) : numberCell(Number(value));
}

function instant(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString();
}
