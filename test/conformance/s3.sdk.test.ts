/** S3 as the AWS SDK for JavaScript v3 sees it. */
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  paginateListObjectsV2,
  S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { Upload } from '@aws-sdk/lib-storage';
import type { BareCloud } from './support/bare-cloud.ts';
import { EVENTS_QUEUE, PLAIN, startS3Cloud, VERSIONED } from './support/s3-cloud.ts';

const MIB = 1024 ** 2;
const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;

let cloud: BareCloud;
let s3: S3Client;
let sqs: SQSClient;
let QueueUrl: string;
beforeAll(async () => {
  cloud = await startS3Cloud();
  s3 = new S3Client({ ...cloud.client, maxAttempts: 1 });
  sqs = new SQSClient(cloud.client);
  QueueUrl = (await sqs.send(new GetQueueUrlCommand({ QueueName: EVENTS_QUEUE }))).QueueUrl!;
});
afterAll(async () => {
  s3?.destroy();
  sqs?.destroy();
  await cloud?.close();
});

const put = (
  Key: string,
  Body: NonNullable<PutObjectCommandInput['Body']>,
  more: Partial<PutObjectCommandInput> = {},
) => s3.send(new PutObjectCommand({ Bucket: PLAIN, Key, Body, ...more }));
async function get(Key: string, more = {}) {
  const { Body, ...answer } = await s3.send(new GetObjectCommand({ Bucket: PLAIN, Key, ...more }));
  return { ...answer, bytes: Buffer.from(await Body!.transformToByteArray()) };
}
/** The name of the error, or `fine`. */
const outcome = (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'fine',
    (error) => error.name,
  );
const tally = (outcomes: readonly string[]) =>
  Object.fromEntries(
    Object.entries(Object.groupBy(outcomes, (name) => name)).map(([k, v]) => [k, v!.length]),
  );

describe('a large object', () => {
  const bytes = randomBytes(100 * MIB);
  beforeAll(async () => {
    const params = { Bucket: PLAIN, Key: 'large', Body: Readable.from(slices(bytes, MIB)) };
    await new Upload({ client: s3, params, partSize: 8 * MIB }).done();
  }, 120_000);

  it('of 100 MB goes up in parts and comes down whole', async () => {
    const { bytes: back, ETag } = await get('large');
    expect(back.equals(bytes)).toBe(true);
    expect(ETag).toMatch(/^"[0-9a-f]{32}-13"$/);
  }, 60_000);

  it('gives any range, also across its parts', async () => {
    const range = async (from: number, to: number) =>
      (await get('large', { Range: `bytes=${from}-${to}` })).bytes;
    expect((await range(8 * MIB - 5, 24 * MIB + 4)).equals(bytes.subarray(8 * MIB - 5, 24 * MIB + 5))).toBe(
      true,
    );
    expect((await get('large', { Range: 'bytes=-7' })).bytes.equals(bytes.subarray(-7))).toBe(true);
    expect(await outcome(get('large', { Range: `bytes=${100 * MIB}-` }))).toBe('InvalidRange');
  });

  it('is copied by parts', async () => {
    const Key = 'large-copy';
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: PLAIN, Key }));
    const ranges = ['bytes=0-52428799', 'bytes=52428800-104857599'];
    const Parts = [];
    for (const [index, CopySourceRange] of ranges.entries()) {
      const part = { PartNumber: index + 1, CopySource: `${PLAIN}/large`, CopySourceRange };
      const command = new UploadPartCopyCommand({ Bucket: PLAIN, Key, UploadId, ...part });
      const { CopyPartResult } = await s3.send(command);
      Parts.push({ PartNumber: index + 1, ETag: CopyPartResult!.ETag });
    }
    const MultipartUpload = { Parts };
    await s3.send(new CompleteMultipartUploadCommand({ Bucket: PLAIN, Key, UploadId, MultipartUpload }));
    expect((await get(Key)).bytes.equals(bytes)).toBe(true);
  }, 60_000);
});

