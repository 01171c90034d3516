import { answerJson } from '../json-protocol.ts';
import type { Clock, CloudService, JsonAction } from '../ports.ts';
import { answerQuery } from '../query-protocol.ts';
import { QUERY_CODES } from './errors.ts';
import { getMetricData } from './get-metric-data.ts';
import type { RecordedMetric } from './metric.ts';
import { putMetricData } from './put-metric-data.ts';
import { queryProtocol } from './query.ts';
import { openMetricStore } from './store.ts';

const PRUNE_MS = 60_000;
const KEPT_S = 3 * 3600;

export interface CloudWatchService extends CloudService {
  /** The names of the API actions that are answered. */
  readonly actions: readonly string[];
  /** Takes a measurement of the cloud's own. */
  recordMetric(metric: RecordedMetric): void;
}

/** CloudWatch metrics: AWS JSON 1.0 (target `GraniteServiceVersion20100801`) or Query; values kept for three hours. */
export function createCloudWatch(options: {
  readonly dir: string;
  readonly clock: Clock;
}): CloudWatchService {
  const { clock } = options;
  const store = openMetricStore(options.dir);
  const prune = () => store.prune(Math.floor(clock.now() / 1000) - KEPT_S);
  const timer = setInterval(prune, PRUNE_MS).unref();
  prune();
  const actions: Record<string, JsonAction> = {
    GetMetricData: (input) => getMetricData(store, input),
    PutMetricData: (input) => putMetricData(store, clock.now(), input),
  };
  return {
    actions: Object.keys(actions),
    recordMetric: ({ unit, time, value, ...metric }) =>
      store.add(metric, unit, time, { count: 1, sum: value, min: value, max: value }),
    handle: (request) =>
      request.req.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
        ? answerQuery(request, queryProtocol(actions))
        : answerJson(request, { version: '1.0', actions, queryCodes: QUERY_CODES }),
    close: async () => {
      clearInterval(timer);
      store.close();
    },
  };
}
