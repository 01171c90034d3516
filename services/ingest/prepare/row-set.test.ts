import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { RowSet } from './row-set.ts';

const hash = (text: string) => createHash('sha256').update(text).digest();

describe('RowSet', () => {
  it('answers as a set of the hashes would, also while it grows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 3000, maxLength: 4000 }),
        (numbers) => {
          const known = new Set<number>();
          const rows = new RowSet();
          for (const number of numbers) {
            expect(rows.add(hash(`${number}`))).toBe(!known.has(number));
            known.add(number);
          }
          expect(rows.size).toBe(known.size);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('holds the hash of all zeros', () => {
    const rows = new RowSet();
    expect([rows.add(Buffer.alloc(32)), rows.add(Buffer.alloc(32))]).toEqual([true, false]);
  });
});
