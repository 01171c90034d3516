import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startTestServer, type TestServer } from '../../local/s3/test-server.ts';
import { loseReplies } from '../../shared/aws/testing/lost-replies.ts';
import { createObjectStorage } from './adapters.ts';

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
