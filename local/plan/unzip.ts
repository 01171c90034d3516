import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { PlanError } from './plan-error.ts';

const END_OF_DIRECTORY = Buffer.from('504b0506', 'hex');
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;
const READABLE = 0o644;

/** Unpacks a zip archive (APPNOTE.TXT 6.3; no zip64, no encryption) into a folder, with the permissions that it
 * gives. Throws PlanError for an archive that is torn or names a file outside the folder. */
export function unzip(archive: Buffer, folder: string, where: string): void {
  const end = archive.lastIndexOf(END_OF_DIRECTORY);
  if (end < 0) throw new PlanError(where, 'is not a zip archive');
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new PlanError(where, 'has a torn directory');
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const path = join(folder, name);
    if (!path.startsWith(folder + sep))
      throw new PlanError(where, `names a file outside its folder: ${path}`);
    if (!name.endsWith('/')) {
      mkdirSync(dirname(path), { recursive: true });
      const mode = (archive.readUInt32LE(at + 38) >>> 16) & 0o777;
      writeFileSync(path, contentAt(archive, at, where), { mode: mode || READABLE });
    }
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
}

function contentAt(archive: Buffer, entry: number, where: string): Buffer {
  const method = archive.readUInt16LE(entry + 10);
  const packedSize = archive.readUInt32LE(entry + 20);
  const local = archive.readUInt32LE(entry + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + packedSize);
  if (method === STORED) return packed;
  if (method === DEFLATED) return inflateRawSync(packed);
  throw new PlanError(where, `is packed by method ${method}`);
}
