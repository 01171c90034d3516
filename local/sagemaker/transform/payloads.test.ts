import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { TransformRequest } from './job.ts';
import { PayloadTooLarge, payloads } from './payloads.ts';

const dir = mkdtempSync(join(tmpdir(), 'ratchet-payloads-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function cut(text: string, request: unknown): Promise<string[]> {
  const file = join(dir, 'input');
  writeFileSync(file, text);
  const bodies: string[] = [];
  for await (const body of payloads(file, request as TransformRequest)) bodies.push(body.toString());
  return bodies;
}

const lineInput = { TransformInput: { SplitType: 'Line' } };

describe('payloads', () => {
  it('loses, changes and reorders no record, whatever the strategy and the limit', async () => {
    const records = fc.array(
      fc.string({ minLength: 1, maxLength: 30 }).map((text) => text.replaceAll('\n', ' ')),
    );
    await fc.assert(
      fc.asyncProperty(records, fc.integer({ min: 200, max: 400 }), async (lines, bytes) => {
        const limit = { ...lineInput, MaxPayloadInMB: bytes / 1024 / 1024 };
        const text = lines.join('\n');
        expect(await cut(text, { ...limit, BatchStrategy: 'SingleRecord' })).toEqual(lines);
        const batches = await cut(text, { ...limit, BatchStrategy: 'MultiRecord' });
        expect(batches.join('')).toBe(lines.map((line) => `${line}\n`).join(''));
        expect(batches.every((batch) => Buffer.byteLength(batch) <= bytes)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('sends a file whole that is not split, and refuses one over the limit', async () => {
    expect(await cut('1\n2\n', { TransformInput: {} })).toEqual(['1\n2\n']);
    await expect(cut('12345', { TransformInput: {}, MaxPayloadInMB: 4 / 1024 / 1024 })).rejects.toThrow(
      PayloadTooLarge,
    );
    await expect(cut('12345\n', { ...lineInput, MaxPayloadInMB: 4 / 1024 / 1024 })).rejects.toThrow(
      PayloadTooLarge,
    );
  });
});
