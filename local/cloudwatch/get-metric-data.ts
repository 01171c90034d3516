import { invalidValue, missing } from './errors.ts';
import { parseStatistic, type Statistic, statisticOf } from './histogram.ts';
import type { Metric, MetricStore } from './store.ts';

interface MetricDataQuery {
  readonly Id?: string;
  readonly Label?: string;
  readonly ReturnData?: boolean;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Metric?: {
      readonly Namespace?: string;
      readonly MetricName?: string;
      readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
    };
    readonly Period?: number;
    readonly Stat?: string;
    readonly Unit?: string;
  };
}

interface Checked {
  readonly id: string;
  readonly label: string;
  readonly returned: boolean;
  readonly metric: Metric;
  readonly period: number;
  readonly statistic: Statistic;
  readonly unit: string | undefined;
}

const MAX_QUERIES = 500;
const SHORT_PERIODS = [1, 5, 10, 20, 30];

/** GetMetricData for `MetricStat` queries: one page, the newest value first unless ScanBy says otherwise. */
export function getMetricData(store: MetricStore, input: Record<string, unknown>): unknown {
  const queries = input.MetricDataQueries;
  if (!Array.isArray(queries)) throw missing('MetricDataQueries');
  if (queries.length > MAX_QUERIES)
    throw invalidValue(`At most ${MAX_QUERIES} MetricDataQueries are allowed.`);
  const { StartTime, EndTime } = input;
  if (typeof StartTime !== 'number') throw missing('StartTime');
  if (typeof EndTime !== 'number') throw missing('EndTime');
  if (StartTime >= EndTime)
    throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  const ascending = input.ScanBy === 'TimestampAscending';
  const checked = (queries as MetricDataQuery[]).map((query, index) => checkQuery(query, index + 1));
  if (new Set(checked.map((query) => query.id)).size < checked.length) {
    throw invalidValue('The values for parameter id in MetricDataQueries are not unique.');
  }
  const results = checked
    .filter((query) => query.returned)
    .map((query) => answer(store, query, StartTime, EndTime, ascending));
  return { MetricDataResults: results, Messages: [] };
}

function answer(store: MetricStore, query: Checked, start: number, end: number, ascending: boolean): unknown {
  const { period } = query;
  // Periods are whole ones: the first begins at or before StartTime, the last before EndTime.
  const range = { from: Math.floor(start / period) * period, to: Math.ceil(end / period) * period, period };
  const periods = store.periods(query.metric, query.unit, range);
  if (!ascending) periods.reverse();
  return {
    Id: query.id,
    Label: query.label,
    Timestamps: periods.map((each) => each.start),
    Values: periods.map((each) => statisticOf(each.buckets, query.statistic)),
    StatusCode: 'Complete',
  };
}

function checkQuery(query: MetricDataQuery, position: number): Checked {
  const at = `MetricDataQueries.member.${position}`;
  const { Id: id, MetricStat: stat } = query;
  if (!id) throw missing(`${at}.Id`);
  if (!/^[a-z][a-zA-Z0-9_]{0,254}$/.test(id))
    throw invalidValue(
      `The value ${id} for parameter ${at}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
    );
  if (!stat)
    throw query.Expression
      ? invalidValue('Expressions are not offered by the embedded cloud.')
      : missing(`${at}.MetricStat`);
  const metric = checkMetric(stat.Metric, `${at}.MetricStat.Metric`);
  const period = stat.Period ?? 0;
  if (!SHORT_PERIODS.includes(period) && (period < 60 || period % 60 !== 0)) {
    throw invalidValue(
      `The value ${period} for parameter ${at}.MetricStat.Period is not 1, 5, 10, 20, 30 or a multiple of 60.`,
    );
  }
  const statistic = parseStatistic(stat.Stat ?? '');
  if (!statistic)
    throw invalidValue(`The value ${stat.Stat ?? ''} for parameter ${at}.MetricStat.Stat is not supported.`);
  const label = query.Label ?? metric.name;
  return { id, label, returned: query.ReturnData !== false, metric, period, statistic, unit: stat.Unit };
}

function checkMetric(metric: NonNullable<MetricDataQuery['MetricStat']>['Metric'], at: string): Metric {
  const { Namespace: namespace, MetricName: name, Dimensions = [] } = metric ?? {};
  if (!namespace) throw missing(`${at}.Namespace`);
  if (!name) throw missing(`${at}.MetricName`);
  return {
    namespace,
    name,
    dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
  };
}
