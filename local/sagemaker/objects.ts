import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { invalid } from './request.ts';

/** An `s3://bucket/key` address taken apart; the key may be empty or a prefix. */
export interface S3Address {
  readonly bucket: string;
  readonly key: string;
}

/** Inputs and outputs of jobs and endpoints, over the real S3 API. */
export interface Objects {
  list(prefix: S3Address): Promise<string[]>;
  /** Streams an object to a file, making its folder. */
  download(address: S3Address, file: string): Promise<void>;
  read(address: S3Address): Promise<Buffer>;
  etag(address: S3Address): Promise<string>;
  write(address: S3Address, body: string | Buffer, contentType?: string): Promise<void>;
  upload(address: S3Address, file: string): Promise<void>;
  close(): void;
}

export interface ObjectsOptions {
  readonly endpoint: () => string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export function parseS3Uri(uri: string): S3Address {
  const parts = /^(?:s3|https):\/\/([a-z0-9][a-z0-9.-]{1,62})(?:\/(.*))?$/s.exec(uri);
  if (!parts || !uri.startsWith('s3://'))
    throw invalid(`S3 URI "${uri}" is not of the form s3://bucket/key.`);
  return { bucket: parts[1] ?? '', key: parts[2] ?? '' };
}

/** The address of `name` under an output path, whether the path ends in a slash or not. */
export function under(path: string, name: string): S3Address {
  const { bucket, key } = parseS3Uri(path);
  const folder = key === '' || key.endsWith('/') ? key : `${key}/`;
  return { bucket, key: `${folder}${name}` };
}

export const toS3Uri = ({ bucket, key }: S3Address) => `s3://${bucket}/${key}`;

export function createObjects(options: ObjectsOptions): Objects {
  let client: S3Client | undefined;
  // The front door's port is known only once it listens.
  const s3 = () => {
    client ??= new S3Client({
      endpoint: options.endpoint(),
      region: options.region,
      credentials: options.credentials,
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    return client;
  };
  const at = ({ bucket, key }: S3Address) => ({ Bucket: bucket, Key: key });

  return {
    list: async ({ bucket, key }) => {
      const keys: string[] = [];
      let token: string | undefined;
      do {
        const page = await s3().send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: key,
            ...(token ? { ContinuationToken: token } : {}),
          }),
        );
        keys.push(...(page.Contents ?? []).map((object) => object.Key ?? ''));
        token = page.NextContinuationToken;
      } while (token);
      return keys;
    },
    download: async (address, file) => {
      const { Body } = await s3().send(new GetObjectCommand(at(address)));
      await mkdir(dirname(file), { recursive: true });
      await pipeline(Body as Readable, createWriteStream(file));
    },
    read: async (address) => {
      const { Body } = await s3().send(new GetObjectCommand(at(address)));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    etag: async (address) => (await s3().send(new HeadObjectCommand(at(address)))).ETag ?? '',
    write: async (address, body, contentType = 'application/octet-stream') => {
      await s3().send(new PutObjectCommand({ ...at(address), Body: body, ContentType: contentType }));
    },
    upload: async (address, file) => {
      const { size } = await stat(file);
      await s3().send(
        new PutObjectCommand({ ...at(address), Body: createReadStream(file), ContentLength: size }),
      );
    },
    close: () => client?.destroy(),
  };
}
