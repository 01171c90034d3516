/** DuckDB as a Lambda layer: the library, and the native part of one platform, zipped as Lambda unpacks it under
 * `/opt`. Kept in `.ratchet/layers` by version and platform, so that packaging a second time finds it there. The
 * native part of this machine is where npm put it; another platform's comes from the registry, checked against
 * package-lock.json. Run as a script, it makes the layer of the architecture that serverless.yml names. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { parse } from 'yaml';
import { ZipFile } from 'yazl';
import { CliError, exitCode } from './exit.ts';

const root = join(import.meta.dirname, '..');
const modules = join(root, 'node_modules');
const layers = join(root, '.ratchet', 'layers');
const shared = ['@duckdb/node-api', '@duckdb/node-bindings', 'detect-libc'];
/** Equal files make equal zips. */
const MTIME = new Date('2000-01-01T00:00:00Z');

/** `linux-arm64`: an operating system and an architecture in Node's words. */
export const platformHere = `${process.platform}-${process.arch}`;

interface File {
  readonly name: string;
  readonly content: Buffer;
}

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const version: string = json(join(modules, '@duckdb', 'node-api', 'package.json')).version;
const inLayer = (name: string): string => `nodejs/node_modules/${name.split(sep).join('/')}`;

/** The zip of the layer for `platform`; made when it is not there yet. `compress` where it has to travel. */
export async function duckdbLayer(platform: string, { compress }: { compress: boolean }): Promise<string> {
  const path = join(layers, `duckdb-${version}-${platform}.zip`);
  if (existsSync(path)) return path;
  mkdirSync(layers, { recursive: true });
  const files = [...shared.flatMap(filesOf), ...(await nativeFiles(platform))];
  const temporary = `${path}.${process.pid}`;
  await zip(files, temporary, compress);
  renameSync(temporary, path);
  for (const other of readdirSync(layers)) {
    if (other.endsWith(`-${platform}.zip`) && join(layers, other) !== path) rmSync(join(layers, other));
  }
  return path;
}

function filesOf(packageName: string): File[] {
  const folder = join(modules, packageName);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(md|d\.ts|map)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ name: inLayer(relative(modules, path)), content: readFileSync(path) }));
}

async function nativeFiles(platform: string): Promise<readonly File[]> {
  const packageName = `@duckdb/node-bindings-${platform}`;
  if (platform === platformHere) {
    const installed = [packageName, `${packageName}-musl`].filter((name) => existsSync(join(modules, name)));
    if (installed.length > 0) return installed.flatMap(filesOf);
    throw new CliError(
      `DuckDB's part for ${platform} is not installed: run "npm ci" without --omit=optional`,
      exitCode.unavailable,
    );
  }
  return unpack(packageName, await download(packageName));
}

/** The package's archive from the registry that npm is set to. */
async function download(packageName: string): Promise<Buffer> {
  const folder = join(layers, `download.${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    const args = ['pack', `${packageName}@${version}`, '--silent', '--pack-destination', folder];
    await promisify(execFile)('npm', args, { cwd: folder, shell: process.platform === 'win32' });
    const [archive = ''] = readdirSync(folder);
    const content = readFileSync(join(folder, archive));
    const { integrity } = json(join(root, 'package-lock.json')).packages[`node_modules/${packageName}`];
    const found = `sha512-${createHash('sha512').update(content).digest('base64')}`;
    if (found !== integrity)
      throw new CliError(`${packageName} from the registry is not the one in package-lock.json`);
    return content;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function unpack(packageName: string, archive: Buffer): Promise<readonly File[]> {
  const files: File[] = [];
  const entries = extract();
  const reading = pipeline(Readable.from([archive]), createGunzip(), entries);
  for await (const entry of entries) {
    const content = Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Buffer>));
    if (entry.header.type !== 'file') continue;
    files.push({ name: inLayer(entry.header.name.replace(/^package\//, `${packageName}/`)), content });
  }
  await reading;
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function zip(files: readonly File[], path: string, compress: boolean): Promise<void> {
  const archive = new ZipFile();
  for (const { name, content } of files) {
    archive.addBuffer(content, name, { mtime: MTIME, mode: 0o100644, compress, forceDosTimestamp: true });
  }
  archive.end();
  await pipeline(archive.outputStream, createWriteStream(path));
}

if (import.meta.main) {
  const { provider } = parse(readFileSync(join(root, 'serverless.yml'), 'utf8'), { logLevel: 'silent' });
  await duckdbLayer(`linux-${provider.architecture}`, { compress: true });
}
