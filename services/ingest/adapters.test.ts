import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
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
