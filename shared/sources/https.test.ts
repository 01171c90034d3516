import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import type { PullLimits, Validators } from './fetched.ts';
import { createFetchHttps, type DownloadOptions } from './https.ts';
import { type BeyondLimits, SourceProblem } from './problem.ts';
import { createAddressRule } from './public-address.ts';
import { type HttpsServer, startHttpsServer } from './testing/https-server.ts';

const CONTENT = 'y,a,b\n1,2,3\n';
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
const LIMIT = 100_000;

describe('a file behind an https:// address', () => {
  let server: HttpsServer;
  let folder: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const asked: IncomingMessage[] = [];
  const authorities = tls.getCACertificates('default');

  beforeAll(async () => {
    server = await startHttpsServer((request, response) => {
      asked.push(request);
      answer(request, response);
    });
    tls.setDefaultCACertificates([...authorities, server.authority]);
    folder = mkdtempSync(join(tmpdir(), 'ratchet-https-'));
  });
  beforeEach(() => {
    asked.length = 0;
    answer = (_, response) => response.end(CONTENT);
  });
  afterAll(async () => {
    tls.setDefaultCACertificates(authorities);
    rmSync(folder, { recursive: true });
    await server.close();
  });

  const here = createAddressRule(['127.0.0.1/32']);
  const limits: PullLimits = { bytes: LIMIT, timeoutMs: 20_000, idleMs: 10_000 };
  const fetchFrom = (address: string, options: Partial<DownloadOptions> = {}, known: Validators = {}) =>
    createFetchHttps({ isAllowed: here, limits, ...options })(address, { known, path: join(folder, 'file') });
  const fetch = (path: string, own: Partial<PullLimits> = {}, known: Validators = {}) =>
    fetchFrom(`${server.url}${path}`, { limits: { ...limits, ...own } }, known);
  const saved = () => readFileSync(join(folder, 'file'));

  it('is saved as it is, with its hash, entity tag and date', async () => {
    answer = (_, response) =>
      response.writeHead(200, { etag: '"1"', 'last-modified': 'yesterday' }).end(CONTENT);
    expect(await fetch('/a.csv')).toEqual({
      kind: 'fetched',
      bytes: CONTENT.length,
      sha256: sha256(CONTENT),
      etag: '"1"',
      lastModified: 'yesterday',
    });
    expect(saved().toString()).toBe(CONTENT);
  });

  it('that has not changed is not fetched again', async () => {
    answer = (request, response) =>
      response.writeHead(request.headers['if-none-match'] === '"1"' ? 304 : 200).end();
    const known = { etag: '"1"', lastModified: 'yesterday' };
    expect(await fetch('/a.csv', {}, known)).toEqual({ kind: 'unchanged' });
    expect(asked[0]?.headers).toMatchObject({ 'if-none-match': '"1"', 'if-modified-since': 'yesterday' });
  });

  it('that travels as gzip is unpacked; what is itself gzip stays', async () => {
    const packed = gzipSync(CONTENT);
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
    expect(await fetch('/a.csv')).toMatchObject({ sha256: sha256(CONTENT) });
    answer = (_, response) => response.writeHead(200, { 'content-type': 'application/gzip' }).end(packed);
    expect(await fetch('/a.csv.gz')).toMatchObject({ sha256: sha256(packed) });
    expect(saved()).toEqual(packed);
  });

  it('is found behind redirects', async () => {
    answer = (request, response) =>
      request.url === '/c' ? response.end(CONTENT) : response.writeHead(302, { location: './c' }).end();
    expect(await fetch('/a')).toMatchObject({ kind: 'fetched' });
  });

  it('of exactly as many bytes as may be is taken', async () => {
    const content = randomBytes(LIMIT);
    answer = (_, response) => response.end(content);
    expect(await fetch('/a')).toMatchObject({ bytes: LIMIT, sha256: sha256(content) });
  });

  const redirectTo = (location: string) => (_: IncomingMessage, response: ServerResponse) =>
    response.writeHead(302, { location }).end();
  const inChunks = (content: Buffer, headers: Record<string, string> = {}) =>
    ((_, response) => {
      response.writeHead(200, headers);
      response.write(content.subarray(0, 1000));
      response.end(content.subarray(1000));
    }) as typeof answer;

  it.each<[string, typeof answer, RegExp]>([
    [
      'is not there',
      (_, r) => r.writeHead(404).end(),
      /^https:\S+\/a answered 404 Not Found instead of a file/,
    ],
    [
      'was not asked whether it changed',
      (_, r) => r.writeHead(304).end(),
      /answered 304 Not Modified instead/,
    ],
    ['comes in part', (_, r) => r.writeHead(206).end('y'), /answered 206 Partial Content instead/],
    ['is empty', (_, r) => r.end(), /a is empty/],
    ['moves without saying where', (_, r) => r.writeHead(302).end(), /answered 302 Found instead/],
    ['moves in circles', redirectTo('/a'), /redirects more than 5 times/],
    [
      'moves to http',
      redirectTo('http://127.0.0.1/a'),
      /redirects to http:\/\/127.0.0.1\/a, which is no https/,
    ],
    [
      'moves to a file',
      redirectTo('file:///etc/passwd'),
      /redirects to file:\/\/\/etc\/passwd, which is no https/,
    ],
    [
      'moves to the metadata service',
      redirectTo('https://169.254.169.254/latest'),
      /^169\.254\.169\.254 is no public address; only a stage whose SOURCE_NETWORKS names its network/,
    ],
    ['moves to a number', redirectTo('https://2130706434/'), /^127\.0\.0\.2 is no public address/],
    ['moves to IPv6', redirectTo('https://[::ffff:7f00:2]/'), /^::ffff:7f00:2 is no public address/],
    ['moves to a name', redirectTo('https://u:p@127.0.0.1/'), /holds a user name or password/],
    [
      'is torn gzip',
      inChunks(gzipSync(randomBytes(5000)).subarray(0, 3000), { 'content-encoding': 'gzip' }),
      /unexpected end of file/,
    ],
    ['is no gzip', inChunks(randomBytes(3000), { 'content-encoding': 'gzip' }), /incorrect header check/],
    [
      'comes in another encoding',
      inChunks(randomBytes(3000), { 'content-encoding': 'br' }),
      /in the content encoding "br"/,
    ],
    [
      'breaks off',
      (_, r) => {
        r.writeHead(200, { 'content-length': '5000' });
        r.write('y', () => r.destroy());
      },
      /could not be read: (aborted|socket hang up|ECONNRESET)/,
    ],
    [
      'is no answer at all',
      (request) => request.socket.destroy(),
      /could not be read: (socket hang up|.*ECONNRESET)/,
    ],
  ])('that %s is a problem with a reason', async (_, behaviour, reason) => {
    answer = behaviour;
    await expect(fetch('/a?token=secret')).rejects.toMatchObject({
      code: 'SourceProblem',
      message: expect.stringMatching(reason),
    });
    await expect(fetch('/a?token=secret')).rejects.not.toMatchObject({
      message: expect.stringContaining('secret'),
    });
  });

  it.each<[string, typeof answer, number | undefined]>([
    ['is too large', inChunks(randomBytes(LIMIT + 1)), undefined],
    [
      'says that it is too large',
      (_, r) => r.writeHead(200, { 'content-length': '9999999999' }).write('y'),
      9_999_999_999,
    ],
    [
      'is small but unpacks to much',
      (_, r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
      undefined,
    ],
  ])('that %s is beyond the limits, and tells its length where it said so', async (_, behaviour, bytes) => {
    answer = behaviour;
    const error = await fetch('/a?token=secret').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SourceProblem);
    expect(error).toMatchObject({
      code: 'BeyondLimits',
      message: expect.stringMatching(/\/a has more than 100,000 bytes, the most that can be pulled/),
    });
    expect((error as BeyondLimits).bytes).toBe(bytes);
  });

  it('that is silent is given up; that is too slow altogether is beyond the limits', async () => {
    answer = () => undefined;
    await expect(fetch('/a', { idleMs: 100 })).rejects.toThrow(/\/a was silent for 0\.1 s/);
    answer = (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('y'), 20);
      response.on('close', () => clearInterval(drip));
    };
    await expect(fetch('/a', { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'BeyondLimits',
      message: expect.stringMatching(/\/a took longer than 0\.3 s; let a faster place serve it/),
    });
  });

  it('on a private network is not even connected to, whatever its name', async () => {
    const isAllowed = createAddressRule([]);
    const reason = /no public address; only a stage whose SOURCE_NETWORKS/;
    for (const host of ['127.0.0.1', 'localhost', '0x7f.1', '[::1]']) {
      await expect(fetchFrom(`https://${host}:${server.port}/a`, { isAllowed })).rejects.toThrow(reason);
    }
    expect(asked).toEqual([]);
  });

  it('behind a certificate that nobody has signed is not read, unless its authority is named', async () => {
    const stranger = await startHttpsServer((_, response) => response.end(CONTENT), 'stranger');
    await expect(fetchFrom(`${stranger.url}/a`)).rejects.toMatchObject({
      code: 'SourceProblem',
      message: expect.stringMatching(/could not be read: self-signed certificate/),
    });
    const authorities = [stranger.authority];
    expect(await fetchFrom(`${stranger.url}/a`, { authorities })).toMatchObject({ kind: 'fetched' });
    // Those that Node trusts anyway are trusted still.
    expect(await fetchFrom(`${server.url}/a`, { authorities })).toMatchObject({ kind: 'fetched' });
    await stranger.close();
  });
});
