import fc from 'fast-check';
import type { Part } from '../../shared/lifecycle/run.ts';
import { readAhead } from './read-ahead.ts';

const part = (index: number, size = 10): Part => ({
  bucket: 'drop',
  key: String(index),
  versionId: 'v1',
  size,
});
const parts = (count: number) => Array.from({ length: count }, (_, index) => part(index));
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Objects whose content is their key in two chunks, and which of them were asked for. */
function createObjects(failing: readonly string[] = []) {
  const asked: string[] = [];
  const open = async ({ key }: Part): Promise<AsyncIterable<Uint8Array>> => {
    asked.push(key);
    await turn();
    if (failing.includes(key)) throw new Error(`${key} is away`);
    return (async function* () {
      yield Buffer.from(`${key}:`);
      await turn();
      yield Buffer.from(key);
    })();
  };
  return { asked, open };
}

const textOf = async (content: Promise<AsyncIterable<Uint8Array>>): Promise<string> =>
  Buffer.concat(await Array.fromAsync(await content)).toString();

describe('parts that are read ahead', () => {
  it('have their own content, whichever are opened, in whatever order and however often', async () => {
    const order = fc.array(fc.nat({ max: 29 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(order, fc.integer({ min: 0, max: 5 }), async (indices, most) => {
        const { open } = createObjects();
        const openPart = readAhead(parts(30), open, most);
        for (const index of indices) expect(await textOf(openPart(index))).toBe(`${index}:${index}`);
      }),
      { numRuns: 50 },
    );
  });

  it('are each asked for once by a reader that goes through, and never more than the most ahead of it', async () => {
    const { asked, open } = createObjects();
    const openPart = readAhead(parts(30), open, 4);
    for (let index = 0; index < 30; index += 1) {
      await textOf(openPart(index));
      expect(asked).toHaveLength(Math.min(30, index + 5));
    }
  });

  it('do not pile up before a reader that leaves them out', async () => {
    const { asked, open } = createObjects();
    const openPart = readAhead(parts(100), open, 4);
    for (let index = 0; index < 100; index += 10) await textOf(openPart(index));
    expect(asked).toHaveLength(10 + 4);
  });

  it('that are large are opened only by their reader', async () => {
    const { asked, open } = createObjects();
    const openPart = readAhead([part(0), part(1, 10_000_000), part(2)], open);
    await textOf(openPart(0));
    expect(asked).toEqual(['0', '2']);
    expect(await textOf(openPart(1))).toBe('1:1');
  });

  it('that cannot be read fail at their own reader and no other', async () => {
    const openPart = readAhead(parts(3), createObjects(['1']).open);
    expect(await textOf(openPart(0))).toBe('0:0');
    await turn();
    await turn();
    expect(await textOf(openPart(2))).toBe('2:2');
    await expect(openPart(1)).rejects.toThrow('1 is away');
  });
});
