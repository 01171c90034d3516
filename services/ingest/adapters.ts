/** Objects in S3, images in ECR, a working folder on the function's own disk. */
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeImagesCommand,
  type ECRClient,
  ImageNotFoundException,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { parseImageUri } from '../../shared/contracts/images.ts';
import { copyObject } from './adapters-copy.ts';
import { listVersions, removeVersions } from './adapters-versions.ts';
import { metadataOf, originOf } from './origin-metadata.ts';
import type { CheckImage, ObjectStorage, WithFolder } from './ports.ts';

/** A file of up to this size is held in memory while it is put: the SDK cannot send a stream again. Larger ones go in
 * parts, each of which it can. */
const MULTIPART_FROM = 64 * 1024 * 1024;

const versionOf = (versionId: string | undefined) =>
  versionId && versionId !== 'null' ? { VersionId: versionId } : {};

/** Throws nothing where S3 refuses because the key is taken: who wrote it before wrote the same. */
async function unlessTaken(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const isTaken = error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412;
    if (!isTaken) throw error;
  }
}

export function createObjectStorage(client: S3Client): ObjectStorage {
  const storage: ObjectStorage = {
    head: async (Bucket, Key, versionId) => {
      try {
        const found = await client.send(new HeadObjectCommand({ Bucket, Key, ...versionOf(versionId) }));
        const origin = originOf(found.Metadata ?? {});
        return {
          bucket: Bucket,
          key: Key,
          versionId: found.VersionId ?? 'null',
          size: found.ContentLength ?? 0,
          sequencer: '',
          modifiedAt: found.LastModified?.getTime() ?? 0,
          ...(origin ? { origin } : {}),
        };
      } catch (error) {
        if (error instanceof NotFound) return undefined;
        throw error;
      }
    },

    async *list(Bucket, Prefix) {
      for await (const { Versions = [] } of listVersions(client, Bucket, Prefix)) {
        for (const { Key, VersionId, Size, LastModified, IsLatest } of Versions) {
          if (!Key || !IsLatest) continue;
          yield {
            bucket: Bucket,
            key: Key,
            versionId: VersionId ?? 'null',
            size: Size ?? 0,
            sequencer: '',
            modifiedAt: LastModified?.getTime() ?? 0,
          };
        }
      }
    },

    open: async ({ bucket: Bucket, key: Key, versionId }) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...versionOf(versionId) }));
      if (!Body) throw new Error(`s3://${Bucket}/${Key} has no body`);
      return Body as unknown as AsyncIterable<Uint8Array>;
    },

    readText: async (Bucket, Key, limitBytes) => {
      try {
        const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand({ Bucket, Key }));
        if (ContentLength > limitBytes)
          throw new Error(`s3://${Bucket}/${Key} is larger than ${limitBytes} bytes`);
        return await Body?.transformToString();
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },

    writeFile: async (Bucket, Key, path) => {
      const { size } = await stat(path);
      if (size < MULTIPART_FROM)
        await client.send(new PutObjectCommand({ Bucket, Key, Body: await readFile(path) }));
      else await new Upload({ client, params: { Bucket, Key, Body: createReadStream(path) } }).done();
    },

    writeText: async (Bucket, Key, Body) => {
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/json' }));
    },

    copy: (bucket, from, to) => copyObject(client, { from: { bucket, key: from }, to: { bucket, key: to } }),

    writeOnce: async (Bucket, Key, path, origin) => {
      const params = { Bucket, Key, Metadata: metadataOf(origin), IfNoneMatch: '*' };
      const { size } = await stat(path);
      await unlessTaken(async () => {
        if (size < MULTIPART_FROM)
          await client.send(new PutObjectCommand({ ...params, Body: await readFile(path) }));
        else await new Upload({ client, params: { ...params, Body: createReadStream(path) } }).done();
      });
    },

    copyOnce: (from, to, origin) =>
      unlessTaken(() => copyObject(client, { from, to, metadata: metadataOf(origin), once: true })),

    remove: async (Bucket, Key) => {
      const there = await storage.head(Bucket, Key);
      if (there) await client.send(new DeleteObjectCommand({ Bucket, Key, ...versionOf(there.versionId) }));
    },

    removeAll: (bucket, prefix) => removeVersions(client, bucket, prefix),
  };
  return storage;
}

export const withFolder: WithFolder = async (work) => {
  const folder = await mkdtemp(join(tmpdir(), 'ratchet-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Images of other accounts (AWS's own algorithms) cannot be looked up from here: they are taken at their word. */
export function createCheckImage(client: ECRClient, account: string): CheckImage {
  return async (uri) => {
    const image = parseImageUri(uri);
    if (!image)
      return { kind: 'missing', reason: `"${uri}" is neither one of our containers nor an ECR image URI` };
    if (image.registry !== account) return { kind: 'there' };
    try {
      await client.send(
        new DescribeImagesCommand({
          registryId: image.registry,
          repositoryName: image.repository,
          imageIds: [{ imageTag: image.tag }],
        }),
      );
      return { kind: 'there' };
    } catch (error) {
      if (error instanceof RepositoryNotFoundException || error instanceof ImageNotFoundException) {
        return {
          kind: 'missing',
          reason: `The image ${uri} does not exist; build the containers first, or name another image`,
        };
      }
      throw error;
    }
  };
}
