/** For tests: SageMaker over the real S3 on a free port, with the SDK's clients and a program for its images. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { pack } from 'tar-stream';
import type { RecordedMetric } from '../cloudwatch/metric.ts';
import type { AwsRequest, ServiceEvent } from '../ports.ts';
import { createS3 } from '../s3/service.ts';
import type { SageMakerDisturbance } from './disturbance.ts';
import type { ImageProgram } from './images.ts';
import { createSageMaker } from './service.ts';

const PROGRAM = fileURLToPath(new URL('./test-program.mjs', import.meta.url));
const SCALE = 1000;

export const IDENTITY = { account: '000000000000', region: 'us-east-1' } as const;
export const IMAGE = '000000000000.dkr.ecr.us-east-1.amazonaws.com/ratchet-test-program:latest';
export const ROLE = 'arn:aws:iam::000000000000:role/test';
/** An image whose program is not on this machine. */
export const MISSING_IMAGE = IMAGE.replace('test-program', 'missing-program');

const IMAGES: Readonly<Record<string, ImageProgram>> = {
  [IMAGE]: { command: [process.execPath, PROGRAM] },
  [MISSING_IMAGE]: { command: ['/nowhere/python3'], needs: 'install it' },
};

export const BUCKET = 'artifacts-000000000000-us-east-1';

export interface TestCloud {
  readonly dir: string;
  readonly url: string;
  readonly sagemaker: SageMakerClient;
  readonly runtime: SageMakerRuntimeClient;
  readonly s3: S3Client;
  readonly events: ServiceEvent[];
  readonly metrics: RecordedMetric[];
  put(key: string, body: string | Buffer): Promise<void>;
  get(key: string): Promise<Buffer>;
  keys(prefix: string): Promise<string[]>;
  /** Ends everything; the folder stays. */
  stop(): Promise<void>;
  dispose(): Promise<void>;
}

export interface TestCloudOptions {
  readonly dir?: string;
  readonly random?: () => number;
  readonly publish?: (event: ServiceEvent) => Promise<void>;
  readonly disturbSageMaker?: SageMakerDisturbance;
  readonly invocationTimeoutMs?: number;
}

export async function startTestCloud(options: TestCloudOptions = {}): Promise<TestCloud> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'ratchet-sagemaker-'));
  const clock = { now: Date.now, scale: SCALE };
  const events: ServiceEvent[] = [];
  const metrics: RecordedMetric[] = [];
  let url = '';
  const s3Service = createS3({
    dir: join(dir, 's3'),
    clock,
    identity: IDENTITY,
    publish: async () => undefined,
  });
  s3Service.createBucket(BUCKET, { versioned: false, eventBridge: false });
  const service = createSageMaker({
    dir: join(dir, 'sagemaker'),
    clock,
    identity: IDENTITY,
    publish: async (event) => {
      await options.publish?.(event);
      events.push(event);
    },
    recordMetric: (metric) => metrics.push(metric),
    endpoint: () => url,
    resolveImage: (uri) => IMAGES[uri],
    disturbSageMaker: options.disturbSageMaker,
    invocationTimeoutMs: options.invocationTimeoutMs,
    ...(options.random ? { random: options.random } : {}),
  });
  let requests = 0;
  const server = createServer((req, res) => {
    const at = new URL(req.url ?? '/', 'http://127.0.0.1');
    const request: AwsRequest = {
      req,
      res,
      url: at,
      accessKeyId: 'test',
      requestId: `request-${++requests}`,
    };
    if (at.pathname.startsWith('/endpoints/')) void service.handleRuntime(request);
    else if (req.headers['x-amz-target']) void service.handle(request);
    else void s3Service.handle(request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = {
    endpoint: url,
    region: IDENTITY.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const sagemaker = new SageMakerClient(config);
  const runtime = new SageMakerRuntimeClient(config);
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  await service.start();

  async function stop(): Promise<void> {
    await service.close();
    for (const client of [sagemaker, runtime, s3]) client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await s3Service.close();
  }

  return {
    dir,
    url,
    sagemaker,
    runtime,
    s3,
    events,
    metrics,
    put: async (key, body) =>
      void (await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }))),
    get: async (key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    keys: async (prefix) => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
      return Contents.map((object) => object.Key ?? '');
    },
    stop,
    dispose: async () => {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A model.tar.gz that serves under a name. */
export async function modelArchive(name: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'name.txt' }, name);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

const PATIENCE_MS = 25_000;

/** Resolves when `probe` gives something, looking again every few milliseconds; rejects before a test's time is
 * over, so that a failed test leaves no loop behind. */
export async function eventually<T>(probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const found = await probe();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('what was waited for did not come about');
}

/** A process that has ended stays in the table until init takes leave of it, which may take long: it is not alive. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !(existsSync(stat) && readFileSync(stat, 'utf8').includes(') Z '));
  } catch {
    return false;
  }
}
