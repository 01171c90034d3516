/** Objects, done with S3. */
import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { type ListedObject, type ObjectAddress, ObjectMissing, type Objects } from './ports.ts';
import { textLines } from './text-lines.ts';

const isMissing = (error: unknown): boolean =>
  error instanceof NoSuchKey ||
  (error instanceof S3ServiceException && ['NoSuchKey', 'NoSuchVersion'].includes(error.name));

export function createObjects(client: S3Client): Objects {
  async function get({
    bucket,
    key,
    versionId,
  }: ObjectAddress): Promise<NonNullable<GetObjectCommandOutput['Body']>> {
    try {
      const { Body } = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, ...(versionId ? { VersionId: versionId } : {}) }),
      );
      if (!Body) throw new ObjectMissing(`s3://${bucket}/${key} has no body`);
      return Body;
    } catch (error) {
      if (isMissing(error)) throw new ObjectMissing(`s3://${bucket}/${key} is not there`, { cause: error });
      throw error;
    }
  }

  /** The folders right under a prefix. */
  async function folders(bucket: string, prefix: string): Promise<readonly string[]> {
    const found: string[] = [];
    for (let next: string | undefined, more = true; more; more = next !== undefined) {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          Delimiter: '/',
          ...(next ? { ContinuationToken: next } : {}),
        }),
      );
      found.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix as string));
      next = page.NextContinuationToken;
    }
    return found;
  }

  async function objectsAfter(
    bucket: string,
    prefix: string,
    after: string,
  ): Promise<readonly ListedObject[]> {
    const found: ListedObject[] = [];
    for (let next: string | undefined, more = true; more; more = next !== undefined) {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          StartAfter: prefix + after,
          ...(next ? { ContinuationToken: next } : {}),
        }),
      );
      found.push(
        ...(page.Contents ?? []).map(({ Key, LastModified }) => ({
          key: Key as string,
          writtenAt: LastModified?.getTime() ?? 0,
        })),
      );
      next = page.NextContinuationToken;
    }
    return found;
  }

  return {
    lines: async function* (address) {
      yield* textLines((await get(address)) as AsyncIterable<Uint8Array>);
    },
    json: async (address) => JSON.parse(await (await get(address)).transformToString()),
    listSince: async ({ bucket, prefix, after }) => {
      const found: ListedObject[] = [];
      for (const folder of await folders(bucket, prefix))
        found.push(...(await objectsAfter(bucket, folder, after)));
      return found;
    },
    writeJson: async ({ bucket, key }, value) => {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: JSON.stringify(value),
          ContentType: 'application/json',
        }),
      );
    },
    writeLines: async ({ bucket, key }, lines) => {
      const Body = Readable.from(terminated(lines), { objectMode: false });
      await new Upload({
        client,
        params: { Bucket: bucket, Key: key, Body, ContentType: 'text/csv' },
      }).done();
    },
  };
}

/** Chunks of whole lines: a stream of single lines would cost more than the rows themselves. */
async function* terminated(lines: AsyncIterable<string>): AsyncIterable<Buffer> {
  let chunk: string[] = [];
  let size = 0;
  for await (const line of lines) {
    chunk.push(line, '\n');
    size += line.length;
    if (size < 65_536) continue;
    yield Buffer.from(chunk.join(''));
    chunk = [];
    size = 0;
  }
  if (chunk.length > 0) yield Buffer.from(chunk.join(''));
}
