import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  type GetLogEventsCommandOutput,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import fc from 'fast-check';
import { createLogs, type LogsService } from './service.ts';
import { LogStore } from './store.ts';

const GROUP = '/aws/lambda/one';
const identity = { account: '000000000000', region: 'us-east-1' };

let dir: string;
let logs: LogsService;
let server: Server;
let client: CloudWatchLogsClient;

function open(): void {
  logs = createLogs({ dir, clock: { now: () => 9_000, scale: 1 }, identity });
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'logs-'));
  open();
  server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://127.0.0.1');
    void logs.handle({ req, res, url, accessKeyId: 'k', requestId: 'r-1' });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = new CloudWatchLogsClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: identity.region,
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  server.close();
  server.closeAllConnections();
  await logs.close();
  rmSync(dir, { recursive: true });
});

/** Two streams whose lines interleave: a0, b1, a2, b3 … by their times 1000, 1001 … */
function write(count: number): void {
  for (let n = 0; n < count; n += 1) {
    const stream = n % 2 ? 'b' : 'a';
    logs.append(GROUP, stream, `${stream}${n}\n`, 1_000 + n);
  }
}

const filter = async (more: object = {}) =>
  client.send(new FilterLogEventsCommand({ logGroupName: GROUP, ...more }));
const messages = async (more: object = {}) => (await filter(more)).events?.map(({ message }) => message);

it('finds events by time, stream and pattern, oldest first, whole', async () => {
  write(6);
  logs.append('/aws/lambda/other', 'a', 'not mine', 1_002);
  expect(await messages()).toEqual(['a0\n', 'b1\n', 'a2\n', 'b3\n', 'a4\n', 'b5\n']);
  expect(await messages({ startTime: 1_001, endTime: 1_003 })).toEqual(['b1\n', 'a2\n', 'b3\n']);
  expect(await messages({ logStreamNames: ['b'] })).toEqual(['b1\n', 'b3\n', 'b5\n']);
  expect(await messages({ logStreamNamePrefix: 'a', filterPattern: '-a2' })).toEqual(['a0\n', 'a4\n']);
  expect((await filter({ logGroupIdentifier: undefined, limit: 1 })).events).toEqual([
    {
      logStreamName: 'a',
      timestamp: 1_000,
      message: 'a0\n',
      ingestionTime: 9_000,
      eventId: `${'0'.repeat(55)}1`,
    },
  ]);
});

it('keeps what was appended when it is opened again, and later events have later ids', async () => {
  write(2);
  await logs.close();
  open();
  logs.append(GROUP, 'a', 'late', 1);
  expect(await messages()).toEqual(['late', 'a0\n', 'b1\n']);
});

