/** The Parquet files of an engine, read back. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Side } from '../../shared/preparation/result.ts';

/** Rows of one side: a text, a number (a date in milliseconds), or undefined. Undefined where there is no file. */
export async function readParquet(
  directory: string,
  side: Side,
): Promise<
  { readonly names: readonly string[]; readonly rows: readonly (readonly unknown[])[] } | undefined
> {
  const path = join(directory, 'parquet', `${side}.parquet`);
  if (!existsSync(path)) return undefined;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT * FROM read_parquet('${path.replaceAll("'", "''")}')`,
    );
    return { names: reader.columnNames(), rows: reader.getRowsJS().map((row) => row.map(plain)) };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function plain(value: unknown): unknown {
  if (value === null) return undefined;
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Date ? value.getTime() : value;
}
