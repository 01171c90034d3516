import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { base64Digest, startChecksum } from './checksum.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const MIB = 1024 ** 2;
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

const Bucket = 'plain';
const begin = async (Key: string, more = {}) =>
  (await server.client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))).UploadId!;
const upload = (Key: string, UploadId: string, PartNumber: number, Body: Buffer, more = {}) =>
  server.client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...more }));
const complete = (Key: string, UploadId: string, Parts: CompletedPart[], more = {}) => {
  const command = new CompleteMultipartUploadCommand({
    Bucket,
    Key,
    UploadId,
    MultipartUpload: { Parts },
    ...more,
  });
  return server.client.send(command);
};
const read = async (Key: string, more = {}) => {
  const { Body, ...answer } = await server.client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return { ...answer, bytes: Buffer.from(await Body!.transformToByteArray()) };
};
const codeOf = (sent: Promise<unknown>) =>
  sent.then(
    () => 'fine',
    (error) => error.name,
  );

it('the SDK uploads a stream of 4 parts and reads any range back', async () => {
  const bytes = randomBytes(17 * MIB);
  const Body = Readable.from(Array.from({ length: 17 }, (_, i) => bytes.subarray(i * MIB, (i + 1) * MIB)));
  const params = { Bucket, Key: 'big', Body, ContentType: 'x/y', Metadata: { a: 'b' } };
  await new Upload({ client: server.client, params, partSize: 5 * MIB, queueSize: 4 }).done();
  const whole = await read('big');
  expect(whole.bytes.equals(bytes)).toBe(true);
  expect(whole).toMatchObject({
    ContentType: 'x/y',
    Metadata: { a: 'b' },
    ETag: expect.stringMatching(/-4"$/),
  });
  const across = await read('big', { Range: `bytes=${5 * MIB - 3}-${15 * MIB + 1}` });
  expect(across.bytes.equals(bytes.subarray(5 * MIB - 3, 15 * MIB + 2))).toBe(true);
  expect((await server.published(1))[0]?.detail).toMatchObject({
    reason: 'CompleteMultipartUpload',
    object: { size: 17 * MIB },
  });
});

it('the checksum of the whole is that of all its bytes, or of its parts’ checksums', async () => {
  const parts = [randomBytes(5 * MIB), randomBytes(5 * MIB + 7), randomBytes(11)];
  for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA256'] as const) {
    const full = startChecksum(ChecksumAlgorithm);
    for (const part of parts) full.update(part);
    const fullValue = await base64Digest(full);
    const ChecksumType = ChecksumAlgorithm === 'SHA256' ? 'COMPOSITE' : 'FULL_OBJECT';
    const id = await begin('sum', { ChecksumAlgorithm, ChecksumType });
    const listed: CompletedPart[] = [];
    for (const [i, part] of parts.entries()) {
      const { ETag } = await upload('sum', id, i + 1, part, { ChecksumAlgorithm });
      listed.push({ ETag, PartNumber: i + 1 });
    }
    const name = `Checksum${ChecksumAlgorithm}` as const;
    const made = await complete('sum', id, listed);
    const digests = parts.map((part) => createHash('sha256').update(part).digest());
    const composite = `${createHash('sha256').update(Buffer.concat(digests)).digest('base64')}-3`;
    expect(made[name]).toBe(ChecksumAlgorithm === 'SHA256' ? composite : fullValue);
    expect(await read('sum')).toMatchObject({ [name]: made[name], ChecksumType });
  }
});

it('parts are replaced, and completed once for all', async () => {
  const id = await begin('once');
  const part = (text: string) => Buffer.from(text.padEnd(100_000));
  await upload('once', id, 7, part('old'));
  const { ETag } = await upload('once', id, 7, part('new'));
  await upload('once', id, 9, part('unused'));
  const before = readdirSync(join(server.dir, 'blobs')).length;
  const first = await complete('once', id, [{ PartNumber: 7, ETag }]);
  expect(await complete('once', id, [{ PartNumber: 7, ETag }])).toMatchObject({ ETag: first.ETag });
  expect((await read('once')).bytes.toString().trimEnd()).toBe('new');
  expect(await codeOf(upload('once', id, 1, Buffer.from('late')))).toBe('NoSuchUpload');
  while (readdirSync(join(server.dir, 'blobs')).length >= before) await new Promise(setImmediate);
});

it('an aborted upload leaves nothing', async () => {
  const blobs = () => readdirSync(join(server.dir, 'blobs')).length;
  const before = blobs();
  const id = await begin('gone');
  await upload('gone', id, 1, Buffer.alloc(100_000));
  expect(blobs()).toBe(before + 1);
  const abort = () =>
    server.client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'gone', UploadId: id }));
  await abort();
  while (blobs() > before) await new Promise(setImmediate);
  expect(await codeOf(abort())).toBe('NoSuchUpload');
  expect(await codeOf(read('gone'))).toBe('NoSuchKey');
});

it('a list of parts that is not what was uploaded is refused', async () => {
  const id = await begin('strict');
  const one = { PartNumber: 1, ETag: (await upload('strict', id, 1, Buffer.from('small'))).ETag! };
  const two = { PartNumber: 2, ETag: (await upload('strict', id, 2, Buffer.from('last'))).ETag! };
  expect(await codeOf(complete('strict', id, [one, two]))).toBe('EntityTooSmall');
  expect(await codeOf(complete('strict', id, [two, one]))).toBe('InvalidPartOrder');
  expect(await codeOf(complete('strict', id, [{ ...one, ETag: two.ETag }]))).toBe('InvalidPart');
  expect(await codeOf(complete('strict', id, [{ ...one, PartNumber: 3 }]))).toBe('InvalidPart');
  expect(await codeOf(complete('strict', id, []))).toBe('MalformedXML');
  expect(await codeOf(complete('strict', 'unknown', [one]))).toBe('NoSuchUpload');
  expect(await codeOf(complete('other-key', id, [one]))).toBe('NoSuchUpload');
  expect(await codeOf(complete('strict', id, [one], { MpuObjectSize: 6 }))).toBe('InvalidRequest');
  expect(await codeOf(upload('strict', id, 10_001, Buffer.from('x')))).toBe('InvalidArgument');
  expect(await codeOf(begin('strict', { ChecksumAlgorithm: 'SHA1', ChecksumType: 'FULL_OBJECT' }))).toBe(
    'InvalidRequest',
  );
  expect(await codeOf(complete('strict', id, [one]))).toBe('fine');
});

it('one of several completions with If-None-Match wins', async () => {
  const ids = await Promise.all([1, 2, 3, 4].map(() => begin('won')));
  const sent = ids.map(async (id) => {
    const { ETag } = await upload('won', id, 1, Buffer.from(id));
    return codeOf(complete('won', id, [{ PartNumber: 1, ETag }], { IfNoneMatch: '*' }));
  });
  const results = await Promise.all(sent);
  expect(results.sort()).toEqual(['PreconditionFailed', 'PreconditionFailed', 'PreconditionFailed', 'fine']);
});
