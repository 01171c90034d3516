import fc from 'fast-check';
import { textLines } from './text-lines.ts';

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncIterable<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] as number;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function collect(text: string, sizes: readonly number[] = [7], longest?: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of textLines(chunksOf(Buffer.from(text), sizes), longest)) lines.push(line);
  return lines;
}

describe('textLines', () => {
  it('gives the same lines wherever the chunks are cut', async () => {
    const text = fc
      .array(fc.constantFrom('a', 'é', '字', '😀', '\n', '\r\n', ','), { maxLength: 40 })
      .map((all) => all.join(''));
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
        async (all, sizes) => {
          const expected = all.split('\n').map((line) => line.replace(/\r$/, ''));
          if (all === '' || all.endsWith('\n')) expected.pop();
          expect(await collect(all, sizes)).toEqual(expected);
        },
      ),
    );
  });

  it('given a byte order mark, then it is no part of the first line', async () => {
    expect(await collect('\uFEFFa,b\n1,2')).toEqual(['a,b', '1,2']);
  });

  it('given a line without end, then it is cut and the next one is whole', async () => {
    expect(await collect(`${'x'.repeat(100)}\nnext`, [9], 10)).toEqual(['x'.repeat(10), 'next']);
  });
});
