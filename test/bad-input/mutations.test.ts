/** A law beside the cases: whatever happens to some bytes of a file, it is prepared or refused with a reason. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetOf } from './cases/parquet.ts';
import { prepare, specificationOf } from './run-case.ts';

const indices = Array.from({ length: 60 }, (_, at) => at);
const csv = `y,a,t\n${indices.map((at) => `${at % 2},${at * 1.5},"x ${at}"\n`).join('')}`;
const json = indices.map((at) => `{"y":${at % 2},"a":${at},"t":"x"}\n`).join('');
const rows = `SELECT range % 2 AS y, range * 1.5 AS a, 'x ' || range AS t FROM range(60)`;

const data = specificationOf();

it.each<[name: string, file: () => Buffer | Promise<Buffer>, runs: number]>([
  ['CSV', () => Buffer.from(csv), 15],
  ['JSON Lines', () => Buffer.from(json), 15],
  ['gzip', () => gzipSync(csv), 15],
  ['zstd', () => zstdCompressSync(csv), 15],
  ['Parquet', () => parquetOf(rows, ', COMPRESSION snappy'), 40],
])('a damaged file of %s is prepared or refused', async (_, file, runs) => {
  const whole = await file();
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const length = fc.oneof(
    { weight: 4, arbitrary: fc.constant(whole.length) },
    { weight: 1, arbitrary: fc.nat(whole.length) },
  );
  await fc.assert(
    fc.asyncProperty(damage, length, async (changes, until) => {
      const content = Buffer.from(whole);
      for (const [at, byte] of changes) content[at] = byte;
      const outcome = await prepare({
        data,
        files: [{ key: 'damaged', content: content.subarray(0, until) }],
      });
      if (outcome.kind === 'rejected') expect(outcome.reason).toMatch(/^(damaged: .+|no row is clean); \S/s);
    }),
    { numRuns: runs },
  );
});
