/** A cloud for one test file: the packaged services in a fresh folder, at a pace that tests can wait for; or the place
 * that test/e2e/main.ts has prepared. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Api, createApi } from '../../../cli/api.ts';
import { credentials, region } from '../../../cli/connection.ts';
import { packageService } from '../../../cli/package-service.ts';
import { CLOUD_FILE, type CloudInfo, startCloud } from '../../../local/cloud.ts';
import type { Disturb } from '../../../local/eventbridge/disturbance.ts';
import { type ClientSettings, isBare, type Target, target } from './target.ts';

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
  readonly client: ClientSettings;
  /** The same for SageMaker and its runtime. */
  readonly sageMaker: ClientSettings;
  /** Puts an object into the drop bucket. */
  drop(key: string, body: string | Uint8Array): Promise<void>;
  /** Ends it and deletes its folder. */
  close(): Promise<void>;
}

/** What a test needs of a cloud that runs, in this process or in another. */
export function connect(
  info: CloudInfo,
  client: ClientSettings = {
    endpoint: info.awsEndpoint,
    region,
    credentials: info.credentials ?? credentials,
  },
  sageMaker = client,
): Omit<TestCloud, 'dir' | 'close'> {
  const s3 = new S3Client(client);
  return {
    info,
    api: createApi(info),
    s3,
    client,
    sageMaker,
    drop: async (Key, Body) => {
      await s3.send(
        new PutObjectCommand({ Bucket: info.dropBucket, Key, Body, ContentLength: Buffer.byteLength(Body) }),
      );
    },
  };
}

export interface TestCloudOptions {
  /** The packaged services, if not as they are. */
  readonly packageDir?: string;
  /** Only right signatures are taken. */
  readonly strict?: boolean;
  readonly disturb?: Disturb;
  /** Seed of the adversary. */
  readonly chaos?: number;
  readonly scale?: number;
}

export async function startTestCloud(options: TestCloudOptions = {}): Promise<TestCloud> {
  if (isBare) throw new Error('This wants the deployed services, not an empty emulator');
  if (target && Object.keys(options).length > 0)
    throw new Error(`Only the embedded cloud can be started with ${Object.keys(options).join(', ')}`);
  const dir = mkdtempSync(join(tmpdir(), 'ratchet-e2e-'));
  const { connection, end } = target ? connectTo(target, dir) : await startEmbedded(dir, options);
  return {
    ...connection,
    dir,
    close: async () => {
      connection.s3.destroy();
      await end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function startEmbedded(dir: string, options: TestCloudOptions) {
  const packageDir = options.packageDir ?? (await packageService(STAGE));
  const cloud = await startCloud({
    dir,
    port: 0,
    apiPort: 0,
    scale: SCALE,
    maxWarm: MAX_WARM,
    ...options,
    packageDir,
  });
  return { connection: connect(cloud.info), end: () => cloud.close() };
}

function connectTo({ info, client, sageMaker }: Target, dir: string) {
  // Where `ratchet --dir` looks for it.
  writeFileSync(join(dir, CLOUD_FILE), JSON.stringify({ ...info, pid: process.pid }));
  return { connection: connect(info, client, sageMaker), end: async () => {} };
}
