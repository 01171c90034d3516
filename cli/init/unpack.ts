/** A file as it is without its compression. */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DEFAULT_LIMITS, Rejection } from '../../services/ingest/prepare/read/rejection.ts';
import { isPacked, MAGIC_BYTES, unpacked } from '../../services/ingest/prepare/read/unpack.ts';
import { CliError, exitCode } from '../exit.ts';

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

/** Calls `use` with a file that holds what `path` packs by gzip or zstd, or with `path` itself. It is unpacked, and
 * refused, as ingest does it. */
export async function withUnpacked<T>(path: string, use: (path: string) => Promise<T>): Promise<T> {
  if (!isPacked(headOf(path, MAGIC_BYTES))) return use(path);
  const folder = mkdtempSync(join(tmpdir(), 'ratchet-init-'));
  try {
    const file = join(folder, 'unpacked');
    const { chunks } = await unpacked(createReadStream(path), statSync(path).size, DEFAULT_LIMITS);
    await pipeline(chunks, createWriteStream(file));
    return await use(file);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    throw new CliError(`${path} cannot be unpacked: ${error.message}`, exitCode.badData);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
