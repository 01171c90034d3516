/** A large part takes hours to read, and connections break meanwhile: the reader of S3 objects, with the real SDK, against
 * a server that breaks them. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describeWith } from '../support/outside-client.ts';
import { sparkPython } from './support/spark.ts';

const python = sparkPython();
const SPARK = join(import.meta.dirname, '../../containers/spark');
const MIB = 1024 ** 2;

/** Reads a part as the engine does; answers the digest and the size of what has come. */
const PROGRAM = `
import hashlib, sys
from engine.reading.s3_object import S3Object
digest, size = hashlib.sha256(), 0
with S3Object({"bucket": "drop", "key": sys.argv[1], "versionId": "v7"}, pause=lambda seconds: None) as stream:
    while chunk := stream.read(1024 * 1024):
        digest.update(chunk)
        size += len(chunk)
print(digest.hexdigest(), size)
`;

type Disturb = (request: number, response: ServerResponse, body: Buffer) => boolean;

/** An S3 of one object; `disturb` may take an answer over. */
async function serve(content: Buffer, disturb: Disturb) {
  const ranges: string[] = [];
  const server: Server = createServer((request: IncomingMessage, response) => {
    const range = String(request.headers.range);
    ranges.push(range);
    expect(new URL(request.url!, 'http://s3').searchParams.get('versionId')).toBe('v7');
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range)!.map(Number);
    if (first! >= content.length) {
      response.writeHead(416, { 'content-type': 'application/xml' });
      response.end('<Error><Code>InvalidRange</Code><Message>none</Message></Error>');
      return;
    }
    const body = content.subarray(first, last! + 1);
    response.writeHead(206, {
      etag: '"one"',
      'content-length': body.length,
      'content-range': `bytes ${first}-${first! + body.length - 1}/${content.length}`,
    });
    if (!disturb(ranges.length, response, body)) response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { ranges, server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function read(endpoint: string) {
  const child = spawn(python.interpreter, ['-c', PROGRAM, 'incoming/large.csv'], {
    cwd: SPARK,
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  });
  const told: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text) => {
      told[name] += text;
    });
  const [code] = await once(child, 'close');
  return { code, ...told };
}

const digestOf = (content: Buffer) => createHash('sha256').update(content).digest('hex');

describeWith(python, 'an S3 object whose connections break', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  const content = randomBytes(40 * MIB);

  it('is read whole, each broken range once more', async () => {
    const s3 = await serve(content, (request, response, body) => {
      if (request % 2 === 0) return false;
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
      return true;
    });
    ({ server } = s3);
    const { stdout } = await read(s3.endpoint);
    expect(stdout.trim()).toBe(`${digestOf(content)} ${content.length}`);
    expect(s3.ranges).toHaveLength(6);
    expect(new Set(s3.ranges).size).toBe(3);
  });

  it('that never comes whole is a failure, not a short file', async () => {
    const s3 = await serve(content, (request, response, body) => {
      if (request < 2) return false;
      response.write(body.subarray(0, 1000), () => response.destroy());
      return true;
    });
    ({ server } = s3);
    const { code, stdout, stderr } = await read(s3.endpoint);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/ProtocolError|IncompleteRead|ResponseStreamingError/);
  });

  it('without bytes is empty', async () => {
    const s3 = await serve(Buffer.alloc(0), () => false);
    ({ server } = s3);
    const { stdout } = await read(s3.endpoint);
    expect(stdout.trim()).toBe(`${digestOf(Buffer.alloc(0))} 0`);
  });
});
