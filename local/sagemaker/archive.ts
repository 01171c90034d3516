import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { extract, type Header, type Pack, pack } from 'tar-stream';

/** Thrown for an archive that must not be unpacked. */
export class UnsafeArchive extends Error {}

/** The files under a folder, relative, sorted by name; links and devices are left out. */
export async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Packs a folder as `tar.gz`; equal contents give equal bytes: sorted, no times, no owners. */
export async function packFolder(folder: string, archive: string): Promise<void> {
  const tar = pack();
  const written = pipeline(Readable.from(tar), createGzip(), createWriteStream(archive));
  // A disk that is full, say: it ends the loop below.
  written.catch(() => undefined);
  try {
    for (const name of await filesUnder(folder)) await Promise.race([addFile(tar, folder, name), written]);
  } catch (error) {
    tar.destroy(error as Error);
    throw error;
  }
  tar.finalize();
  await written;
}

async function addFile(tar: Pack, folder: string, name: string): Promise<void> {
  const file = join(folder, name);
  const { size } = await stat(file);
  const added = Promise.withResolvers<void>();
  const entry = tar.entry({ name, size, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 }, (error) =>
    error ? added.reject(error) : added.resolve(),
  );
  createReadStream(file)
    .on('error', added.reject)
    .pipe(entry as unknown as NodeJS.WritableStream);
  await added.promise;
}

/** Unpacks a `tar.gz` into a folder. Throws UnsafeArchive for links, devices, absolute names and `..`. */
export async function unpackInto(archive: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tar = extract();
  // Nothing may be awaited between this and the loop: an entry that comes before anybody listens is lost, and with
  // it the end.
  const reading = pipeline(
    createReadStream(archive),
    createGunzip(),
    tar as unknown as NodeJS.WritableStream,
  );
  reading.catch(() => undefined);
  for await (const entry of tar) {
    const target = safeTarget(entry.header, folder);
    if (entry.header.type === 'directory') {
      await mkdir(target, { recursive: true });
      entry.resume();
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    await pipeline(entry as unknown as NodeJS.ReadableStream, createWriteStream(target));
  }
  await reading;
}

function safeTarget({ name, type }: Header, folder: string): string {
  if (type !== 'file' && type !== 'contiguous-file' && type !== 'directory') {
    throw new UnsafeArchive(`The archive holds a ${type} ("${name}"); only files and folders are unpacked.`);
  }
  if (name.startsWith('/') || name.includes('\0') || normalize(name).split('/').includes('..')) {
    throw new UnsafeArchive(`The archive names "${name}", which lies outside its folder.`);
  }
  return join(folder, name);
}