it('keeps what was appended when its process is killed', async () => {
  await logs.close();
  const service = new URL('./service.ts', import.meta.url).href;
  const script = `import { createLogs } from ${JSON.stringify(service)};
    const logs = createLogs({ dir: ${JSON.stringify(dir)}, clock: { now: Date.now, scale: 1 }, identity: ${JSON.stringify(identity)} });
    for (let n = 0; n < 100; n += 1) logs.append(${JSON.stringify(GROUP)}, 's', String(n), n);
    setImmediate(() => process.kill(process.pid, 'SIGKILL'));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  open();
  expect(await messages()).toEqual(Array.from({ length: 100 }, (_, n) => String(n)));
});

it('pages through all events once, whatever the page and the pattern', async () => {
  write(20);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 25 }),
      fc.constantFrom('', 'a', '-b7', '?1 ?3', 'nothing'),
      async (limit, filterPattern) => {
        const whole = await messages({ filterPattern });
        const paged: (string | undefined)[] = [];
        const input = { logGroupName: GROUP, filterPattern, limit };
        for await (const page of paginateFilterLogEvents({ client }, input))
          paged.push(...(page.events ?? []).map(({ message }) => message));
        expect(paged).toEqual(whole);
      },
    ),
    { numRuns: 20 },
  );
});

it('reads one stream backward from its end and forward from its head', async () => {
  write(10);
  const get = (more: object) =>
    client.send(new GetLogEventsCommand({ logGroupName: GROUP, logStreamName: 'a', limit: 2, ...more }));
  const texts = (page: GetLogEventsCommandOutput) => page.events?.map(({ message }) => message);
  const newest = await get({});
  expect(texts(newest)).toEqual(['a6\n', 'a8\n']);
  const older = await get({ nextToken: newest.nextBackwardToken });
  expect(texts(older)).toEqual(['a2\n', 'a4\n']);
  expect(texts(await get({ nextToken: older.nextForwardToken }))).toEqual(['a6\n', 'a8\n']);
  const end = await get({ nextToken: newest.nextForwardToken });
  expect(end).toMatchObject({ events: [], nextForwardToken: newest.nextForwardToken });
  logs.append(GROUP, 'a', 'new', 2_000);
  expect(texts(await get({ nextToken: end.nextForwardToken }))).toEqual(['new']);
  expect(texts(await get({ startFromHead: true, endTime: 1_002 }))).toEqual(['a0\n']);
});

it('describes groups and streams, page by page', async () => {
  write(4);
  for (let n = 0; n < 60; n += 1) logs.createGroup(`/aws/sagemaker/Endpoints/e${n}`);
  const { logGroups } = await client.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda' }),
  );
  expect(logGroups).toEqual([
    {
      logGroupName: GROUP,
      creationTime: 9_000,
      metricFilterCount: 0,
      storedBytes: 12,
      arn: `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}:*`,
      logGroupArn: `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}`,
      logGroupClass: 'STANDARD',
    },
  ]);
  let found = 0;
  for await (const page of paginateDescribeLogGroups({ client }, {})) found += page.logGroups?.length ?? 0;
  expect(found).toBe(61);
  const byTime = { logGroupName: GROUP, orderBy: 'LastEventTime', descending: true } as const;
  const { logStreams } = await client.send(new DescribeLogStreamsCommand(byTime));
  expect(
    logStreams?.map((each) => [each.logStreamName, each.firstEventTimestamp, each.lastEventTimestamp]),
  ).toEqual([
    ['b', 1_001, 1_003],
    ['a', 1_000, 1_002],
  ]);
});

it('answers what it does not know with AWS’s errors', async () => {
  write(1);
  await expect(filter({ logGroupName: 'none' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'The specified log group does not exist.',
  });
  await expect(filter({ nextToken: 'x' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await expect(filter({ limit: 0 })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  const stream = new GetLogEventsCommand({ logGroupName: GROUP, logStreamName: 'none' });
  await expect(client.send(stream)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'The specified log stream does not exist.',
  });
});

it.each([
  ...['{', '{ }', '{ $.a }', '{ a = 1 }', '{ $.a = 1', '{ $.a = 1 && }', '{ ($.a = 1 }', '{ $.a > "b" }'],
  ...['{ $.a IS 1 }', '{ $.a[*] = 1 }', '{ $.a = %b% }', '"open', '%a%', '[a, b]', '{ $.a = 1 } x'],
])('refuses the pattern %s', async (filterPattern) => {
  write(1);
  await expect(filter({ filterPattern })).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringMatching(/^Invalid filter pattern: /),
  });
});

it('is bounded: the oldest go, the disk does not grow', () => {
  const limit = 64 * 1024;
  const folder = join(dir, 'bounded');
  const store = new LogStore(folder, limit);
  const size = () => statSync(join(folder, 'logs.sqlite')).size;
  const line = 'x'.repeat(1_000);
  const fill = (from: number, to: number) => {
    for (let n = from; n < to; n += 1) store.append(GROUP, 's', `${n} ${line}`, n, n);
  };
  fill(0, 500);
  const before = size();
  fill(500, 2_000);
  const kept = store.db.all<{ time: number }>('SELECT time FROM event ORDER BY time').map(({ time }) => time);
  expect(kept.length).toBeLessThan(70);
  expect(kept.length).toBeGreaterThan(40);
  expect(kept).toEqual(kept.map((_, index) => 2_000 - kept.length + index));
  expect(size()).toBeLessThan(before * 1.5);
  store.close();
});
