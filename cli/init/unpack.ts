/** A file as it is without its compression. */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { CliError, exitCode } from '../exit.ts';

/** As ingest takes them (docs/data.md). */
const MOST_BYTES = 4 * 1024 ** 3;
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** The first bytes of a file. */
export function headOf(path: string, bytes: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(bytes);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes; length += read)
      read = readSync(file, head, length, bytes - length, length);
    return head.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

/** Calls `use` with a file that holds what `path` packs by gzip or zstd, or with `path` itself. */
export async function withUnpacked<T>(path: string, use: (path: string) => Promise<T>): Promise<T> {
  const head = headOf(path, ZSTD.length);
  const unpacker = head.subarray(0, 2).equals(GZIP)
    ? createGunzip()
    : head.equals(ZSTD)
      ? createZstdDecompress()
      : undefined;
  if (!unpacker) return use(path);
  const folder = mkdtempSync(join(tmpdir(), 'ratchet-init-'));
  try {
    const unpacked = join(folder, 'unpacked');
    await pipeline(createReadStream(path), unpacker, limited(path), createWriteStream(unpacked)).catch(
      (error: Error) => {
        if (error instanceof CliError) throw error;
        throw new CliError(`${path} cannot be unpacked: ${error.message}`, exitCode.badData);
      },
    );
    return await use(unpacked);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function limited(path: string): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) return done(null, chunk);
      done(new CliError(`${path} unpacks to more than 4 GiB; split it`, exitCode.badData));
    },
  });
}
