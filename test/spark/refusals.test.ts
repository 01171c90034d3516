/** Whoever reads why a dataset was refused need not know which engine has read it: both say the same. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { RejectedResult } from '../../shared/preparation/result.ts';
import { dataOf } from '../../shared/preparation/testing/data-of.ts';
import { describeWith } from '../support/outside-client.ts';
import { prepareByBoth } from './support/by-both.ts';
import { type Spark, scratchFolder, sparkPython, startSpark } from './support/spark.ts';

const python = sparkPython();
const DATA = dataOf({
  columns: [
    { name: 'x', type: 'number' },
    { name: 'y', type: 'integer' },
  ],
  target: 'y',
  quality: { minimumRows: 1 },
});
const GOOD = `x,y\n${'1,2\n2,3\n'.repeat(50)}`;
/** As the bounds of a real part are to its rows. */
const LIMITS = { partBytes: 4000, columns: 5, cellBytes: 200, rowBytes: 600 };

describeWith(python, 'a file that refuses its dataset', () => {
  const folder = scratchFolder();
  let engine: Spark;
  beforeAll(() => {
    engine = startSpark(python.interpreter, 'local[1]', 1);
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it.each<[string, string | Buffer]>([
    ['empty', ''],
    ['header-only', 'x,y\n'],
    ['lacks-a-column', 'x,z\n1,2\n'],
    ['doubled-column', 'x,y,x\n1,2,3\n'],
    ['header-in-quotes', '"x,y\n1,2\n'],
    ['binary', Buffer.from([0x50, 0x4b, 3, 4, 0, 0])],
    ['latin-1', Buffer.from('x,y\n1,\xe4\n', 'latin1')],
    ['torn-gzip', gzipSync(GOOD).subarray(0, -9)],
    ['long-cell', `x,y\n${'1'.repeat(300)},2\n`],
    ['many-cells', 'x,y\n1,2,3,4,5,6\n'],
    ['long-line.jsonl', `{"x":1,"y":1}\n{"x":"${'1'.repeat(700)}`],
    ['blank-lines.jsonl', '{"x":1,"y":1}\n'.slice(0, 1) + ' '.repeat(650)],
    ['large', GOOD.repeat(11)],
  ])('%s', async (name, content) => {
    const file = join(folder.path, name);
    writeFileSync(file, content);
    const given = { folder: folder.path, name, file };
    const { duckdb, spark } = await prepareByBoth(engine, given, { data: DATA, limits: LIMITS });
    const { result } = spark;
    const { reason } = duckdb.result as RejectedResult;
    expect(reason).toMatch(/^incoming\/.+: .+; /);
    expect(result).toMatchObject({ kind: 'rejected', reason });
  });
});
