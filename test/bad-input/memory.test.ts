/** The limits act while data streams in: files of 300 MB and more, of a kind that no reader may gather, in a process
 * whose heap could not hold them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { parquetOf } from './cases/parquet.ts';
import { prepare, specificationOf } from './run-case.ts';

interface Told {
  readonly outcome: { readonly kind: string; readonly reason?: string };
  readonly pulledMib: number;
  readonly residentMib: number;
}

async function run(...file: readonly string[]): Promise<Told> {
  const child = join(import.meta.dirname, 'memory-child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    '--max-old-space-size=128',
    child,
    ...file,
  ]);
  return JSON.parse(stdout) as Told;
}

describe('a file that could fill the memory', () => {
  let usual: Told;
  beforeAll(async () => {
    usual = await run('small');
    expect(usual.outcome.kind).toBe('prepared');
  }, 60_000);

  it.each<[file: string, mostMib: number, reason: RegExp]>([
    ['cell', 10, /^endless\.csv: line 2 has a (cell of more than 32,768|row of more than 8,388,608) bytes/],
    ['quoted', 10, /^endless\.csv: line 2 has a (cell of more than 32,768|row of more than 8,388,608) bytes/],
    ['header', 20, /^endless\.csv: line 1 has a (cell of more than 32,768|row of more than 8,388,608) bytes/],
    ['columns', 10, /^endless\.csv: line 2 has more than 10,000 cells/],
    ['json', 20, /^endless\.csv: line 1 has a (cell of more than 32,768|row of more than 8,388,608) bytes/],
    ['bomb', 300, /^endless\.csv: the file unpacks to more than the allowed [\d,]+ bytes/],
  ])(
    '%s: is given up within %i MiB',
    async (file, mostMib, reason) => {
      const { outcome, pulledMib, residentMib } = await run(file);
      expect(outcome).toEqual({ kind: 'rejected', reason: expect.stringMatching(reason) });
      expect(pulledMib).toBeLessThanOrEqual(mostMib);
      expect(residentMib - usual.residentMib).toBeLessThan(100);
    },
    60_000,
  );

  it('300 million empty lines are read to the end, and held nowhere', async () => {
    const { outcome, pulledMib, residentMib } = await run('newlines');
    expect(outcome).toMatchObject({ kind: 'prepared', rows: 1 });
    expect(pulledMib).toBeGreaterThanOrEqual(300);
    expect(residentMib - usual.residentMib).toBeLessThan(100);
  }, 60_000);

  it.each([
    [
      'a text of 2 MB that stands in 2,000 rows',
      "repeat('z', 2000000)",
      2000,
      /the column "t" has a cell of more than 32,768 bytes/,
    ],
    [
      'a text of 30 kB that stands in 300,000 rows',
      "repeat('z', 30000)",
      300_000,
      /unpacks to more than the allowed [\d,]+ bytes/,
    ],
  ] as const)(
    'a Parquet file of %s is given up before it is unpacked',
    async (_, text, count, reason) => {
      const folder = mkdtempSync(join(tmpdir(), 'ratchet-memory-'));
      const path = join(folder, 'bomb.parquet');
      writeFileSync(
        path,
        await parquetOf(`SELECT 0 AS y, 1.0 AS a, ${text} AS t FROM range(${count})`, ', COMPRESSION zstd'),
      );
      const { outcome, residentMib } = await run('path', path);
      rmSync(folder, { recursive: true });
      expect(outcome).toEqual({ kind: 'rejected', reason: expect.stringMatching(reason) });
      expect(residentMib - usual.residentMib).toBeLessThan(300);
    },
    60_000,
  );

  it('a dataset that needs more memory than there is says so', async () => {
    const columns = 600;
    const names = Array.from({ length: columns }, (_, at) => `f${at}`);
    const rows = Array.from({ length: 1500 }, (_, row) =>
      [row % 2, row, ...names.map((name) => `${name} ${row} ${'z'.repeat(20)}`)].join(','),
    );
    const data = specificationOf({
      columns: [
        { name: 'y', type: 'integer' },
        { name: 'a', type: 'number' },
        { name: `f{0..${columns - 1}}`, type: 'text' },
      ],
    });
    const content = [`y,a,${names.join(',')}`, ...rows].join('\n');
    expect(await prepare({ data, files: [{ key: 'wide.csv', content }], memoryMib: 100 })).toEqual({
      kind: 'rejected',
      reason:
        'the dataset needs more memory than there is to prepare it; drop less data, or declare fewer columns',
    });
  }, 60_000);
});
