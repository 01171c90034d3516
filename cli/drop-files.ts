/** Files become one sealed dataset: they are uploaded into a folder of their own, then a manifest names them. */
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { credentials as anyone, type Connection, region } from './connection.ts';
import { CliError, exitCode } from './exit.ts';

export interface DroppedBatch {
  readonly manifest: string;
  readonly keys: readonly string[];
}

export function createS3({ awsEndpoint, credentials = anyone }: Connection): S3Client {
  return new S3Client({ endpoint: awsEndpoint, region, credentials });
}

export async function dropFiles(
  connection: Connection,
  pipeline: string,
  files: readonly string[],
  batch: string,
): Promise<DroppedBatch> {
  const missing = files.filter((file) => !statSync(file, { throwIfNoEntry: false })?.isFile());
  if (missing.length > 0) throw new CliError(`There is no file ${missing.join(', ')}`, exitCode.usage);
  const names = new Set(files.map((file) => basename(file)));
  if (names.size < files.length)
    throw new CliError('Two of the files have the same name; drop them one after the other', exitCode.usage);

  const client = createS3(connection);
  const folder = `incoming/${pipeline}/batch-${batch}/`;
  try {
    const parts = [];
    for (const file of files) {
      const Key = `${folder}${basename(file)}`;
      const upload = new Upload({
        client,
        params: { Bucket: connection.dropBucket, Key, Body: createReadStream(file) },
      });
      const { VersionId } = await upload.done();
      parts.push({ key: Key, ...(VersionId ? { versionId: VersionId } : {}) });
    }
    const manifest = `${folder}manifest.json`;
    await client.send(
      new PutObjectCommand({ Bucket: connection.dropBucket, Key: manifest, Body: JSON.stringify({ parts }) }),
    );
    return { manifest, keys: parts.map(({ key }) => key) };
  } finally {
    client.destroy();
  }
}
