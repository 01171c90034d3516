import { randomBytes } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startTestServer, type TestServer } from '../../local/s3/test-server.ts';
import { loseReplies } from '../../shared/aws/testing/lost-replies.ts';
import { createObjectStorage } from './adapters.ts';
import { copyObject } from './adapters-copy.ts';

const BUCKET = 'plain';

describe('objects in an S3 whose replies are lost', () => {
  let server: TestServer;
  let client: S3Client;

  beforeAll(async () => {
    server = await startTestServer();
    client = loseReplies(
      new S3Client({
        endpoint: `http://127.0.0.1:${server.port}`,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      }),
    );
  });
  afterAll(async () => {
    client.destroy();
    await server.dispose();
  });

  it('given a file, then it is written by a call that the SDK could repeat', async () => {
    const path = join(server.dir, 'small.csv');
    writeFileSync(path, 'a,b\n1,2\n');
    const storage = createObjectStorage(client);
    await storage.writeFile(BUCKET, 'small.csv', path);
    expect(await storage.readText(BUCKET, 'small.csv', 100)).toBe('a,b\n1,2\n');
  });

  it('given a file that is too large for one call, then it is written in parts, each of them repeatable', async () => {
    const path = join(server.dir, 'large.csv');
    writeFileSync(path, '');
    truncateSync(path, 65 * 2 ** 20);
    await createObjectStorage(client).writeFile(BUCKET, 'large.csv', path);
    const { ContentLength } = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'large.csv' }));
    expect(ContentLength).toBe(65 * 2 ** 20);
  });
});

describe('the listing of a versioned bucket', () => {
  const Bucket = 'versioned';
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.dispose());

  const put = async (Key: string, Body: string) =>
    (await server.client.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId;

  it('names the current version of each object once, over all pages, and nothing that was deleted', async () => {
    const keys = Array.from({ length: 700 }, (_, n) => `incoming/wine/${String(n).padStart(4, '0')}.csv`);
    await Promise.all(keys.map((key) => put(key, 'older')));
    const current = await Promise.all(keys.map(async (key) => [key, await put(key, 'newer')]));
    await put('incoming/wine/gone.csv', 'x');
    await server.client.send(new DeleteObjectCommand({ Bucket, Key: 'incoming/wine/gone.csv' }));
    await put('incoming/beer/other.csv', 'x');

    const storage = createObjectStorage(server.client);
    const listed = await Array.fromAsync(storage.list(Bucket, 'incoming/wine/'));
    expect(listed.map(({ key, versionId }) => [key, versionId])).toEqual(current);
    const looked = await storage.head(Bucket, 'incoming/wine/0000.csv');
    expect(listed[0]).toEqual({ ...looked, modifiedAt: expect.any(Number) });
  });
});

describe('a source’s file', () => {
  const ORIGIN = {
    source: 'table',
    url: 'https://example.org/ü?a=%20"b"',
    sha256: 'a'.repeat(64),
    fetchedAt: '2026-01-01T12:00:00.000Z',
    etag: 'W/"ä"',
  };
  const KEY = 'incoming/wine/source-table/000001-ü b.csv';
  const PULLED = { bucket: 'plain', key: 'sources/wine/table/job/output/content' };
  const content = randomBytes(11 * 2 ** 20);
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
    await server.client.send(
      new PutObjectCommand({
        Bucket: PULLED.bucket,
        Key: PULLED.key,
        Body: content,
        Metadata: { other: '1' },
      }),
    );
  });
  afterAll(() => server.dispose());

  const read = async (Bucket: string, Key: string) => {
    const { Body } = await server.client.send(new GetObjectCommand({ Bucket, Key }));
    return Buffer.from(await Body!.transformToByteArray());
  };

  it('that was written keeps its origin, and is never written over', async () => {
    const storage = createObjectStorage(server.client);
    const path = join(server.dir, 'file');
    writeFileSync(path, 'y,a,b\n');
    await storage.writeOnce('versioned', 'written.csv', path, ORIGIN);
    const first = await storage.head('versioned', 'written.csv');
    expect(first).toMatchObject({ origin: ORIGIN, size: 6 });
    await storage.writeOnce('versioned', 'written.csv', path, ORIGIN);
    expect(await storage.head('versioned', 'written.csv')).toEqual(first);
  });

  it('that was copied from another bucket has its own origin, and is never written over', async () => {
    const storage = createObjectStorage(server.client);
    await storage.copyOnce(PULLED, { bucket: 'versioned', key: KEY }, ORIGIN);
    const first = await storage.head('versioned', KEY);
    expect(first).toMatchObject({ origin: ORIGIN, size: content.length });
    expect((await read('versioned', KEY)).equals(content)).toBe(true);
    await storage.copyOnce(PULLED, { bucket: 'versioned', key: KEY }, { ...ORIGIN, source: 'other' });
    expect(await storage.head('versioned', KEY)).toEqual(first);
  });

  it('that is too large for one call is copied in parts, once', async () => {
    const sizes = { atOnce: 2 ** 20, part: 5 * 2 ** 20 };
    const to = { bucket: 'versioned', key: 'in-parts.csv' };
    const copy = () =>
      copyObject(server.client, { from: PULLED, to, metadata: { of: 'parts' }, once: true }, sizes);
    await copy();
    const head = new HeadObjectCommand({ Bucket: to.bucket, Key: to.key });
    expect(await server.client.send(head)).toMatchObject({
      Metadata: { of: 'parts' },
      ETag: expect.stringMatching(/-3"$/),
    });
    expect((await read(to.bucket, to.key)).equals(content)).toBe(true);
    await expect(copy()).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  it('that is removed leaves no version behind; what is not there needs no removal', async () => {
    const storage = createObjectStorage(server.client);
    await storage.writeText('versioned', 'work/result.json', '{}');
    await storage.remove('versioned', 'work/result.json');
    await storage.remove('versioned', 'work/result.json');
    const listed = await server.client.send(
      new ListObjectVersionsCommand({ Bucket: 'versioned', Prefix: 'work/' }),
    );
    expect([listed.Versions, listed.DeleteMarkers]).toEqual([undefined, undefined]);
  });

  it('under a prefix that is removed leaves neither a version nor a delete marker, and no other object goes', async () => {
    const storage = createObjectStorage(server.client);
    const keys = Array.from({ length: 25 }, (_, at) => `work/run-a/${at}`);
    for (const key of keys) await storage.writeText('versioned', key, 'first');
    await storage.writeText('versioned', keys[0]!, 'second');
    await server.client.send(new DeleteObjectCommand({ Bucket: 'versioned', Key: keys[1]! }));
    await storage.writeText('versioned', 'work/run-b/1', 'other');
    await storage.removeAll('versioned', 'work/run-a/');
    await storage.removeAll('versioned', 'work/run-a/');
    const { Versions, DeleteMarkers } = await server.client.send(
      new ListObjectVersionsCommand({ Bucket: 'versioned', Prefix: 'work/' }),
    );
    expect(Versions?.map(({ Key }) => Key)).toEqual(['work/run-b/1']);
    expect(DeleteMarkers).toBeUndefined();
  });
});
