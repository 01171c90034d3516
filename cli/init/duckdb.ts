/** DuckDB as a reader of files: the engine that will prepare them reads them the same. */
import { DuckDBInstance } from '@duckdb/node-api';

/** Answers the rows of a query, every value as text; null stays null. */
export async function queryTexts(sql: string): Promise<(string | null)[][]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '2GB' });
  try {
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(sql);
    const rows = reader.getRows().map((row) => row.map((value) => (value === null ? null : String(value))));
    connection.closeSync();
    return rows;
  } finally {
    instance.closeSync();
  }
}

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Rows of `from` in their order, chosen by a hash of their number so that about `room` of `total` are left. */
export function sampled(columns: readonly string[], from: string, total: number, room: number): string {
  const numbered = `SELECT *, row_number() OVER () AS "row number of init" FROM ${from}`;
  const list = columns.join(', ');
  if (total <= room) return `SELECT ${list} FROM ${from}`;
  const threshold = Math.floor((room / total) * 1_000_000);
  return `SELECT ${list} FROM (${numbered}) WHERE hash("row number of init") % 1000000 < ${threshold} ORDER BY "row number of init"`;
}