describe('checksums', () => {
  it.each(ALGORITHMS)(
    '%s behind a streamed body is kept, and checked by the reader',
    async (ChecksumAlgorithm) => {
      const body = randomBytes(300_000);
      const Body = Readable.from(slices(body, 70_000));
      await put('trailer', Body, { ContentLength: body.length, ChecksumAlgorithm });
      const read = await get('trailer', { ChecksumMode: 'ENABLED' });
      expect(read.bytes.equals(body)).toBe(true);
      expect(read[`Checksum${ChecksumAlgorithm}`]).toBeTruthy();
    },
  );

  it.each(ALGORITHMS)('%s that is not of the body is refused', async (algorithm) => {
    const size = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 }[algorithm];
    const wrong = { [`Checksum${algorithm}`]: Buffer.alloc(size, 7).toString('base64') };
    expect(await outcome(put('refused', 'body', wrong))).toBe('BadDigest');
    expect(await outcome(get('refused'))).toBe('NoSuchKey');
  });

  it('MD5 that is not of the body is refused', async () => {
    const ContentMD5 = createHash('md5').update('other').digest('base64');
    expect(await outcome(put('refused', 'body', { ContentMD5 }))).toBe('BadDigest');
    expect(await outcome(get('refused'))).toBe('NoSuchKey');
  });
});

describe('of 20 racing writers', () => {
  it('one creates with If-None-Match: *', async () => {
    const race = Array.from({ length: 20 }, (_, i) => outcome(put('race/new', `${i}`, { IfNoneMatch: '*' })));
    const outcomes = await Promise.all(race);
    expect(tally(outcomes)).toEqual({ fine: 1, PreconditionFailed: 19 });
    expect((await get('race/new')).bytes.toString()).toBe(`${outcomes.indexOf('fine')}`);
  });

  it('one replaces with If-Match', async () => {
    const { ETag } = await put('race/old', 'before');
    const race = Array.from({ length: 20 }, (_, i) => outcome(put('race/old', `${i}`, { IfMatch: ETag })));
    const outcomes = await Promise.all(race);
    expect(tally(outcomes)).toEqual({ fine: 1, PreconditionFailed: 19 });
    expect((await get('race/old')).bytes.toString()).toBe(`${outcomes.indexOf('fine')}`);
  });
});

describe('keys', () => {
  const awkward = ['keys/+ %2F', 'keys/\u{1F600}', 'keys/../..', 'keys/a//b', `keys/${'é'.repeat(509)}x`];

  it('come back as they went in', async () => {
    expect(Buffer.byteLength(awkward.at(-1)!)).toBe(1024);
    for (const key of awkward) await put(key, `body of ${key}`);
    for (const key of awkward) expect((await get(key)).bytes.toString()).toBe(`body of ${key}`);
    expect((await listed({ Prefix: 'keys/' })).sort()).toEqual([...awkward].sort());
    for (const key of awkward) {
      const CopySource = `${PLAIN}/${encodeURIComponent(key)}`;
      await s3.send(new CopyObjectCommand({ Bucket: PLAIN, Key: 'copy-of-awkward', CopySource }));
      expect((await get('copy-of-awkward')).bytes.toString()).toBe(`body of ${key}`);
    }
  });

  it('of more than 1,024 bytes are refused', async () => {
    expect(await outcome(put(`${'é'.repeat(512)}x`, 'x'))).toBe('KeyTooLongError');
  });
});

describe('listings', () => {
  const keys = Array.from({ length: 23 }, (_, i) => `list/${'abc'[i % 3]}/${String(i).padStart(2, '0')}`);
  beforeAll(async () => {
    for (const key of keys) await put(key, 'x');
    await put('list/top', 'x');
  });

  it('give every key once, in order, whatever the page', async () => {
    for (const pageSize of [1, 7, 1000])
      expect(await listed({ Prefix: 'list/' }, pageSize)).toEqual([...keys, 'list/top'].sort());
  });

  it('roll keys up at a delimiter', async () => {
    const pages = paginateListObjectsV2(
      { client: s3, pageSize: 2 },
      { Bucket: PLAIN, Prefix: 'list/', Delimiter: '/' },
    );
    const seen = [];
    for await (const { Contents = [], CommonPrefixes = [] } of pages)
      seen.push(...CommonPrefixes.map(({ Prefix }) => Prefix), ...Contents.map(({ Key }) => Key));
    expect(seen).toEqual(['list/a/', 'list/b/', 'list/c/', 'list/top']);
  });

  it('lose what is deleted, 1,000 at a time', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => `many/${i}`);
    for (let at = 0; at < many.length; at += 40)
      await Promise.all(many.slice(at, at + 40).map((key) => put(key, 'x')));
    const Objects = [...many, 'many/never'].slice(1).map((Key) => ({ Key }));
    const { Deleted, Errors } = await s3.send(
      new DeleteObjectsCommand({ Bucket: PLAIN, Delete: { Objects } }),
    );
    expect([Deleted?.length, Errors]).toEqual([1000, undefined]);
    expect(await listed({ Prefix: 'many/' })).toEqual(['many/0']);
  }, 60_000);
});

