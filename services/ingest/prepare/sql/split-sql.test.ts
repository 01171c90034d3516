import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { columnReader } from '../../../../shared/preparation/column-reader.ts';
import { resourcesOf, Session } from '../session.ts';
import { first32Bits, sideByHash } from './split-sql.ts';
import { double, Levels, text } from './sql-text.ts';

let folder: string;
let session: Session;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ratchet-split-'));
  session = await Session.open(folder, resourcesOf(512));
});
afterAll(() => {
  session.close();
  rmSync(folder, { recursive: true });
});

const readers = [
  columnReader({ name: 'n', column: { name: 'n', type: 'number' }, blanks: [] }, 0),
  columnReader({ name: 't', column: { name: 't', type: 'text' }, blanks: [] }, 1),
];
const shares = { test: 0.15, validation: 0.1 };

async function inSql(number: number | null, words: string | null): Promise<number> {
  const row = `${number === null ? 'CAST(NULL AS DOUBLE)' : double(number)} AS v0, ${words === null ? 'CAST(NULL AS VARCHAR)' : text(words)} AS v1`;
  const levels = new Levels(`(SELECT ${row})`, ['v0', 'v1']);
  for (const level of sideByHash(readers, shares)) levels.with(level);
  return Number((await session.row(levels.select([{ name: 'side', sql: 'side' }])))[0]);
}

function band(x: number): string {
  const a = Math.abs(x);
  if (a < 2 ** 10) return `a${BigInt(Math.floor(x * 2 ** 52))}`;
  if (a < 2 ** 31) return `b${BigInt(Math.floor(x * 2 ** 31))}`;
  return a < 2 ** 62 ? `c${BigInt(Math.floor(x))}` : `d${BigInt(Math.floor(x * 2 ** -66))}`;
}

/** As docs/data.md has it. */
function inJavaScript(number: number | null, words: string | null): number {
  const texts = [number === null ? '' : band(number), words ?? ''];
  const key = texts.map((one) => `${one.length}:${one}`).join('');
  const place = Number.parseInt(createHash('md5').update(key).digest('hex').slice(0, 13), 16) / 2 ** 52;
  if (place < shares.test) return 2;
  return place < shares.test + shares.validation ? 1 : 0;
}

const number = fc.oneof(
  fc.integer({ min: -2000, max: 2000 }),
  fc.double({ min: -3.4e38, max: 3.4e38, noNaN: true }).map((value) => value + 0),
  fc.constantFrom(2 ** 10, 2 ** 31, 2 ** 62, -(2 ** 31), 1023.9999999999999),
);

it('a row falls on the side that its MD5 tells', async () => {
  const words = fc.string({ unit: 'grapheme' }).map((given) => given.replaceAll('\0', ''));
  await fc.assert(
    fc.asyncProperty(fc.option(number), fc.option(words), async (x, t) => {
      expect(await inSql(x, t)).toBe(inJavaScript(x, t === '' ? null : t));
    }),
    { numRuns: 200 },
  );
});

it('the first 32 bits of an MD5 are its first eight hexadecimal digits', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), async (given) => {
      const words = given.replaceAll('\0', '');
      const expected = createHash('md5').update(words).digest().readUInt32BE(0);
      const [found] = await session.row(`SELECT ${first32Bits(`md5_number_upper(${text(words)})`)}`);
      expect(Number(found)).toBe(expected);
    }),
    { numRuns: 100 },
  );
});
