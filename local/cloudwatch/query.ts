import { NormalizedSchema } from '@smithy/core/schema';
import type { JsonAction } from '../ports.ts';
import type { QueryProtocol } from '../query-protocol.ts';
import { fromQuery, parameterTree } from '../sqs/query.ts';
import { QUERY_CODES } from './errors.ts';
import type { MetricDataResult } from './get-metric-data.ts';

/** The Query protocol, which Debian's AWS CLI and boto3 speak to CloudWatch, over the actions of the JSON protocol. The
 * SDK's client, whose shapes tell numbers from texts, is loaded with the first such request. */
export function queryProtocol(actions: Readonly<Record<string, JsonAction>>): QueryProtocol {
  const run = async (name: string, parameters: URLSearchParams) => {
    const schemas: Readonly<Record<string, unknown>> = await import('@aws-sdk/client-cloudwatch');
    const shape = NormalizedSchema.of(schemas[`${name}Input$`] as NormalizedSchema);
    return await actions[name]?.(fromQuery(shape, parameterTree(parameters)) as Record<string, unknown>);
  };
  return {
    namespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    queryCodes: QUERY_CODES,
    actions: {
      async PutMetricData(parameters) {
        await run('PutMetricData', parameters);
        return undefined;
      },
      async GetMetricData(parameters) {
        const { MetricDataResults } = (await run('GetMetricData', parameters)) as {
          readonly MetricDataResults: readonly MetricDataResult[];
        };
        const member = MetricDataResults.map(({ Timestamps, Values, ...result }) => ({
          ...result,
          Timestamps: { member: Timestamps.map((seconds) => new Date(seconds * 1000).toISOString()) },
          Values: { member: Values },
        }));
        return { MetricDataResults: { member }, Messages: '' };
      },
    },
  };
}
