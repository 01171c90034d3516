/** Parquet with values of every type that can be a cell, and damaged files: both batch engines make the same of them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { dataOf } from '../../shared/preparation/testing/data-of.ts';
import { describeWith } from '../support/outside-client.ts';
import { prepareByBoth } from './support/by-both.ts';
import { scratchFolder, sparkPython, startSpark } from './support/spark.ts';

const python = sparkPython();
const DATA = dataOf({
  columns: [
    { name: 'id', type: 'integer' },
    { name: 'f32', type: 'number', missing: 'allow' },
    { name: 'price', type: 'number', missing: 'allow' },
    { name: 'day', type: 'date', missing: 'allow', parts: ['day'] },
    { name: 'moment', type: 'date', missing: 'allow', parts: ['hour', 'minute'] },
    { name: 'flag', type: 'text', canonical: { true: [], false: [] }, encode: 'ordinal' },
    { name: 'name', type: 'text', missing: 'allow', encode: { hash: 3 } },
    { name: 'list', type: 'text', missing: 'allow' },
    { name: 'y', type: 'integer' },
  ],
  target: 'y',
  quality: { minimumRows: 1, maximumQuarantined: 1 },
});

const ROWS = `SELECT
  i::BIGINT AS id, (i / 7)::FLOAT AS f32, (i * 1.25)::DECIMAL(10, 2) AS price,
  CASE WHEN i % 5 = 0 THEN NULL ELSE DATE '2020-01-30' + i::INTEGER END AS day,
  TIMESTAMP '1969-12-31 23:59:59.123456' + to_minutes(i * 37) AS moment,
  i % 3 = 0 AS flag, CASE WHEN i % 4 = 0 THEN NULL ELSE ' Name ' || i END AS name,
  CASE WHEN i % 10 = 0 THEN [i, 2] END AS list, (i % 2)::TINYINT AS y, i AS other
  FROM range(200) t(i)`;

describeWith(python, 'Parquet', () => {
  const folder = scratchFolder();
  afterAll(() => folder[Symbol.dispose]());

  async function byBoth(name: string, file: string) {
    await using engine = startSpark(python.interpreter, 'local[1]', 1);
    return await prepareByBoth(engine, { folder: folder.path, name, file }, { data: DATA });
  }

  it('is read alike', async () => {
    const file = join(folder.path, 'typed.parquet');
    const connection = await (await DuckDBInstance.create()).connect();
    await connection.run(`COPY (${ROWS}) TO '${file}' (FORMAT parquet)`);
    connection.closeSync();

    const { duckdb, spark } = await byBoth('typed', file);

    expect(spark.rows).toEqual(duckdb.rows);
    expect(spark.records).toEqual(duckdb.records);
    expect(spark.quarantine).toEqual(duckdb.quarantine);
    expect(spark.quarantine[0]).toMatchObject({ line: 1, rule: 'not-a-cell', value: '[0,2]' });
    expect(spark.rows.train.length).toBeGreaterThan(100);
  });

  it('that is damaged refuses the dataset', async () => {
    const file = join(folder.path, 'torn.parquet');
    writeFileSync(file, readFileSync(join(folder.path, 'typed.parquet')).subarray(0, -100));
    const { duckdb, spark } = await byBoth('torn', file);
    const reason = expect.stringMatching(
      /^incoming\/torn: the Parquet file cannot be read .*; write it anew/,
    );
    for (const { result } of [duckdb, spark]) expect(result).toMatchObject({ kind: 'rejected', reason });
  });
});
