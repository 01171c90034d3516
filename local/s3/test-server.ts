/** For tests: this S3 behind a real HTTP server on a free port, with the SDK's own client. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import type { ServiceEvent } from '../ports.ts';
import { createS3, type S3Service } from './service.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface TestServer {
  readonly s3: S3Service;
  readonly client: S3Client;
  readonly port: number;
  readonly dir: string;
  readonly events: ServiceEvent[];
  /** Resolves with the first `count` events once they are there. */
  published(count: number): Promise<ServiceEvent[]>;
  /** A request whose path is sent as it stands. */
  raw(
    method: string,
    path: string,
    headers?: Record<string, string>,
    body?: string | Buffer,
  ): Promise<RawAnswer>;
  /** Keeps the folder. */
  stop(): Promise<void>;
  dispose(): Promise<void>;
}

export interface TestServerOptions {
  readonly dir?: string;
  readonly now?: () => number;
  readonly publish?: (event: ServiceEvent) => Promise<void>;
}

/** With the buckets `versioned` and `plain`, which emit events, and `silent`, which does not. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'ratchet-s3-'));
  const events: ServiceEvent[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const s3 = createS3({
    dir,
    clock: { now: options.now ?? Date.now, scale: 1 },
    identity: { account: '000000000000', region: 'us-east-1' },
    publish: async (event) => {
      await options.publish?.(event);
      events.push(event);
      for (const waiter of waiting) if (events.length >= waiter.count) waiter.resolve();
    },
  });
  s3.createBucket('versioned', { versioned: true, eventBridge: true });
  s3.createBucket('plain', { versioned: false, eventBridge: true });
  s3.createBucket('silent', { versioned: false, eventBridge: false });
  let requests = 0;
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://127.0.0.1');
    void s3.handle({ req, res, url, accessKeyId: 'test', requestId: `request-${++requests}` });
  });
  // As the front door: a client whose kept connection is closed meanwhile would fail its next request.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
  const stop = async () => {
    client.destroy();
    await s3.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    s3,
    client,
    port,
    dir,
    events,
    async published(count) {
      if (events.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }));
      return events.slice(0, count);
    },
    raw: (method, path, headers = {}, body = '') => sendRaw(port, { method, path, headers, body }),
    stop,
    async dispose() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

function sendRaw(port: number, { method, path, headers, body }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const length = headers['transfer-encoding'] ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = httpRequest(
      { port, host: '127.0.0.1', method, path, headers: { ...length, ...headers } },
      (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('error', reject);
        res.on('end', () =>
          resolve({
            status: res.statusCode ?? 0,
            headers: res.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
