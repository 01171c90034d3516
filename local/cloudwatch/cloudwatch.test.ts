import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { type CloudWatchService, createCloudWatch } from './service.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
let now = NOW;
const dir = mkdtempSync(join(tmpdir(), 'ratchet-cloudwatch-'));
let service: CloudWatchService;
let client: CloudWatchClient;
let requests = 0;

const server = createServer((req, res) => {
  const url = new URL(req.url ?? '/', 'http://127.0.0.1');
  void service.handle({ req, res, url, accessKeyId: 'test', requestId: `request-${++requests}` });
});

const open = () => createCloudWatch({ dir, clock: { now: () => now, scale: 1 } });

beforeAll(async () => {
  service = open();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new CloudWatchClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});
afterAll(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await service.close();
  rmSync(dir, { recursive: true, force: true });
});

const dimensions = { EndpointName: 'e', VariantName: 'v' };

function record(name: string, value: number, time: number): void {
  service.recordMetric({ namespace: 'AWS/SageMaker', name, dimensions, value, unit: 'None', time });
}

function query(Id: string, MetricName: string, Stat: string, Period = 60, Namespace = 'AWS/SageMaker') {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id,
    MetricStat: { Metric: { Namespace, MetricName, Dimensions: Dimensions.reverse() }, Period, Stat },
  };
}

async function ask(...MetricDataQueries: ReturnType<typeof query>[]) {
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries,
      StartTime: new Date(NOW),
      EndTime: new Date(NOW + 300_000),
      ScanBy: 'TimestampAscending',
    }),
  );
  return MetricDataResults;
}

describe('GetMetricData', () => {
  it('gives every statistic of what the cloud recorded, period by period', async () => {
    for (let each = 1; each <= 100; each++) record('Latency', each, NOW + 1000);
    record('Latency', 7, NOW + 61_000);
    const stats = ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount', 'p50', 'p99'];
    const results = await ask(...stats.map((stat) => query(stat.toLowerCase(), 'Latency', stat)));
    expect(results[0]).toMatchObject({
      Id: 'sum',
      Label: 'Latency',
      StatusCode: 'Complete',
      Timestamps: [new Date(NOW), new Date(NOW + 60_000)],
    });
    const first = Object.fromEntries(results.map((result) => [result.Id, result.Values?.[0]]));
    expect(first).toMatchObject({ sum: 5050, average: 50.5, minimum: 1, maximum: 100, samplecount: 100 });
    expect(Math.abs(first.p50! - 50)).toBeLessThanOrEqual(1);
    expect(Math.abs(first.p99! - 99)).toBeLessThanOrEqual(1);
    expect(results.map((result) => result.Values?.[1])).toEqual([7, 7, 7, 7, 1, 7, 7]);
  });

  it('gives nothing for a metric or dimensions that nobody recorded, and the newest first by default', async () => {
    const { MetricDataResults } = await client.send(
      new GetMetricDataCommand({
        MetricDataQueries: [query('none', 'Other', 'Sum'), query('newest', 'Latency', 'SampleCount')],
        StartTime: new Date(NOW),
        EndTime: new Date(NOW + 300_000),
      }),
    );
    expect(MetricDataResults).toMatchObject([{ Values: [] }, { Values: [1, 100] }]);
  });

  it.each([
    ['a statistic that is none', query('a', 'x', 'p101'), 'p101'],
    ['a period of 61 seconds', query('a', 'x', 'Sum', 61), 'Period'],
    ['an id with a capital first', query('A', 'x', 'Sum'), 'expected pattern'],
  ])('refuses %s', async (_, bad, message) => {
    await expect(ask(bad)).rejects.toMatchObject({
      name: expect.stringMatching(/^InvalidParameterValue/),
      message: expect.stringContaining(message),
    });
  });
});

describe('PutMetricData', () => {
  it('takes values, values with counts and statistic sets, compressed as the SDK sends many of them', async () => {
    const at = {
      Timestamp: new Date(NOW + 1000),
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    };
    const many = Array.from({ length: 300 }, () => ({ ...at, MetricName: 'Mine', Value: 1 }));
    await client.send(
      new PutMetricDataCommand({
        Namespace: 'Ratchet',
        MetricData: [
          ...many,
          { ...at, MetricName: 'Mine', Values: [2, 3], Counts: [10, 20] },
          {
            ...at,
            MetricName: 'Mine',
            StatisticValues: { SampleCount: 2, Sum: 100, Minimum: 10, Maximum: 90 },
          },
        ],
      }),
    );
    const results = await ask(
      ...['Sum', 'SampleCount', 'Maximum'].map((stat) =>
        query(stat.toLowerCase(), 'Mine', stat, 60, 'Ratchet'),
      ),
    );
    expect(results.map((result) => result.Values)).toEqual([[480], [332], [90]]);
  });

  it('refuses what is no list, and what is not packed as it says', async () => {
    const send = async (body: string, headers: Record<string, string> = {}) => {
      const target = 'GraniteServiceVersion20100801.PutMetricData';
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const response = await fetch(url, {
        method: 'POST',
        body,
        headers: { 'x-amz-target': target, ...headers },
      });
      return [response.status, ((await response.json()) as { __type: string }).__type];
    };
    expect(await send('{"Namespace":"N","MetricData":7}')).toEqual([400, 'SerializationException']);
    expect(await send('{}', { 'content-encoding': 'gzip' })).toEqual([400, 'SerializationException']);
  });

  it('refuses data without a name', async () => {
    await expect(
      client.send(
        new PutMetricDataCommand({ Namespace: 'Ratchet', MetricData: [{ MetricName: '', Value: 1 }] }),
      ),
    ).rejects.toMatchObject({
      message: 'The parameter MetricData.member.1.MetricName is required.',
    });
  });
});

describe('the store', () => {
  it('keeps values over a restart for three hours', async () => {
    await service.close();
    service = open();
    expect((await ask(query('a', 'Latency', 'Sum')))[0]?.Values).toEqual([5050, 7]);
    await service.close();
    now = NOW + 3 * 3_600_000 + 30_000;
    service = open();
    expect((await ask(query('a', 'Latency', 'Sum')))[0]?.Values).toEqual([7]);
  });
});
