/** Parquet files, read by DuckDB, become cells like those of any text: docs/data.md, "Cells". */
import type { Cell, Session } from '../session.ts';
import { identifier, text } from '../sql/sql-text.ts';
import { Nested } from './cell-file.ts';
import { readHeader } from './header.ts';
import { numberCell } from './json-lines-reader.ts';
import { bytesText, Rejection } from './rejection.ts';
import { type ContentFacts, countRow, type RowSink } from './row-sink.ts';

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
  const cells = wanted.map((column, at) => `${cellSql(column)} AS c${at}`);
  let rows = 0;
  const query = `SELECT ${cells.join(', ')} FROM read_parquet(${text(path)})`;
  try {
    for await (const chunk of session.chunks(query)) {
      for (const values of chunk) {
        rows++;
        countRow(sink);
        sink.cells.addValues(
          sink.part,
          rows,
          values.map((value, at) => cellOf(value, wanted[at]!.type, sink)),
        );
      }
    }
  } catch (error) {
    throw error instanceof Rejection ? error : unreadable(error);
  }
  if (rows === 0) throw new Rejection('the file has no rows');
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
    if (Number(rows) > budget.left)
      throw new Rejection('with this file the dataset has more rows than allowed; drop less data');
    const [bytes, count] = await session.row(
      `SELECT coalesce(CAST(sum(total_uncompressed_size) AS DOUBLE), 0), count(DISTINCT path_in_schema) FROM parquet_metadata(${file})`,
    );
    if (Number(bytes) > limits.unpackedBytes)
      throw new Rejection(
        `the file unpacks to more than the allowed ${bytesText(limits.unpackedBytes)}; drop it in parts`,
      );
    if (Number(count) > limits.columns)
      throw new Rejection(`the file has more than ${limits.columns.toLocaleString('en')} columns`);
    const columns = await session.rows(`DESCRIBE SELECT * FROM read_parquet(${file})`);
    return columns.map(([name, type]) => ({ name: String(name), type: String(type) }));
  } catch (error) {
    throw error instanceof Rejection ? error : unreadable(error);
  }
}

function unreadable(error: unknown): Error {
  const [line = ''] = (error as Error).message.split('\n');
  if (line.startsWith('INTERRUPT')) return error as Error;
  return new Rejection(`this is no readable Parquet file (${line.slice(0, 200)})`);
}

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const NESTED = /\[\d*\]$|^(STRUCT|MAP|UNION|LIST|ARRAY|BLOB|BIT|GEOMETRY|VARIANT)/;

/** What is asked of DuckDB: a double, an instant in milliseconds, or text. */
function cellSql({ name, type }: Column): string {
  const value = identifier(name);
  if (NUMBER.test(type)) return `CAST(${value} AS DOUBLE)`;
  if (type.startsWith('TIMESTAMP')) return `CAST(epoch_ms(CAST(${value} AS TIMESTAMP)) AS DOUBLE)`;
  return NESTED.test(type) ? `CAST(to_json(${value}) AS VARCHAR)` : `CAST(${value} AS VARCHAR)`;
}

function cellOf(value: Cell, type: string, { limits }: RowSink): string | Nested {
  if (value === null) return '';
  if (NESTED.test(type)) return new Nested(String(value));
  if (typeof value === 'string') {
    if (value.length * 3 > limits.cellBytes && Buffer.byteLength(value) > limits.cellBytes)
      throw new Rejection(`the file has a cell of more than ${bytesText(limits.cellBytes)}`);
    return value;
  }
  return type.startsWith('TIMESTAMP') ? instant(Number(value)) : numberCell(Number(value));
}

function instant(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString();
}
