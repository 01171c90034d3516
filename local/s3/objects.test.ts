import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

const put = (Bucket: string, Key: string, Body: string | Buffer, more = {}) =>
  server.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = async (Bucket: string, Key: string, more = {}) => {
  const answer = await server.client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return { ...answer, text: await answer.Body!.transformToString() };
};
const failure = async (sent: Promise<unknown>) => {
  const error = await sent.then(
    () => undefined,
    (thrown) => thrown,
  );
  return { name: error?.name, status: error?.$metadata?.httpStatusCode };
};

describe('an object', () => {
  it('comes back with its type, metadata, ETag and checksum', async () => {
    const Metadata = { origin: 'sensor 7' };
    const written = await put('plain', 'a/b.csv', 'x,y\n1,2\n', { ContentType: 'text/csv', Metadata });
    const read = await get('plain', 'a/b.csv');
    expect(read.text).toBe('x,y\n1,2\n');
    expect(read).toMatchObject({
      ContentType: 'text/csv',
      Metadata,
      ContentLength: 8,
      AcceptRanges: 'bytes',
    });
    expect(read.ETag).toBe(`"${createHash('md5').update('x,y\n1,2\n').digest('hex')}"`);
    expect(read.ChecksumCRC32).toBe(written.ChecksumCRC32);
    expect(read.VersionId).toBeUndefined();
    const head = await server.client.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'a/b.csv' }));
    expect(head).toMatchObject({ ContentType: 'text/csv', Metadata, ContentLength: 8, ETag: read.ETag });
  });

  it('may be empty', async () => {
    await put('plain', 'empty', '');
    expect(await get('plain', 'empty')).toMatchObject({ text: '', ContentLength: 0 });
    expect(await failure(get('plain', 'empty', { Range: 'bytes=0-' }))).toEqual({
      name: 'InvalidRange',
      status: 416,
    });
  });

  it('may be streamed in with a checksum behind it', async () => {
    const bytes = Buffer.alloc(300_000, 'abcdefg');
    for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
      const Body = Readable.from([bytes.subarray(0, 100_001), bytes.subarray(100_001)]);
      const more = { ContentLength: bytes.length, ChecksumAlgorithm };
      await server.client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'stream', Body, ...more }));
      const read = await get('plain', 'stream');
      expect(Buffer.from(read.text).equals(bytes)).toBe(true);
      expect(read[`Checksum${ChecksumAlgorithm}`]).toBeTruthy();
      expect(read.ContentEncoding).toBeUndefined();
    }
  });

  it('gives any range of its bytes', async () => {
    const text = '0123456789';
    await put('plain', 'digits', text);
    const range = async (Range: string) => (await get('plain', 'digits', { Range })).text;
    expect(await range('bytes=2-4')).toBe('234');
    expect(await range('bytes=7-')).toBe('789');
    expect(await range('bytes=-3')).toBe('789');
    expect(await range('bytes=-30')).toBe(text);
    expect(await range('bytes=8-100')).toBe('89');
    expect(await range('bytes=5-2')).toBe(text);
    expect(await range('lines=1-2')).toBe(text);
    expect((await get('plain', 'digits', { Range: 'bytes=2-4' })).ContentRange).toBe('bytes 2-4/10');
    expect(await failure(range('bytes=10-'))).toEqual({ name: 'InvalidRange', status: 416 });
  });

  it('is not sent again to a reader that has it', async () => {
    const { ETag } = await put('plain', 'known', 'x');
    const future = new Date(Date.now() + 60_000);
    expect(await failure(get('plain', 'known', { IfNoneMatch: ETag }))).toMatchObject({ status: 304 });
    expect(await failure(get('plain', 'known', { IfModifiedSince: future }))).toMatchObject({ status: 304 });
    expect(await failure(get('plain', 'known', { IfMatch: '"other"' }))).toMatchObject({ status: 412 });
    expect(await failure(get('plain', 'known', { IfUnmodifiedSince: new Date(0) }))).toMatchObject({
      status: 412,
    });
    expect((await get('plain', 'known', { IfMatch: ETag, IfUnmodifiedSince: new Date(0) })).text).toBe('x');
  });

  it('is answered as AWS does when it, its version or its bucket is missing', async () => {
    expect(await failure(get('plain', 'nothing'))).toEqual({ name: 'NoSuchKey', status: 404 });
    expect(await failure(get('nobucket', 'x'))).toEqual({ name: 'NoSuchBucket', status: 404 });
    expect(await failure(put('nobucket', 'x', 'y'))).toEqual({ name: 'NoSuchBucket', status: 404 });
    expect(await failure(get('plain', 'a/b.csv', { VersionId: 'v' }))).toEqual({
      name: 'NoSuchVersion',
      status: 404,
    });
    const head = server.client.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'nothing' }));
    expect(await failure(head)).toEqual({ name: 'NotFound', status: 404 });
  });
});

