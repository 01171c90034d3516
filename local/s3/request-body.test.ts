import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { decodeAwsChunked } from './aws-chunked.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

const base64 = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('base64');
const crc32Of = (text: string) => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(crc32(text));
  return out.toString('base64');
};
const code = (body: string) => /<Code>(.*?)<\/Code>/.exec(body)?.[1] ?? '';
const put = async (headers: Record<string, string>, body: string) => {
  const answer = await server.raw('PUT', '/plain/body', headers, body);
  return [answer.status, code(answer.body)];
};

/** `aws-chunked` framing; signed chunks carry an extension. */
function frame(pieces: readonly string[], trailers: Record<string, string> = {}, extension = ''): string {
  const chunks = pieces.map(
    (piece) => `${Buffer.byteLength(piece).toString(16)}${extension}\r\n${piece}\r\n`,
  );
  const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}\r\n`);
  return `${chunks.join('')}0${extension}\r\n${lines.join('')}\r\n`;
}
const streaming = (kind: string, length: number, more: Record<string, string> = {}) => ({
  'content-encoding': 'aws-chunked',
  'x-amz-content-sha256': kind,
  'x-amz-decoded-content-length': String(length),
  ...more,
});

describe('digests of a body', () => {
  it('are taken when they match', async () => {
    expect(await put({ 'content-md5': base64('md5', 'body') }, 'body')).toEqual([200, '']);
    expect(await put({ 'x-amz-checksum-sha256': base64('sha256', 'body') }, 'body')).toEqual([200, '']);
    expect(await put({ 'x-amz-checksum-crc32': crc32Of('body') }, 'body')).toEqual([200, '']);
    const sha256 = createHash('sha256').update('body').digest('hex');
    expect(await put({ 'x-amz-content-sha256': sha256 }, 'body')).toEqual([200, '']);
  });

  it('are refused when they do not, and the object stays as it was', async () => {
    await put({}, 'before');
    const wrong = {
      'content-md5': base64('md5', 'other'),
      'x-amz-checksum-crc32': crc32Of('other'),
      'x-amz-checksum-crc32c': 'AAAAAA==',
      'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=',
      'x-amz-checksum-sha1': base64('sha1', 'other'),
      'x-amz-checksum-sha256': base64('sha256', 'other'),
    };
    for (const [name, value] of Object.entries(wrong)) {
      expect([name, ...(await put({ [name]: value }, 'after'))]).toEqual([name, 400, 'BadDigest']);
    }
    const hash = { 'x-amz-content-sha256': '0'.repeat(64) };
    expect(await put(hash, 'after')).toEqual([400, 'XAmzContentSHA256Mismatch']);
    expect((await server.raw('GET', '/plain/body')).body).toBe('before');
    expect(readdirSync(join(server.dir, 'blobs'))).toEqual([]);
  });

  it('are refused when they are none', async () => {
    expect(await put({ 'content-md5': 'rubbish' }, 'x')).toEqual([400, 'InvalidDigest']);
    expect(await put({ 'x-amz-checksum-crc32': 'rubbish' }, 'x')).toEqual([400, 'InvalidRequest']);
    expect(await put({ 'x-amz-sdk-checksum-algorithm': 'MD4' }, 'x')).toEqual([400, 'InvalidRequest']);
    const two = { 'x-amz-checksum-crc32': crc32Of('x'), 'x-amz-checksum-sha1': base64('sha1', 'x') };
    expect(await put(two, 'x')).toEqual([400, 'InvalidRequest']);
  });
});

describe('a body in aws-chunked framing', () => {
  it('is stored without it, signed or not', async () => {
    const trailer = { 'x-amz-trailer': 'x-amz-checksum-crc32' };
    const unsigned = streaming('STREAMING-UNSIGNED-PAYLOAD-TRAILER', 6, trailer);
    expect(await put(unsigned, frame(['foo', 'bar'], { 'x-amz-checksum-crc32': crc32Of('foobar') }))).toEqual(
      [200, ''],
    );
    expect((await server.raw('GET', '/plain/body')).body).toBe('foobar');
    const extension = `;chunk-signature=${'a'.repeat(64)}`;
    const signed = streaming('STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 3);
    expect(await put(signed, frame(['sig'], {}, extension))).toEqual([200, '']);
    const both = streaming('STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', 3, trailer);
    const trailers = { 'x-amz-checksum-crc32': crc32Of('two'), 'x-amz-trailer-signature': 'b'.repeat(64) };
    expect(await put(both, frame(['two'], trailers, extension))).toEqual([200, '']);
    const read = await server.raw('GET', '/plain/body');
    expect([read.body, read.headers['content-encoding']]).toEqual(['two', undefined]);
  });

  it('is refused when it is broken, short or has a wrong checksum', async () => {
    const headers = streaming('STREAMING-UNSIGNED-PAYLOAD-TRAILER', 3, {
      'x-amz-trailer': 'x-amz-checksum-crc32',
    });
    const good = { 'x-amz-checksum-crc32': crc32Of('abc') };
    await put({}, 'before');
    expect(await put(headers, frame(['abc'], { 'x-amz-checksum-crc32': crc32Of('x') }))).toEqual([
      400,
      'BadDigest',
    ]);
    expect(await put(headers, frame(['abc']))).toEqual([400, 'MalformedTrailerError']);
    expect(await put(headers, frame(['ab'], good))).toEqual([400, 'IncompleteBody']);
    expect(await put(headers, '3\r\nabc\r\n')).toEqual([400, 'IncompleteBody']);
    expect(await put(headers, '3\r\nab')).toEqual([400, 'IncompleteBody']);
    expect(await put(headers, 'zz\r\nabc\r\n0\r\n\r\n')).toEqual([400, 'InvalidRequest']);
    expect(await put(headers, '2\r\nabc\r\n0\r\n\r\n')).toEqual([400, 'InvalidRequest']);
    expect(await put(headers, 'a'.repeat(100_000))).toEqual([400, 'InvalidRequest']);
    expect((await server.raw('GET', '/plain/body')).body).toBe('before');
  });

  it('decodes however the bytes are cut', async () => {
    const pieces = fc.array(fc.string({ unit: 'binary', minLength: 1 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 9 }), async (parts, cut) => {
        const wire = Buffer.from(frame(parts, { a: '1' }));
        const trailers = new Map<string, string>();
        const out: Buffer[] = [];
        for await (const chunk of decodeAwsChunked(slices(wire, cut), trailers)) out.push(chunk);
        expect(Buffer.concat(out).toString()).toBe(parts.join(''));
        expect([...trailers]).toEqual([['a', '1']]);
      }),
      { numRuns: 50 },
    );
  });
});

async function* slices(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('an upload', () => {
  const files = () => readdirSync(join(server.dir, 'blobs')).length;

  it('that is broken off leaves neither object nor file', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      `PUT /plain/aborted HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n${'x'.repeat(5000)}`,
    );
    while (files() === 0) await new Promise(setImmediate);
    socket.destroy();
    while (files() > 0) await new Promise(setImmediate);
    expect((await server.raw('GET', '/plain/aborted')).status).toBe(404);
  });

  it('without a length, or with one beyond 5 GiB, is refused', async () => {
    expect(await put({ 'transfer-encoding': 'chunked' }, 'x')).toEqual([411, 'MissingContentLength']);
    const huge = streaming('STREAMING-UNSIGNED-PAYLOAD-TRAILER', 5 * 1024 ** 3 + 1);
    expect(await put(huge, frame(['x']))).toEqual([400, 'EntityTooLarge']);
  });

  it('with too much metadata is refused', async () => {
    expect(await put({ 'x-amz-meta-a': 'm'.repeat(2048) }, 'x')).toEqual([400, 'MetadataTooLarge']);
  });

  it('is answered while its refused body is still coming, on a connection that goes on', async () => {
    const body = 'x'.repeat(3_000_000);
    expect((await server.raw('PUT', '/nobucket/x', {}, body)).status).toBe(404);
    expect((await server.raw('PUT', '/plain/x', { 'x-amz-tagging': 'a=b' }, body)).status).toBe(501);
    expect(await put({}, 'next')).toEqual([200, '']);
  });
});