describe('a versioned bucket', () => {
  const Bucket = VERSIONED;
  const Key = 'versions/k';

  it('keeps each version, and hides them behind a delete marker', async () => {
    const { VersionId: first } = await put(Key, 'one', { Bucket });
    const { VersionId: second } = await put(Key, 'two', { Bucket });
    const { VersionId: marker } = await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    expect(await outcome(get(Key, { Bucket }))).toBe('NoSuchKey');
    expect((await get(Key, { Bucket, VersionId: first })).bytes.toString()).toBe('one');
    const list = new ListObjectVersionsCommand({ Bucket, Prefix: 'versions/' });
    const { Versions, DeleteMarkers } = await s3.send(list);
    expect(Versions?.map(({ VersionId }) => VersionId)).toEqual([second, first]);
    expect(DeleteMarkers).toMatchObject([{ VersionId: marker, IsLatest: true }]);
    await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: marker! }));
    expect((await get(Key, { Bucket })).bytes.toString()).toBe('two');
  });

  it('tells the order of writes to a key by the sequencers of their events', async () => {
    const written = [];
    for (const body of ['1', '2', '3', '4']) written.push((await put('seq', body, { Bucket })).VersionId);
    const events = await receive('seq', 4);
    const objects = events.map(({ detail }) => detail.object as { 'version-id': string; sequencer: string });
    objects.sort((a, b) => (a.sequencer < b.sequencer ? -1 : 1));
    expect(objects.map((object) => object['version-id'])).toEqual(written);
  });
});

describe('Object Created', () => {
  it('has AWS’s shape', async () => {
    const { VersionId } = await put('told/a + ü.csv', 'hello', { Bucket: VERSIONED });
    expect(await receive('told/', 1)).toEqual([
      {
        version: '0',
        id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        'detail-type': 'Object Created',
        source: 'aws.s3',
        account: cloud.account,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        region: cloud.region,
        resources: [`arn:aws:s3:::${VERSIONED}`],
        detail: {
          version: '0',
          bucket: { name: VERSIONED },
          object: {
            key: 'told/a + ü.csv',
            size: 5,
            etag: '5d41402abc4b2a76b9719d911017c592',
            'version-id': VersionId,
            sequencer: expect.stringMatching(/^[0-9A-F]{16,}$/),
          },
          'request-id': expect.any(String),
          requester: cloud.account,
          'source-ip-address': '127.0.0.1',
          reason: 'PutObject',
        },
      },
    ]);
  });
});

it('copies with new metadata or the old', async () => {
  const told = { ContentType: 'text/csv', Metadata: { origin: 'sensor' } };
  await put('copy/from', 'body', told);
  const copy = (more = {}) =>
    s3.send(
      new CopyObjectCommand({ Bucket: PLAIN, Key: 'copy/to', CopySource: `${PLAIN}/copy/from`, ...more }),
    );
  const head = () => s3.send(new HeadObjectCommand({ Bucket: PLAIN, Key: 'copy/to' }));
  await copy();
  expect(await head()).toMatchObject(told);
  await copy({ MetadataDirective: 'REPLACE', ContentType: 'text/plain' });
  expect(await head()).toMatchObject({ ContentType: 'text/plain', Metadata: {} });
});

async function listed(more: { Prefix: string }, pageSize = 1000): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: s3, pageSize },
    { Bucket: PLAIN, ...more },
  ))
    keys.push(...Contents.map(({ Key }) => Key!));
  return keys;
}

type Event = { readonly detail: { readonly object: Readonly<Record<string, unknown>> } };

/** The first events of the queue that tell of keys with the prefix; they and all before them are taken off it. */
async function receive(prefix: string, count: number): Promise<Event[]> {
  const events: Event[] = [];
  while (events.length < count) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }),
    );
    for (const { Body, ReceiptHandle } of Messages) {
      const event: Event = JSON.parse(Body!);
      if (String(event.detail.object.key).startsWith(prefix)) events.push(event);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  return events;
}

function* slices(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
