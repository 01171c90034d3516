/** Our SageMaker without the rest of the embedded cloud: it reads and writes objects, publishes events and records
 * metrics at another endpoint. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { CloudWatchClient, PutMetricDataCommand, type StandardUnit } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { root } from '../../../../cli/package-service.ts';
import type { RecordedMetric } from '../../../../local/cloudwatch/metric.ts';
import type { AwsRequest, Identity, ServiceEvent } from '../../../../local/ports.ts';
import { createImageResolver } from '../../../../local/sagemaker/images.ts';
import { createSageMaker } from '../../../../local/sagemaker/service.ts';
import type { ClientSettings } from '../target.ts';
import { standInSource } from './template.ts';

export interface SageMakerAlone extends AsyncDisposable {
  readonly url: string;
  /** Restores what it kept, and begins to work: the other endpoint must answer by now. */
  start(): Promise<void>;
}

const INVOCATION = /^\/endpoints\/[^/]+\/invocations/;
const FLUSH_METRICS_MS = 500;
/** PutMetricData takes no more at once. */
const MOST_METRICS = 1_000;

export async function startSageMakerAlone(options: {
  readonly dir: string;
  readonly client: ClientSettings & { readonly endpoint: string };
  readonly identity: Identity;
  /** Divides every waiting time that SageMaker imposes. */
  readonly scale: number;
}): Promise<SageMakerAlone> {
  const { client, identity, scale } = options;
  const events = new EventBridgeClient(client);
  const metrics = createMetricSender(client);
  const service = createSageMaker({
    dir: join(options.dir, 'sagemaker'),
    clock: { now: Date.now, scale },
    identity,
    publish: (event) => putEvent(events, event),
    recordMetric: metrics.record,
    endpoint: () => client.endpoint,
    resolveImage: createImageResolver({ containersDir: join(root, 'containers') }),
  });

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(`http://127.0.0.1${req.url}`);
    const request: AwsRequest = { req, res, url, accessKeyId: '', requestId: randomUUID() };
    await (INVOCATION.test(url.pathname) ? service.handleRuntime(request) : service.handle(request));
  }
  const server = createServer((req, res) => {
    answer(req, res).catch((error: unknown) => {
      complain('A request', error);
      res.destroy();
    });
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    start: () => service.start(),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await service.close();
      await metrics.close();
      events.destroy();
    },
  };
}

const complain = (what: string, error: unknown): void =>
  void process.stderr.write(`${what} failed: ${error}\n`);

/** Resolves once the default bus has taken the event. */
async function putEvent(client: EventBridgeClient, event: ServiceEvent): Promise<void> {
  const { Entries = [] } = await client.send(
    new PutEventsCommand({
      Entries: [
        {
          Source: standInSource(event.source),
          DetailType: event.detailType,
          Detail: JSON.stringify(event.detail),
          Resources: [...(event.resources ?? [])],
          Time: new Date(event.time ?? Date.now()),
        },
      ],
    }),
  );
  const [entry] = Entries;
  if (entry?.ErrorCode) throw new Error(`${entry.ErrorCode}: ${entry.ErrorMessage}`);
}

/** Six metrics an invocation: they are sent together, twice a second. */
function createMetricSender(settings: ClientSettings) {
  const client = new CloudWatchClient(settings);
  let waiting: RecordedMetric[] = [];

  async function send(): Promise<void> {
    const batch = waiting.slice(0, MOST_METRICS);
    waiting = waiting.slice(MOST_METRICS);
    for (const [Namespace, some] of Map.groupBy(batch, ({ namespace }) => namespace)) {
      await client.send(new PutMetricDataCommand({ Namespace, MetricData: some.map(datumOf) }));
    }
  }
  let sending = Promise.resolve();
  const flush = (): void => {
    if (waiting.length > 0)
      sending = sending.then(send).catch((error: unknown) => complain('PutMetricData', error));
  };
  const timer = setInterval(flush, FLUSH_METRICS_MS);

  return {
    record: (metric: RecordedMetric): void => void waiting.push(metric),
    close: async () => {
      clearInterval(timer);
      flush();
      await sending;
      client.destroy();
    },
  };
}

const datumOf = ({ name, dimensions, value, unit, time }: RecordedMetric) => ({
  MetricName: name,
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  Value: value,
  Unit: unit as StandardUnit,
  Timestamp: new Date(time),
});
