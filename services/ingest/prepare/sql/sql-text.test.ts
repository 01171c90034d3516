import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { resourcesOf, Session } from '../session.ts';
import { double, identifier, text, whole } from './sql-text.ts';

let folder: string;
let session: Session;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ratchet-sql-'));
  session = await Session.open(folder, resourcesOf(512));
});
afterAll(() => {
  session.close();
  rmSync(folder, { recursive: true });
});

const runs = { numRuns: 60 };

describe('what stands in a statement', () => {
  it('is the very text, whatever it holds', async () => {
    const texts = fc.string({ unit: 'grapheme' }).filter((one) => !one.includes('\0'));
    const nasty = fc.constantFrom("'; DROP TABLE rows; --", "''", '\\', '"', '$1', '\n', '{', '💥');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(texts, nasty), { minLength: 1 }), async (parts) => {
        const value = parts.join('');
        expect(await session.row(`SELECT ${text(value)}`)).toEqual([value]);
      }),
      runs,
    );
    expect(() => text('a\0b')).toThrow(RangeError);
  });

  it('is the very double, alone and behind a minus', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double(), async (value) => {
        const [alone, negated] = await session.row(`SELECT ${double(value)}, -${double(value)}`);
        expect(alone).toBe(value);
        expect(negated).toBe(-value);
      }),
      runs,
    );
  });

  it('is the very whole number, or none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.maxSafeInteger(), async (value) => {
        expect(Number((await session.row(`SELECT 0-${whole(value)}`))[0]) + value).toBe(0);
      }),
      runs,
    );
    expect(() => whole(0.5)).toThrow(RangeError);
  });

  it('is the very name of a column', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), async (given) => {
        const name = given.replaceAll('\0', '');
        if (name === '') return;
        expect(await session.rows(`SELECT count(*) FROM (SELECT 1 AS ${identifier(name)})`)).toEqual([[1n]]);
        const [[found] = []] = await session.rows(`DESCRIBE SELECT 1 AS ${identifier(name)}`);
        expect(found).toBe(name);
      }),
      runs,
    );
  });
});