describe('a conditional write', () => {
  it('lets one of 20 racing If-None-Match writers win', async () => {
    const race = Array.from({ length: 20 }, (_, i) =>
      failure(put('plain', 'race', `writer ${i}`, { IfNoneMatch: '*' })),
    );
    const results = await Promise.all(race);
    expect(results.filter((result) => result.name === undefined)).toHaveLength(1);
    expect(
      results.filter((result) => result.name === 'PreconditionFailed' && result.status === 412),
    ).toHaveLength(19);
    const winner = results.findIndex((result) => result.name === undefined);
    expect((await get('plain', 'race')).text).toBe(`writer ${winner}`);
  });

  it('replaces only the object that If-Match names', async () => {
    const { ETag } = await put('plain', 'cas', 'one');
    await put('plain', 'cas', 'two', { IfMatch: ETag });
    expect(await failure(put('plain', 'cas', 'three', { IfMatch: ETag }))).toMatchObject({ status: 412 });
    expect(await failure(put('plain', 'absent', 'x', { IfMatch: ETag }))).toEqual({
      name: 'NoSuchKey',
      status: 404,
    });
    expect((await get('plain', 'cas')).text).toBe('two');
  });

  it('counts a deleted object as absent', async () => {
    await put('versioned', 'again', 'one');
    await server.client.send(new DeleteObjectCommand({ Bucket: 'versioned', Key: 'again' }));
    await put('versioned', 'again', 'two', { IfNoneMatch: '*' });
    expect((await get('versioned', 'again')).text).toBe('two');
  });
});

describe('a key', () => {
  it('is only data', async () => {
    const awkward = [
      'a+b c%2Fd%20?&=#.csv',
      '😀/日本',
      '..',
      '../../etc/passwd',
      './x',
      '/leading',
      'a//b',
      'tail/',
      '<&"\'>',
      'ñ',
      'ñ',
      'nul\0byte',
      '\x01\n\r\t',
      '__proto__',
      `${'k'.repeat(1022)}é`,
    ];
    const strings = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
    const samples = fc.sample(strings, { numRuns: 25, seed: 1 });
    const keys = [...new Set([...awkward, ...samples])];
    server.s3.createBucket('keys', { versioned: false, eventBridge: false });
    for (const [i, key] of keys.entries()) await put('keys', key, `body ${i}`);
    for (const [i, key] of keys.entries()) expect((await get('keys', key)).text).toBe(`body ${i}`);
    const list = new ListObjectsV2Command({ Bucket: 'keys', EncodingType: 'url' });
    const listed = (await server.client.send(list)).Contents!.map(({ Key }) => decodeURIComponent(Key!));
    const utf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
    expect(listed).toEqual([...keys].sort(utf8));
    const Objects = keys.filter((key) => key > ' ').map((Key) => ({ Key }));
    await server.client.send(new DeleteObjectsCommand({ Bucket: 'keys', Delete: { Objects, Quiet: true } }));
    const rest = (await server.client.send(list)).Contents ?? [];
    expect(rest).toHaveLength(keys.length - Objects.length);
  });

  it('has at most 1,024 bytes', async () => {
    expect(await failure(put('plain', `${'k'.repeat(1023)}é`, 'x'))).toEqual({
      name: 'KeyTooLongError',
      status: 400,
    });
  });

  it('that is no URL encoding of UTF-8 is refused', async () => {
    expect(await server.raw('GET', '/plain/%FF')).toMatchObject({
      status: 400,
      body: expect.stringContaining('<Code>InvalidURI</Code>'),
    });
    expect((await server.raw('GET', '/plain/%E0%A4%A')).status).toBe(400);
    expect((await server.raw('GET', '//key')).status).toBe(400);
  });

  it('never names a file', async () => {
    await put('plain', '../large', 'x'.repeat(100_000));
    const names = readdirSync(join(server.dir, 'blobs'));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !/^[0-9a-f-]{36}$/.test(name))).toEqual([]);
  });
});

