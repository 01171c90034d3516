import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { ServiceEvent } from '../ports.ts';
import { startTestServer, type TestServer } from './test-server.ts';

type Detail = { object: Record<string, unknown>; reason: string } & Record<string, unknown>;
const detailOf = (event: ServiceEvent | undefined) => event?.detail as Detail;
const put = (server: TestServer, Bucket: string, Key: string, Body = 'x') =>
  server.client.send(new PutObjectCommand({ Bucket, Key, Body }));

describe('events', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer({ now: () => Date.UTC(2026, 0, 2) });
  });
  afterEach(() => server.dispose());

  it('have the shape that AWS sends', async () => {
    const { VersionId } = await put(server, 'versioned', 'a b/ü.csv', 'hello');
    const [event] = await server.published(1);
    expect(event).toEqual({
      source: 'aws.s3',
      detailType: 'Object Created',
      resources: ['arn:aws:s3:::versioned'],
      time: Date.UTC(2026, 0, 2),
      detail: {
        version: '0',
        bucket: { name: 'versioned' },
        object: {
          key: 'a b/ü.csv',
          size: 5,
          etag: '5d41402abc4b2a76b9719d911017c592',
          'version-id': VersionId,
          sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
        },
        'request-id': expect.stringMatching(/^request-/),
        requester: '000000000000',
        'source-ip-address': '127.0.0.1',
        reason: 'PutObject',
      },
    });
  });

  it('tell copies and deletions, in the order of their sequencers, and are silent where not wanted', async () => {
    await put(server, 'silent', 'k');
    await put(server, 'plain', 'k');
    await server.client.send(new CopyObjectCommand({ Bucket: 'versioned', Key: 'k', CopySource: 'plain/k' }));
    await server.client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'k' }));
    await server.client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'never-there' }));
    const marker = await server.client.send(new DeleteObjectCommand({ Bucket: 'versioned', Key: 'k' }));
    const { VersionId } = marker;
    await server.client.send(
      new DeleteObjectCommand({ Bucket: 'versioned', Key: 'k', VersionId: VersionId! }),
    );
    const events = await server.published(5);
    const told = events.map((event) => [
      event.detailType,
      detailOf(event).reason,
      detailOf(event)['deletion-type'],
    ]);
    expect(told).toEqual([
      ['Object Created', 'PutObject', undefined],
      ['Object Created', 'CopyObject', undefined],
      ['Object Deleted', 'DeleteObject', 'Permanently Deleted'],
      ['Object Deleted', 'DeleteObject', 'Delete Marker Created'],
      ['Object Deleted', 'DeleteObject', 'Permanently Deleted'],
    ]);
    expect(detailOf(events[0]).object).not.toHaveProperty('version-id');
    expect(detailOf(events[3]).object['version-id']).toBe(VersionId);
    const sequencers = events.map((event) => String(detailOf(event).object.sequencer));
    expect([...new Set(sequencers)].sort()).toEqual(sequencers);
  });
});

it('an event that the bus did not take is sent again, also after a restart', async () => {
  let refusals = 3;
  const publish = async () => {
    if (refusals-- > 0) throw new Error('the bus is busy');
  };
  const server = await startTestServer({ publish });
  await put(server, 'plain', 'retried');
  expect(detailOf((await server.published(1))[0]).object.key).toBe('retried');
  refusals = Number.POSITIVE_INFINITY;
  await put(server, 'plain', 'after-restart');
  await server.stop();
  const again = await startTestServer({ dir: server.dir });
  expect(detailOf((await again.published(1))[0]).object.key).toBe('after-restart');
  await again.dispose();
});

it('neither object nor event of an acknowledged write is lost when the process is killed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ratchet-s3-kill-'));
  const script = `
    const { startTestServer } = await import(${JSON.stringify(join(import.meta.dirname, 'test-server.ts'))});
    const server = await startTestServer({ dir: ${JSON.stringify(dir)}, publish: () => new Promise(() => {}) });
    console.log(server.port);
    for (let i = 0; ; i++) {
      const { status } = await server.raw('PUT', '/plain/k' + i, {}, 'body ' + i + ' '.repeat(i % 2 ? 0 : 100_000));
      if (status === 200) console.log('k' + i);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    if (output.split('\n').length > 60) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.on('close', resolve));
  const acknowledged = output.split('\n').filter((line) => /^k\d+$/.test(line));
  expect(acknowledged.length).toBeGreaterThan(50);
  const server = await startTestServer({ dir });
  for (const [i, Key] of acknowledged.entries()) {
    const { Body } = await server.client.send(new GetObjectCommand({ Bucket: 'plain', Key }));
    expect((await Body!.transformToString()).trimEnd()).toBe(`body ${i}`);
  }
  // Half of them are large and have a file each, as the one that was not acknowledged any more may have.
  const extra = readdirSync(join(dir, 'blobs')).length - Math.ceil(acknowledged.length / 2);
  expect([0, 1]).toContain(extra);
  const events = await server.published(acknowledged.length);
  const keys = new Set(events.map((event) => detailOf(event).object.key));
  expect(acknowledged.filter((key) => !keys.has(key))).toEqual([]);
  await server.dispose();
  rmSync(dir, { recursive: true, force: true });
});

it('closing ends requests that are under way', async () => {
  const server = await startTestServer();
  const endless = server
    .raw('PUT', '/plain/endless', { 'content-length': '1000000' }, 'half')
    .catch((error) => error.code);
  while (readdirSync(join(server.dir, 'blobs')).length === 0) await new Promise(setImmediate);
  await server.dispose();
  expect(await endless).toBe('ECONNRESET');
});
