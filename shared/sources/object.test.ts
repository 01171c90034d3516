import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { startTestServer, type TestServer } from '../../local/s3/test-server.ts';
import type { Validators } from './fetched.ts';
import { createFetchS3 } from './object.ts';

const CONTENT = 'y,a,b\n1,2,3\n';
const sha256 = createHash('sha256').update(CONTENT).digest('hex');

describe('an object behind an s3:// address', () => {
  let server: TestServer;
  let client: S3Client;
  let folder: string;

  beforeAll(async () => {
    server = await startTestServer();
    ({ client } = server);
    folder = mkdtempSync(join(tmpdir(), 'ratchet-s3-source-'));
    await client.send(
      new PutObjectCommand({ Bucket: 'plain', Key: 'a b/ü.csv', Body: Buffer.from(CONTENT) }),
    );
    await client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'empty.csv', Body: Buffer.alloc(0) }));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await server.dispose();
  });

  const path = () => join(folder, 'file');
  const fetch = (url: string, known: Validators = {}, bytes = 1000) =>
    createFetchS3(client, { timeoutMs: 10_000, bytes })(url, { known, path: path() });

  it('is saved with its hash and entity tag, and once only', async () => {
    const fetched = await fetch('s3://plain/a b/ü.csv');
    expect(fetched).toEqual({
      kind: 'fetched',
      bytes: 12,
      sha256,
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    });
    expect(readFileSync(path(), 'utf8')).toBe(CONTENT);
    const { etag } = fetched as Validators;
    expect(await fetch('s3://plain/a b/ü.csv', { etag: etag as string })).toEqual({ kind: 'unchanged' });
    expect(await fetch('s3://plain/a b/ü.csv', { etag: '"other"' })).toEqual(fetched);
  });

  it.each([
    ['s3://plain/none.csv', 1000, /^s3:\/\/plain\/none\.csv is not there \(NoSuchKey\); put it there/],
    ['s3://no-such-bucket/a.csv', 1000, /^s3:\/\/no-such-bucket\/a\.csv is not there \(NoSuchBucket\)/],
    ['s3://plain/empty.csv', 1000, /is empty/],
  ])('%s of at most %i bytes is a problem with a reason', async (url, limit, reason) => {
    await expect(fetch(url, {}, limit)).rejects.toMatchObject({
      code: 'SourceProblem',
      message: expect.stringMatching(reason),
    });
  });

  it('of more bytes than may be is beyond the limits, and tells how many', async () => {
    await expect(fetch('s3://plain/a b/ü.csv', {}, 11)).rejects.toMatchObject({
      code: 'BeyondLimits',
      message: expect.stringMatching(/has more than 11 bytes, the most that can be pulled/),
      bytes: 12,
    });
  });
});
