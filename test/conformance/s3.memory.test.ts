/** An object of 1 GB, streamed in whole, in parts and out, by the AWS SDK v3: the cloud's process keeps within 250 MB. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface, type Interface } from 'node:readline';
import { Readable, type Writable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { PLAIN } from './support/s3-cloud.ts';

const MIB = 1024 ** 2;
const SIZE = 1024 * MIB;
const MOST_BYTES = 250 * MIB;

/** A gigabyte that is nowhere in memory: one random piece, numbered. */
const piece = randomBytes(MIB);
function* gigabyte(): Generator<Buffer> {
  for (let i = 0; i < SIZE / MIB; i++) {
    const numbered = Buffer.from(piece);
    numbered.writeUInt32BE(i);
    yield numbered;
  }
}

async function sha256(bytes: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest('hex');
}

let child: ChildProcessByStdio<Writable, Readable, null>;
let lines: Interface;
let s3: S3Client;
let expected: string;
beforeAll(async () => {
  const script = join(import.meta.dirname, 'support/s3-process.ts');
  const args = ['--disable-warning=ExperimentalWarning', script];
  child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  lines = createInterface(child.stdout);
  const { endpoint } = await nextLine();
  const credentials = { accessKeyId: 'anyone', secretAccessKey: 'anything' };
  s3 = new S3Client({ endpoint, region: 'us-east-1', credentials });
  expected = await sha256(gigabyte());
}, 120_000);
afterAll(() => {
  s3?.destroy();
  child?.kill();
});

const nextLine = async (): Promise<{ endpoint: string; mostMemory: number }> => {
  const [line] = await once(lines, 'line');
  return JSON.parse(line);
};
async function readBack(Key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: PLAIN, Key }));
  return sha256(Body as Readable);
}

it('one put of 1 GB comes back whole', async () => {
  const Body = Readable.from(gigabyte());
  await s3.send(new PutObjectCommand({ Bucket: PLAIN, Key: 'whole', Body, ContentLength: SIZE }));
  expect(await readBack('whole')).toBe(expected);
}, 280_000);

it('an upload of 1 GB in parts, four at a time, comes back whole', async () => {
  const params = { Bucket: PLAIN, Key: 'parts', Body: Readable.from(gigabyte()) };
  await new Upload({ client: s3, params, partSize: 16 * MIB, queueSize: 4 }).done();
  expect(await readBack('parts')).toBe(expected);
}, 280_000);

it('meanwhile the cloud had less than 250 MB', async () => {
  child.stdin.end();
  const { mostMemory } = await nextLine();
  expect(mostMemory).toBeGreaterThan(20 * MIB);
  expect(mostMemory).toBeLessThan(MOST_BYTES);
});
