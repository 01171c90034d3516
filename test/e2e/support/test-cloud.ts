/** An embedded cloud for one test file: the packaged services in a fresh folder, at a pace that tests can wait for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Api, createApi } from '../../../cli/api.ts';
import { credentials, region } from '../../../cli/connection.ts';
import { packageService } from '../../../cli/package-service.ts';
import { type CloudInfo, startCloud } from '../../../local/cloud.ts';
import type { Disturb } from '../../../local/eventbridge/disturbance.ts';

/** The stage that is packaged; names of endpoints and models begin with `ratchet-dev-`. */
export const STAGE = 'dev';
/** A minute at AWS’s pace takes two seconds: sweeps, capture flushes, retries. More would only keep the cores busy. */
const SCALE = 30;
const MAX_WARM = 16;

export interface TestCloud {
  readonly dir: string;
  readonly info: CloudInfo;
  readonly api: Api;
  readonly s3: S3Client;
  /** What the AWS SDK's clients take to reach it. */
  readonly client: { endpoint: string; region: string; credentials: typeof credentials };
  /** Puts an object into the drop bucket. */
  drop(key: string, body: string | Uint8Array): Promise<void>;
  /** Ends it and deletes its folder. */
  close(): Promise<void>;
}

/** What a test needs of a cloud that runs, in this process or in another. */
export function connect(info: CloudInfo): Omit<TestCloud, 'dir' | 'close'> {
  const client = { endpoint: info.awsEndpoint, region, credentials };
  const s3 = new S3Client(client);
  return {
    info,
    api: createApi(info.apiUrl),
    s3,
    client,
    drop: async (Key, Body) => {
      await s3.send(
        new PutObjectCommand({ Bucket: info.dropBucket, Key, Body, ContentLength: Buffer.byteLength(Body) }),
      );
    },
  };
}

export interface TestCloudOptions {
  readonly disturb?: Disturb;
  readonly scale?: number;
}

export async function startTestCloud(options: TestCloudOptions = {}): Promise<TestCloud> {
  const packageDir = await packageService(STAGE);
  const dir = mkdtempSync(join(tmpdir(), 'ratchet-e2e-'));
  const cloud = await startCloud({
    dir,
    packageDir,
    port: 0,
    apiPort: 0,
    scale: SCALE,
    maxWarm: MAX_WARM,
    ...options,
  });
  const connection = connect(cloud.info);
  return {
    ...connection,
    dir,
    close: async () => {
      connection.s3.destroy();
      await cloud.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
