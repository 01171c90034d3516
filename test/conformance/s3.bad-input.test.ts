/** S3 under clients that no SDK is: raw HTTP over sockets. AWS's error code, nothing half written, no crash. */

import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { BareCloud } from './support/bare-cloud.ts';
import { PLAIN, startS3Cloud } from './support/s3-cloud.ts';

let cloud: BareCloud;
let s3: S3Client;
let port: number;
beforeAll(async () => {
  cloud = await startS3Cloud();
  s3 = new S3Client({ ...cloud.client, maxAttempts: 1 });
  port = Number(new URL(cloud.endpoint).port);
});
afterAll(async () => {
  s3?.destroy();
  await cloud?.close();
});
afterEach(async () => {
  // It still works, and holds no part of what was refused.
  await s3.send(new PutObjectCommand({ Bucket: PLAIN, Key: 'alive', Body: 'yes' }));
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: PLAIN }));
  expect(Contents.map(({ Key }) => Key)).toEqual(['alive']);
  expect(blobs()).toEqual([]);
});

/** The files of large bodies. */
const blobs = () => readdirSync(join(cloud.dir, 's3/blobs'));

type Answer = { readonly status: number; readonly code: string };

/** The path is sent as it stands. */
function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const all = { 'content-length': String(Buffer.byteLength(body)), ...headers };
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers: all }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, code: /<Code>(.*?)</.exec(text)?.[1] ?? text }),
      );
    });
    outgoing.on('error', reject).end(body);
  });
}

describe('malformed XML', () => {
  const documents = [
    '',
    '<Delete><Object>',
    'nonsense',
    '<Other/>',
    '<Delete/>',
    '<!DOCTYPE x [<!ENTITY a "b">]><Delete/>',
    '\0\xff',
  ];

  it.each(documents)('in DeleteObjects is refused: %j', async (document) => {
    const headers = { 'x-amz-sdk-checksum-algorithm': 'CRC32', 'x-amz-trailer': 'none' };
    expect(await send('POST', `/${PLAIN}?delete`, headers, document)).toEqual({
      status: 400,
      code: 'MalformedXML',
    });
  });

  it.each(documents)('in CompleteMultipartUpload is refused: %j', async (document) => {
    expect(await send('POST', `/${PLAIN}/k?uploadId=x`, {}, document)).toEqual({
      status: 400,
      code: 'MalformedXML',
    });
  });
});

describe('oversized', () => {
  it('bodies are refused before they are read', async () => {
    const socket = await open(
      `PUT /${PLAIN}/huge HTTP/1.1\r\nhost: x\r\ncontent-length: ${5 * 1024 ** 3 + 1}\r\n\r\n`,
    );
    expect(await firstAnswer(socket)).toMatch(/^HTTP\/1.1 400 [\s\S]*<Code>EntityTooLarge</);
    socket.destroy();
  });

  it('documents are refused', async () => {
    const body = `<Delete>${'<Object><Key>k</Key></Object>'.repeat(300_000)}</Delete>`;
    expect(await send('POST', `/${PLAIN}?delete`, { 'x-amz-trailer': 'none' }, body)).toMatchObject({
      code: 'MalformedXML',
    });
  });

  it('metadata are refused', async () => {
    const headers = { 'x-amz-meta-a': 'm'.repeat(2048) };
    expect(await send('PUT', `/${PLAIN}/k`, headers)).toEqual({ status: 400, code: 'MetadataTooLarge' });
  });

  it('bodies that outgrow their stated length are refused', async () => {
    const headers = {
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': '3',
    };
    const framed = `${(200_000).toString(16)}\r\n${'x'.repeat(200_000)}\r\n0\r\n\r\n`;
    expect(await send('PUT', `/${PLAIN}/k`, headers, framed)).toEqual({
      status: 400,
      code: 'IncompleteBody',
    });
  });
});

