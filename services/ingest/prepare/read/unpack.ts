/** gzip and zstd, known by their first bytes, unpacked as they stream in. */
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';
import { bytesText, type Limits, Rejection } from './rejection.ts';

const PACKINGS = [
  { name: 'gzip', magic: Buffer.from('1f8b', 'hex'), unpack: createGunzip },
  { name: 'zstd', magic: Buffer.from('28b52ffd', 'hex'), unpack: createZstdDecompress },
] as const;

/** Bytes that tell what a file is. */
export const MAGIC_BYTES = 4;

const packingOf = (first: Buffer) =>
  PACKINGS.find(({ magic }) => first.subarray(0, magic.length).equals(magic));

/** Whether a file that begins so is packed. */
export const isPacked = (first: Buffer): boolean => packingOf(first) !== undefined;

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
  const packing = packingOf(begun.first);
  if (!packing) return begun;
  return begin(unpack(begun.chunks, packing, size, limits));
}

/** Bytes that a file of `size` bytes may become. */
export const mostUnpacked = (size: number, { unpackedBytes, freeBytes, expansion }: Limits): number =>
  Math.min(unpackedBytes, freeBytes + expansion * size);

/** What becomes more than the allowed expansion is no large file, but a bomb. */
export const unpacksTooFar = (most: number, { unpackedBytes }: Limits): Rejection =>
  new Rejection(`the file unpacks to more than the allowed ${bytesText(most)}; drop it in parts`, {
    isTooLarge: most === unpackedBytes,
  });

async function* unpack(
  packed: AsyncIterable<Buffer>,
  packing: (typeof PACKINGS)[number],
  size: number,
  limits: Limits,
): AsyncGenerator<Buffer> {
  const most = mostUnpacked(size, limits);
  let bytes = 0;
  try {
    for await (const chunk of contentOf(packed, packing)) {
      bytes += chunk.length;
      if (bytes > most) throw unpacksTooFar(most, limits);
      yield chunk;
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new Rejection(
      `the ${packing.name} data is damaged (${(error as Error).message}); pack and drop the file again`,
    );
  }
}

/** The content of all members, or frames, of a packed file: Node's streams end with the one that ends within a chunk. */
async function* contentOf(
  packed: AsyncIterable<Buffer>,
  { name, unpack: createStream }: (typeof PACKINGS)[number],
): AsyncGenerator<Buffer> {
  const input = packed[Symbol.asyncIterator]();
  try {
    let rest = await next(input);
    while (rest !== undefined) {
      const stream = createStream();
      const feeding = feed(stream, rest, input);
      try {
        yield* stream as AsyncIterable<Buffer>;
      } finally {
        stream.destroy();
        rest = await feeding;
      }
      // Tapes fill their blocks with zeros behind gzip.
      while (name === 'gzip' && rest?.every((byte) => byte === 0)) rest = await next(input);
    }
  } finally {
    await input.return?.();
  }
}

const next = async (input: AsyncIterator<Buffer>): Promise<Buffer | undefined> => {
  const { value, done } = await input.next();
  return done ? undefined : value;
};

/** Answers what the stream has left of the last chunk; undefined once all is fed, or the stream is destroyed. What
 * reading throws, the stream throws. */
async function feed(
  stream: Gunzip | ZstdDecompress,
  begin: Buffer,
  input: AsyncIterator<Buffer>,
): Promise<Buffer | undefined> {
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  try {
    for (let chunk: Buffer | undefined = begin; chunk !== undefined; chunk = await next(input)) {
      const before = stream.bytesWritten;
      await Promise.race([closed, new Promise((resolve) => stream.write(chunk, resolve))]);
      if (stream.destroyed && !stream.readableEnded) return undefined;
      const taken = stream.bytesWritten - before;
      if (taken < chunk.length) return chunk.subarray(taken);
    }
    stream.end();
  } catch (error) {
    stream.destroy(error as Error);
  }
  return undefined;
}

function isDamage(error: unknown): boolean {
  const { code, errno } = error as { code?: string; errno?: unknown };
  return code?.startsWith('Z_') === true || code?.startsWith('ZSTD_') === true || typeof errno === 'number';
}
