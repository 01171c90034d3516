import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Objects, S3Address } from '../objects.ts';
import { parseS3Uri, toS3Uri } from '../objects.ts';
import { invalid } from '../request.ts';
import type { Channel, S3DataSource } from './job.ts';

/** Input that cannot be had: the message is the job's FailureReason after `ClientError: `. */
export class InputMissing extends Error {}

export interface InputObject extends S3Address {
  /** Where it lies under the channel's folder. */
  readonly path: string;
}

const PARALLEL = 8;

/** Downloads a channel's objects to `<folder>/<channel>/`. Throws InputMissing. */
export async function downloadChannel(
  objects: Objects,
  channel: Channel,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const source = channel.DataSource.S3DataSource;
  const target = join(folder, channel.ChannelName);
  await mkdir(target, { recursive: true });
  if (source) await downloadSource(objects, source, target, signal);
}

/** Downloads what a data source names into a folder. Throws InputMissing. */
export async function downloadSource(
  objects: Objects,
  source: S3DataSource,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const queue = await inputObjects(objects, source);
  const worker = async () => {
    for (let next = queue.shift(); next && !signal.aborted; next = queue.shift()) {
      await objects.download(next, join(target, next.path));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

/** Throws ValidationException for a data source that the embedded cloud cannot read. */
export function mustBeReadable({ S3DataType, S3Uri }: S3DataSource): void {
  parseS3Uri(S3Uri);
  if (S3DataType !== 'S3Prefix' && S3DataType !== 'ManifestFile')
    throw invalid(`S3DataType ${S3DataType} is not offered by the embedded cloud.`);
}

/** The objects that an S3 data source names: all under a prefix, or those of a manifest. */
export async function inputObjects(objects: Objects, source: S3DataSource): Promise<InputObject[]> {
  const address = parseS3Uri(source.S3Uri);
  const found = await (source.S3DataType === 'ManifestFile'
    ? manifest(objects, address)
    : prefixed(objects, address)
  ).catch((error) => {
    throw new InputMissing(
      `Data download failed:${(error as Error).name}: ${(error as Error).message} (${source.S3Uri})`,
    );
  });
  if (found.length === 0) {
    throw new InputMissing(
      `Data download failed:No S3 objects found under S3 URL "${source.S3Uri}" given in input data source. ` +
        `Please ensure that the bucket exists, that objects exist under that S3 prefix, and that the role has "s3:ListBucket" permissions on bucket "${address.bucket}".`,
    );
  }
  return found;
}

async function prefixed(objects: Objects, { bucket, key: prefix }: S3Address): Promise<InputObject[]> {
  const keys = await objects.list({ bucket, key: prefix });
  return keys
    .filter((key) => !key.endsWith('/'))
    .map((key) => ({ bucket, key, path: safePath(relativePath(key, prefix)) }));
}

/** `data/train` + `data/train/a.csv` → `a.csv`; + `data/train-2.csv` → `train-2.csv`. */
function relativePath(key: string, prefix: string): string {
  const rest = key.slice(prefix.length);
  if (prefix.endsWith('/') || prefix === '') return rest;
  return rest.startsWith('/') ? rest.slice(1) : basename(prefix) + rest;
}

/** `[{"prefix": "s3://bucket/some/"}, "a.csv", "sub/b.csv"]` */
async function manifest(objects: Objects, address: S3Address): Promise<InputObject[]> {
  const entries: unknown = JSON.parse((await objects.read(address)).toString('utf8'));
  if (!Array.isArray(entries)) throw new InputMissing(`manifest ${toS3Uri(address)} is not a JSON list`);
  const [head, ...names] = entries as [{ prefix?: string }?, ...string[]];
  const { bucket, key: prefix } = parseS3Uri(String(head?.prefix));
  return names.map((name) => ({ bucket, key: prefix + name, path: safePath(name) }));
}

/** A part of a key as a relative path. Throws InputMissing for one that would leave its folder. */
export function safePath(path: string): string {
  if (path.includes('\0') || path.startsWith('/') || path.split('/').includes('..')) {
    throw new InputMissing(`the key part "${path}" cannot be a file name`);
  }
  return path;
}