describe('path traversal', () => {
  it.each(['/../../etc/passwd', '/..%2f..%2fetc/passwd', '/%2e%2e/x', '//x', '/./x', '/.../x'])(
    'in a bucket reaches nothing: %s',
    async (path) => {
      const { status, code } = await send('PUT', path, {}, 'x');
      expect([status, code]).toEqual([
        expect.any(Number),
        expect.stringMatching(/^(NoSuchBucket|InvalidURI|InvalidBucketName)$/),
      ]);
    },
  );

  it('in a key is only data', async () => {
    const Key = '../../../../etc/passwd';
    await s3.send(new PutObjectCommand({ Bucket: PLAIN, Key, Body: 'mine' }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: PLAIN, Key }));
    expect(await Body!.transformToString()).toBe('mine');
    expect(await send('GET', `/${PLAIN}/../../../../etc/passwd`)).toEqual({ status: 200, code: 'mine' });
    expect(await send('DELETE', `/${PLAIN}/../../../../etc/passwd`)).toMatchObject({ status: 204 });
  });

  it('in an upload id reaches nothing', async () => {
    const path = `/${PLAIN}/k?partNumber=1&uploadId=../../x`;
    expect(await send('PUT', path, {}, 'x')).toEqual({ status: 404, code: 'NoSuchUpload' });
  });
});

describe('an upload', () => {
  it('that is broken off leaves nothing', async () => {
    const socket = await open(
      `PUT /${PLAIN}/gone HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n${'x'.repeat(90_000)}`,
    );
    await until(() => blobs().length === 1);
    socket.destroy();
    await until(() => blobs().length === 0);
  });

  it('that stands still is ended as AWS does, and leaves nothing', async () => {
    const socket = await open(`PUT /${PLAIN}/slow HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\nx`);
    const began = Date.now();
    const answer = await firstAnswer(socket);
    expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*<Code>RequestTimeout</);
    expect(Date.now() - began).toBeGreaterThan(15_000);
    await until(() => blobs().length === 0);
  }, 60_000);

  it('that drips on is taken', async () => {
    const socket = await open(`PUT /${PLAIN}/alive HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n`);
    for (const letter of 'drips') {
      socket.write(letter);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(await firstAnswer(socket)).toMatch(/^HTTP\/1.1 200 /);
    socket.destroy();
  });
});

describe('broken HTTP', () => {
  it.each([
    'GET / HTTP/9.9\r\n\r\n',
    'nonsense\r\n\r\n',
    `PUT /${PLAIN}/k HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n`,
  ])('is refused: %j', async (text) => {
    expect(await firstAnswer(await open(text))).toMatch(/^HTTP\/1.1 400 /);
  });

  it.each([
    ['GET', `/${PLAIN}/%ff`, 400, 'InvalidURI'],
    ['PATCH', `/${PLAIN}/k`, 405, 'MethodNotAllowed'],
    ['GET', `/${PLAIN}?acl`, 501, 'NotImplemented'],
    ['GET', `/${PLAIN}?list-type=2&max-keys=-1`, 400, 'InvalidArgument'],
    ['PUT', `/${PLAIN}/k?partNumber=0&uploadId=x`, 404, 'NoSuchUpload'],
  ])('%s %s is answered %d %s', async (method, path, status, code) => {
    expect(await send(method, path)).toEqual({ status, code });
  });

  it('without a length is refused', async () => {
    const socket = await open(
      `PUT /${PLAIN}/k HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
    );
    expect(await firstAnswer(socket)).toMatch(/^HTTP\/1.1 411 [\s\S]*<Code>MissingContentLength</);
    socket.destroy();
  });
});

/** Within ten seconds. */
async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!isSo() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isSo()).toBe(true);
}

async function open(text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(text);
  return socket;
}

/** What came by the end of the first answer that has a body, or of the connection. */
function firstAnswer(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      if (text.includes('</Error>') || (/content-length: 0\r\n/i.test(text) && text.includes('\r\n\r\n')))
        resolve(text);
    });
    socket.on('close', () => resolve(text));
  });
}
