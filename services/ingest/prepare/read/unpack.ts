/** gzip and zstd, known by their first bytes, unpacked as they stream in. */
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { bytesText, type Limits, Rejection } from './rejection.ts';

const PACKINGS = [
  { name: 'gzip', magic: Buffer.from('1f8b', 'hex'), unpack: createGunzip },
  { name: 'zstd', magic: Buffer.from('28b52ffd', 'hex'), unpack: createZstdDecompress },
] as const;

/** Bytes that tell what a file is. */
export const MAGIC_BYTES = 4;

export interface Begun {
  readonly first: Buffer;
  readonly chunks: AsyncIterable<Buffer>;
}

/** Reads on until the first bytes of a file are there. */
export async function begin(source: AsyncIterable<Uint8Array>): Promise<Begun> {
  const iterator = source[Symbol.asyncIterator]();
  let first = Buffer.alloc(0);
  let done = false;
  while (first.length < MAGIC_BYTES && !done) {
    const next = await iterator.next();
    done = next.done === true;
    if (!next.done) first = Buffer.concat([first, next.value]);
  }
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      if (first.length > 0) yield first;
      while (!done) {
        const next = await iterator.next();
        if (next.done) return;
        yield Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { first, chunks: chunks() };
}

/** The content of a file of `size` bytes, unpacked where it is packed. Throws Rejection for what is torn or a bomb. */
export async function unpacked(
  source: AsyncIterable<Uint8Array>,
  size: number,
  limits: Limits,
): Promise<Begun> {
  const begun = await begin(source);
  const packing = PACKINGS.find(({ magic }) => begun.first.subarray(0, magic.length).equals(magic));
  if (!packing) return begun;
  const most = Math.min(limits.unpackedBytes, limits.freeBytes + limits.expansion * size);
  return begin(unpack(begun.chunks, packing, most));
}

async function* unpack(
  packed: AsyncIterable<Buffer>,
  { name, unpack: createStream }: (typeof PACKINGS)[number],
  most: number,
): AsyncGenerator<Buffer> {
  const stream = createStream();
  let bytes = 0;
  pipeline(Readable.from(packed), stream, () => undefined);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > most)
        throw new Rejection(`the file unpacks to more than the allowed ${bytesText(most)}; drop it in parts`);
      yield chunk;
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new Rejection(`the ${name} data is damaged (${(error as Error).message}); drop the file again`);
  }
}

function isDamage(error: unknown): boolean {
  const { code, errno } = error as { code?: string; errno?: unknown };
  return code?.startsWith('Z_') === true || code?.startsWith('ZSTD_') === true || typeof errno === 'number';
}
