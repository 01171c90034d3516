import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { invalidValue, required, requiredList } from './errors.ts';
import { type Statistic, statisticNamed } from './histogram.ts';
import { dimensionsOf, type Metric } from './metric.ts';
import type { MetricStore } from './store.ts';

interface Query {
  readonly id: string;
  readonly label: string;
  readonly returned: boolean;
  readonly metric: Metric;
  readonly period: number;
  readonly statistic: Statistic;
  readonly unit: string | undefined;
}

/** On the wire a time is epoch seconds. */
export interface MetricDataResult {
  readonly Id: string;
  readonly Label: string;
  readonly Timestamps: readonly number[];
  readonly Values: readonly number[];
  readonly StatusCode: 'Complete';
}

const MAX_QUERIES = 500;
const SHORT_PERIODS = [1, 5, 10, 20, 30];

/** GetMetricData for `MetricStat` queries: one page, the newest value first unless ScanBy says otherwise. */
export function getMetricData(store: MetricStore, input: Record<string, unknown>): unknown {
  const queries = requiredList<MetricDataQuery>(input.MetricDataQueries, 'MetricDataQueries');
  if (queries.length > MAX_QUERIES)
    throw invalidValue(`At most ${MAX_QUERIES} MetricDataQueries are allowed.`);
  const start = Number(required(input.StartTime, 'StartTime'));
  const end = Number(required(input.EndTime, 'EndTime'));
  if (!(start < end)) throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  const checked = queries.map((query, index) => check(query, `MetricDataQueries.member.${index + 1}`));
  if (new Set(checked.map(({ id }) => id)).size < checked.length)
    throw invalidValue('The values for parameter id in MetricDataQueries are not unique.');
  const results = checked
    .filter(({ returned }) => returned)
    .map(({ id, label, metric, period, statistic, unit }): MetricDataResult => {
      // Periods are whole ones: the first begins at or before StartTime, the last before EndTime.
      const range = {
        from: Math.floor(start / period) * period,
        to: Math.ceil(end / period) * period,
        period,
      };
      const periods = store.periods(metric, unit, range);
      if (input.ScanBy !== 'TimestampAscending') periods.reverse();
      return {
        Id: id,
        Label: label,
        Timestamps: periods.map((each) => each.start),
        Values: periods.map(({ buckets }) => statistic(buckets)),
        StatusCode: 'Complete',
      };
    });
  return { MetricDataResults: results, Messages: [] };
}

function check(query: MetricDataQuery, at: string): Query {
  const id = required(query.Id, `${at}.Id`);
  if (!/^[a-z][a-zA-Z0-9_]{0,254}$/.test(id))
    throw invalidValue(
      `The value ${id} for parameter ${at}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
    );
  if (query.Expression) throw invalidValue('Expressions are not offered by the embedded cloud.');
  const { Metric, Period = 0, Stat = '', Unit } = required(query.MetricStat, `${at}.MetricStat`);
  const metric = {
    namespace: required(Metric?.Namespace, `${at}.MetricStat.Metric.Namespace`),
    name: required(Metric?.MetricName, `${at}.MetricStat.Metric.MetricName`),
    dimensions: dimensionsOf(Metric?.Dimensions),
  };
  if (!SHORT_PERIODS.includes(Period) && (Period < 60 || Period % 60 !== 0))
    throw invalidValue(
      `The value ${Period} for parameter ${at}.MetricStat.Period is not 1, 5, 10, 20, 30 or a multiple of 60.`,
    );
  const statistic = statisticNamed(Stat);
  if (!statistic)
    throw invalidValue(`The value ${Stat} for parameter ${at}.MetricStat.Stat is not supported.`);
  const label = query.Label ?? metric.name;
  return { id, label, returned: query.ReturnData !== false, metric, period: Period, statistic, unit: Unit };
}
