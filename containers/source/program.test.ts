import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { startTestServer, type TestServer } from '../../local/s3/test-server.ts';
import type { PullRequest } from '../../shared/sources/job.ts';
import { type HttpsServer, startHttpsServer } from '../../shared/sources/testing/https-server.ts';
import { JobFolder } from '../contract/job-folder.fixture.ts';

const CONTENT = 'y,a,b\n1,2,3\n';
const sha256 = createHash('sha256').update(CONTENT).digest('hex');

describe('the job that pulls a source', () => {
  let server: HttpsServer;
  let folder: JobFolder;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeAll(async () => {
    server = await startHttpsServer((request, response) => answer(request, response));
  });
  beforeEach(() => {
    folder = new JobFolder('source');
  });
  afterEach(() => folder.dispose());
  afterAll(() => server.close());

  const ask = (url: string, own: Partial<PullRequest> = {}) =>
    folder.write(
      'processing/input/request/request.json',
      JSON.stringify({
        url,
        known: {},
        networks: ['127.0.0.1/32'],
        authorities: [server.authority],
        limits: { bytes: 1e9, timeoutMs: 20_000, idleMs: 10_000 },
        ...own,
      } satisfies PullRequest),
    );
  const result = () => JSON.parse(folder.read('processing/output/result.json') ?? 'null');

  it('leaves the file and what is known of it', async () => {
    answer = (_, response) => response.writeHead(200, { etag: '"1"' }).end(CONTENT);
    ask(`${server.url}/a.csv`);
    expect(await folder.process()).toEqual({ code: 0, message: undefined });
    expect(folder.read('processing/output/content')).toBe(CONTENT);
    expect(result()).toEqual({
      kind: 'fetched',
      bytes: CONTENT.length,
      sha256,
      etag: '"1"',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  it('leaves a word where nothing has changed', async () => {
    answer = (request, response) =>
      response.writeHead(request.headers['if-none-match'] === '"1"' ? 304 : 200).end();
    ask(`${server.url}/a.csv`, { known: { etag: '"1"' } });
    expect(await folder.process()).toEqual({ code: 0, message: undefined });
    expect(result()).toEqual({ kind: 'unchanged', at: expect.any(String) });
  });

  it.each<[string, string, Partial<PullRequest>, number, RegExp]>([
    ['is not there', '/lost', {}, 1, /^https:\S+\/lost answered 404 Not Found instead of a file/],
    [
      'is at a private address',
      '/a.csv',
      { networks: [] },
      1,
      /^127\.0\.0\.1 is no public address; only a stage whose SOURCE_NETWORKS names its network may read/,
    ],
    [
      'has a certificate that nobody knows',
      '/a.csv',
      { authorities: [] },
      1,
      /could not be read: (self-signed certificate|unable to verify)/,
    ],
    [
      'is too large for a job, too',
      '/a.csv',
      { limits: { bytes: 5, timeoutMs: 9000, idleMs: 9000 } },
      1,
      /\/a\.csv has more than 5 bytes/,
    ],
    [
      'cannot be asked for, by a fault of ours',
      '/a.csv',
      { networks: ['x'] },
      2,
      /\/a\.csv could not be pulled: "x" is no network/,
    ],
  ])('fails with what the function would say of a source that %s', async (_, path, own, code, message) => {
    answer = (request, response) =>
      request.url?.startsWith('/a') ? response.end(CONTENT) : response.writeHead(404).end();
    ask(`${server.url}${path}?token=secret`, own);
    const ended = await folder.process();
    expect(ended).toEqual({ code, message: expect.stringMatching(message) });
    expect(ended.message).not.toContain('secret');
    expect(result()).toBeNull();
  });

  it('never holds the whole file in memory', async () => {
    const chunk = randomBytes(2 ** 20);
    const chunks = 256;
    answer = async (_, response) => {
      for (let sent = 0; sent < chunks; sent += 1)
        if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve));
      response.end();
    };
    ask(`${server.url}/a.csv`);
    let most = 0;
    const ended = await folder.process({}, ({ pid }) => {
      const timer = setInterval(() => {
        try {
          const [, kib = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
          most = Math.max(most, Number(kib));
        } catch {
          clearInterval(timer);
        }
      }, 20);
      timer.unref();
    });
    expect(ended.code).toBe(0);
    expect(statSync(join(folder.path, 'processing/output/content')).size).toBe(chunks * 2 ** 20);
    // KiB: Node and the SDK take 100 MiB, and buffers on their way 65 MiB, however long the file is.
    expect(most).toBeGreaterThan(50 * 1024);
    expect(most).toBeLessThan(220 * 1024);
  });

  describe('from S3', () => {
    let s3: TestServer;

    beforeAll(async () => {
      s3 = await startTestServer();
      await s3.client.send(
        new PutObjectCommand({ Bucket: 'plain', Key: 'a.csv', Body: Buffer.from(CONTENT) }),
      );
    });
    afterAll(() => s3.dispose());

    it('reads with its role', async () => {
      ask('s3://plain/a.csv');
      const environment = {
        AWS_ENDPOINT_URL: `http://127.0.0.1:${s3.port}`,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      };
      expect(await folder.process(environment)).toEqual({ code: 0, message: undefined });
      expect(result()).toMatchObject({ kind: 'fetched', sha256, etag: expect.any(String) });
    });
  });
});
