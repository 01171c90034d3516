import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { DEFAULT_LIMITS, Rejection } from './rejection.ts';
import { unpacked } from './unpack.ts';

const bytes = fc.uint8Array({ maxLength: 3000 }).map((content) => Buffer.from(content));
const pack = {
  gzip: (content: Buffer) => gzipSync(content),
  zstd: (content: Buffer) => zstdCompressSync(content),
};

/** A packed file in chunks of at most `step` bytes, and whether its reader has closed it. */
function source(packed: Buffer, step: number) {
  const state = { closed: false };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (let at = 0; at < packed.length; at += step) yield packed.subarray(at, at + step);
    } finally {
      state.closed = true;
    }
  }
  return { chunks: chunks(), state };
}

async function unpack(packed: Buffer, step: number, limits = {}): Promise<Buffer> {
  const { chunks, state } = source(packed, step);
  try {
    const begun = await unpacked(chunks, packed.length, { ...DEFAULT_LIMITS, ...limits });
    return Buffer.concat(await Array.fromAsync(begun.chunks));
  } finally {
    expect(state.closed).toBe(true);
  }
}

describe.each(['gzip', 'zstd'] as const)('a file packed by %s', (name) => {
  it('is the content of all its members, however it is cut, and wherever chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(bytes, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 5000 }),
        async (contents, step) => {
          const packed = Buffer.concat(contents.map(pack[name]));
          expect(await unpack(packed, step)).toEqual(Buffer.concat(contents));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is refused wherever it is torn, and its source is closed', async () => {
    const packed = Buffer.concat([
      pack[name](Buffer.from('a'.repeat(100))),
      pack[name](Buffer.from('b,c'.repeat(50))),
    ]);
    const whole = pack[name](Buffer.from('a'.repeat(100))).length;
    for (let length = 4; length < packed.length; length += 1) {
      if (length === whole) continue;
      const torn = unpack(packed.subarray(0, length), 16);
      await expect(torn).rejects.toThrow(new RegExp(`^the ${name} data is damaged`));
      await expect(torn).rejects.toBeInstanceOf(Rejection);
    }
  });

  it('is given up at its limit, and its source is closed', async () => {
    const packed = pack[name](Buffer.alloc(1_000_000));
    await expect(unpack(packed, 10, { unpackedBytes: 99_999 })).rejects.toThrow(
      /more than the allowed 99,999 bytes/,
    );
  });

  it('whose source fails fails in the same way', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield pack[name](Buffer.from('a'.repeat(1000))).subarray(0, 12);
      throw new RangeError('the connection is gone');
    }
    const begun = await unpacked(failing(), 100, DEFAULT_LIMITS).catch((error: unknown) => error);
    const read =
      begun instanceof Error
        ? Promise.reject(begun)
        : Array.fromAsync((begun as { chunks: AsyncIterable<Buffer> }).chunks);
    await expect(read).rejects.toThrow('the connection is gone');
  });
});