describe('versions', () => {
  const remove = (Key: string, VersionId?: string) =>
    server.client.send(
      new DeleteObjectCommand({ Bucket: 'versioned', Key, ...(VersionId ? { VersionId } : {}) }),
    );

  it('are all kept, hidden by a delete marker and uncovered by its removal', async () => {
    const first = await put('versioned', 'v', 'one');
    const second = await put('versioned', 'v', 'two');
    expect(first.VersionId).not.toBe(second.VersionId);
    expect((await get('versioned', 'v', { VersionId: first.VersionId })).text).toBe('one');
    const marker = await remove('v');
    expect(marker).toMatchObject({ DeleteMarker: true, VersionId: expect.any(String) });
    expect(await failure(get('versioned', 'v'))).toEqual({ name: 'NoSuchKey', status: 404 });
    expect(await failure(get('versioned', 'v', { VersionId: marker.VersionId }))).toEqual({
      name: 'MethodNotAllowed',
      status: 405,
    });
    await remove('v', marker.VersionId);
    expect((await get('versioned', 'v')).text).toBe('two');
    await remove('v', second.VersionId);
    expect(await get('versioned', 'v')).toMatchObject({ text: 'one', VersionId: first.VersionId });
  });

  it('are listed newest first, page by page', async () => {
    for (const body of ['1', '2', '3']) await put('versioned', 'list/k', body);
    await put('versioned', 'list/l', '4');
    await remove('list/k');
    const seen: string[] = [];
    let page: Partial<ListObjectVersionsCommandOutput> = { IsTruncated: true };
    const next = () =>
      new ListObjectVersionsCommand({
        Bucket: 'versioned',
        Prefix: 'list/',
        MaxKeys: 2,
        KeyMarker: page.NextKeyMarker,
        VersionIdMarker: page.NextVersionIdMarker,
      });
    while (page.IsTruncated) {
      page = await server.client.send(next());
      for (const { Key, IsLatest } of page.DeleteMarkers ?? []) seen.push(`${Key} marker ${IsLatest}`);
      for (const { Key, IsLatest, Size } of page.Versions ?? []) seen.push(`${Key} ${Size} ${IsLatest}`);
    }
    expect(seen).toEqual([
      'list/k marker true',
      'list/k 1 false',
      'list/k 1 false',
      'list/k 1 false',
      'list/l 1 true',
    ]);
  });

  it('an unversioned bucket keeps one, and its file', async () => {
    server.s3.createBucket('single', { versioned: false, eventBridge: false });
    const files = () => readdirSync(join(server.dir, 'blobs')).length;
    const before = files();
    for (const body of ['1', '2', '3']) await put('single', 'k', body.padEnd(100_000));
    expect((await get('single', 'k')).text.trimEnd()).toBe('3');
    const listed = await server.client.send(new ListObjectVersionsCommand({ Bucket: 'single' }));
    expect(listed.Versions).toMatchObject([{ Key: 'k', VersionId: 'null', IsLatest: true }]);
    await server.client.send(new DeleteObjectCommand({ Bucket: 'single', Key: 'k' }));
    expect(await failure(get('single', 'k'))).toMatchObject({ name: 'NoSuchKey' });
    while (files() > before) await new Promise(setImmediate);
  });
});

describe('a copy', () => {
  const copy = (Key: string, CopySource: string, more = {}) =>
    server.client.send(new CopyObjectCommand({ Bucket: 'plain', Key, CopySource, ...more }));

  it('has the bytes and metadata of its source, or new metadata', async () => {
    const { VersionId } = await put('versioned', 'src/ä+.csv', 'body', {
      ContentType: 'text/csv',
      Metadata: { a: 'b' },
    });
    await put('versioned', 'src/ä+.csv', 'newer');
    const source = `versioned/${encodeURIComponent('src/ä+.csv')}`;
    const made = await copy('copy', `${source}?versionId=${VersionId}`);
    expect(made).toMatchObject({
      CopySourceVersionId: VersionId,
      CopyObjectResult: { ETag: expect.any(String) },
    });
    expect(await get('plain', 'copy')).toMatchObject({
      text: 'body',
      ContentType: 'text/csv',
      Metadata: { a: 'b' },
    });
    await copy('copy', source, { MetadataDirective: 'REPLACE', ContentType: 'text/plain' });
    expect(await get('plain', 'copy')).toMatchObject({
      text: 'newer',
      ContentType: 'text/plain',
      Metadata: {},
    });
  });

  it('is refused onto itself, from nothing and against its conditions', async () => {
    const { ETag } = await put('plain', 'self', 'x');
    expect(await failure(copy('self', 'plain/self'))).toEqual({ name: 'InvalidRequest', status: 400 });
    expect(await failure(copy('self', 'plain/nothing'))).toEqual({ name: 'NoSuchKey', status: 404 });
    expect(await failure(copy('self', 'nokey'))).toEqual({ name: 'InvalidArgument', status: 400 });
    expect(await failure(copy('other', 'plain/self', { CopySourceIfNoneMatch: ETag }))).toMatchObject({
      status: 412,
    });
  });
});

