import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { startTestServer, type TestServer } from '../../local/s3/test-server.ts';
import { createObjectStorage } from './adapters.ts';
import { createFetchS3 } from './adapters-object-source.ts';
import type { Validators } from './ports.ts';

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
  const fetch = (url: string, known: Validators = {}, limitBytes = 1000) =>
    createFetchS3(client, { timeoutMs: 10_000, limitBytes })(url, { known, path: path() });

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
    ['s3://plain/a b/ü.csv', 11, /has more than 11 bytes, the most that can be pulled/],
  ])('%s of at most %i bytes is a problem with a reason', async (url, limit, reason) => {
    await expect(fetch(url, {}, limit)).rejects.toMatchObject({
      code: 'SourceProblem',
      message: expect.stringMatching(reason),
    });
  });

  it('that was written as a source’s file keeps its origin, and is never written over', async () => {
    const storage = createObjectStorage(client);
    await fetch('s3://plain/a b/ü.csv');
    const origin = {
      source: 'table',
      url: 'https://example.org/ü?a=%20"b"',
      sha256,
      fetchedAt: '2026-01-01T12:00:00.000Z',
      etag: 'W/"ä"',
    };
    await storage.writeOnce('versioned', 'incoming/wine/source-table/1.csv', path(), origin);
    const first = await storage.head('versioned', 'incoming/wine/source-table/1.csv');
    expect(first).toMatchObject({ origin, size: 12 });
    await storage.writeOnce('versioned', 'incoming/wine/source-table/1.csv', path(), origin);
    expect(await storage.head('versioned', 'incoming/wine/source-table/1.csv')).toEqual(first);
  });
});
