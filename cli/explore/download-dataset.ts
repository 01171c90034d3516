/** The files of a dataset version that a person looks at, as files of this machine. */
import { createWriteStream, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { parseS3Uri } from '../../shared/contracts/s3-uri.ts';
import { CliError, exitCode } from '../exit.ts';

/** The tables for programs (CSV without names) stay where they are: Parquet says the same and more. */
const WANTED = /^(parquet\/.+|[a-z-]+\.(html|json|jsonl))$/;

/** Answers the names of the files, relative to `folder`. Throws a CliError where the version has no profile. */
export async function downloadDataset(
  client: S3Client,
  prefix: string,
  folder: string,
): Promise<readonly string[]> {
  const { bucket: Bucket, key: Prefix } = parseS3Uri(prefix);
  const names: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
    const found = Contents.map(({ Key = '' }) => Key.slice(Prefix.length));
    names.push(...found.filter((name) => WANTED.test(name) && !name.split('/').includes('..')));
  }
  if (!names.includes('profile.html')) {
    throw new CliError(
      `The dataset at ${prefix} has no profile: it was prepared by an older Ratchet; "ratchet run PIPELINE --reason profile" prepares it anew`,
      exitCode.badData,
    );
  }
  for (const name of names) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: `${Prefix}${name}` }));
    await write(join(folder, ...name.split('/')), Body as Readable);
  }
  return names;
}

/** A file is there whole or not at all. */
async function write(path: string, body: Readable): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  await pipeline(body, createWriteStream(`${path}.part`));
  renameSync(`${path}.part`, path);
}