describe('deleting many', () => {
  it('answers for each key', async () => {
    await put('plain', 'many/1', 'x');
    const Objects = [{ Key: 'many/1' }, { Key: 'many/never' }, { Key: 'k'.repeat(1025) }];
    const answer = await server.client.send(
      new DeleteObjectsCommand({ Bucket: 'plain', Delete: { Objects } }),
    );
    expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(['many/1', 'many/never']);
    expect(answer.Errors).toMatchObject([{ Code: 'KeyTooLongError' }]);
    expect(await failure(get('plain', 'many/1'))).toMatchObject({ name: 'NoSuchKey' });
  });

  it('refuses what is not the document that it should be', async () => {
    const md5 = (body: string) => ({ 'content-md5': createHash('md5').update(body).digest('base64') });
    for (const body of ['<Delete><Object>', 'nonsense', '<Other/>', '<Delete/>', '<!DOCTYPE a><Delete/>']) {
      const answer = await server.raw('POST', '/plain?delete', md5(body), body);
      expect([body, answer.status, /<Code>(.*?)</.exec(answer.body)?.[1]]).toEqual([
        body,
        400,
        'MalformedXML',
      ]);
    }
    expect((await server.raw('POST', '/plain?delete', {}, '<Delete/>')).body).toContain('Content-MD5');
  });
});

describe('buckets', () => {
  it('are made, found, located and listed', async () => {
    await server.client.send(new CreateBucketCommand({ Bucket: 'made-here' }));
    await server.client.send(new CreateBucketCommand({ Bucket: 'made-here' }));
    expect(server.s3.hasBucket('made-here')).toBe(true);
    expect(await server.client.send(new HeadBucketCommand({ Bucket: 'made-here' }))).toMatchObject({
      BucketRegion: 'us-east-1',
    });
    const location = await server.client.send(new GetBucketLocationCommand({ Bucket: 'made-here' }));
    expect(location.LocationConstraint ?? '').toBe('');
    const { Buckets = [] } = await server.client.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toContain('made-here');
    expect(await failure(server.client.send(new HeadBucketCommand({ Bucket: 'absent' })))).toMatchObject({
      status: 404,
    });
  });

  it('have valid names', async () => {
    for (const name of ['ab', 'UPPER', 'a..b', '-ab', '192.168.0.1', '%2e%2e%2f']) {
      expect((await server.raw('PUT', `/${name}`)).body).toContain('<Code>InvalidBucketName</Code>');
    }
    expect(() => server.s3.createBucket('..', { versioned: false, eventBridge: false })).toThrow('not valid');
  });
});

describe('what is not offered', () => {
  it('is refused by its name', async () => {
    const error = await server.client
      .send(new GetBucketAclCommand({ Bucket: 'plain' }))
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } });
    expect(error.message).toContain('GetBucketAcl');
    expect((await server.raw('PUT', '/plain/x?tagging')).body).toContain('PutObjectTagging');
    expect((await server.raw('PUT', '/plain/x', { 'x-amz-tagging': 'a=b' })).body).toContain('x-amz-tagging');
    expect((await server.raw('PATCH', '/plain/x')).body).toContain('<Code>MethodNotAllowed</Code>');
  });
});

describe('a presigned URL', () => {
  class Sha256 {
    readonly #hash = createHash('sha256');
    update(data: Uint8Array) {
      this.#hash.update(data);
    }
    async digest() {
      return this.#hash.digest();
    }
  }

  it('works until its time is over', async () => {
    await put('plain', 'shared', 'for you');
    const signer = new SignatureV4({
      service: 's3',
      region: 'us-east-1',
      uriEscapePath: false,
      sha256: Sha256 as never,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const request = {
      method: 'GET',
      protocol: 'http:',
      hostname: '127.0.0.1',
      port: server.port,
      path: '/plain/shared',
      query: {},
      headers: { host: 'x' },
    };
    const path = async (signingDate: Date) => {
      const { query } = await signer.presign(request, { expiresIn: 60, signingDate });
      return `/plain/shared?${new URLSearchParams(query as Record<string, string>)}`;
    };
    expect(await server.raw('GET', await path(new Date()))).toMatchObject({ status: 200, body: 'for you' });
    const expired = await server.raw('GET', await path(new Date(Date.now() - 120_000)));
    expect(expired).toMatchObject({ status: 403, body: expect.stringContaining('Request has expired') });
    const endless = (await path(new Date())).replace('Expires=60', 'Expires=604801');
    expect((await server.raw('GET', endless)).body).toContain('AuthorizationQueryParametersError');
  });
});
