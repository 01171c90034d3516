import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import { AwsError } from '../aws-error.ts';
import { answerJson } from '../json-protocol.ts';
import type { AwsRequest, Clock, CloudService, JsonAction } from '../ports.ts';
import { QUERY_CODES } from './errors.ts';
import { getMetricData } from './get-metric-data.ts';
import type { RecordedMetric } from './metric.ts';
import { putMetricData } from './put-metric-data.ts';
import { openMetricStore } from './store.ts';

const FLUSH_MS = 500;
const PRUNE_MS = 60_000;
const KEPT_S = 3 * 3600;

export interface CloudWatchService extends CloudService {
  /** The names of the API actions that are answered. */
  readonly actions: readonly string[];
  /** Takes a measurement of the cloud's own; on disk within half a second. */
  recordMetric(metric: RecordedMetric): void;
}

/** CloudWatch metrics: AWS JSON 1.0 (target `GraniteServiceVersion20100801`), values kept for three hours. */
export function createCloudWatch(options: {
  readonly dir: string;
  readonly clock: Clock;
}): CloudWatchService {
  const { clock } = options;
  const store = openMetricStore(options.dir);
  const prune = () => store.prune(Math.floor(clock.now() / 1000) - KEPT_S);
  const timers = [setInterval(() => store.flush(), FLUSH_MS), setInterval(prune, PRUNE_MS)];
  for (const timer of timers) timer.unref();
  prune();

  const actions: Record<string, JsonAction> = {
    GetMetricData: (input) => getMetricData(store, input),
    PutMetricData: (input) => putMetricData(store, clock, input),
  };
  return {
    actions: Object.keys(actions),
    recordMetric: ({ unit, time, value, ...metric }) =>
      store.add(metric, unit, time, { count: 1, sum: value, min: value, max: value }),
    handle: (request) =>
      answerJson(unzipped(request), { version: '1.0', actions: queryCompatible(request, actions) }),
    close: async () => {
      timers.forEach(clearInterval);
      store.close();
    },
  };
}

/** The SDK compresses large PutMetricData requests. */
function unzipped(request: AwsRequest): AwsRequest {
  if (request.req.headers['content-encoding'] !== 'gzip') return request;
  const { headers } = request.req;
  const body = request.req.pipe(createGunzip());
  return { ...request, req: Object.assign(body, { headers }) as unknown as IncomingMessage };
}

/** Errors also carry the code of the Query protocol, from which clients of either protocol take the name. */
function queryCompatible(
  request: AwsRequest,
  actions: Record<string, JsonAction>,
): Record<string, JsonAction> {
  const wrap = (action: JsonAction) => async (input: Record<string, unknown>) => {
    try {
      return await action(input);
    } catch (error) {
      const code = error instanceof AwsError ? QUERY_CODES[error.code] : undefined;
      if (code) request.res.setHeader('x-amzn-query-error', `${code};Sender`);
      throw error;
    }
  };
  return Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, wrap(action)]));
}
