import type { Clock } from '../ports.ts';
import { invalidValue, missing } from './errors.ts';
import type { Bucket } from './histogram.ts';
import type { MetricStore } from './store.ts';

interface MetricDatum {
  readonly MetricName?: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  /** Epoch seconds. */
  readonly Timestamp?: number;
  readonly Value?: number;
  readonly StatisticValues?: {
    readonly SampleCount: number;
    readonly Sum: number;
    readonly Minimum: number;
    readonly Maximum: number;
  };
  readonly Values?: readonly number[];
  readonly Counts?: readonly number[];
  readonly Unit?: string;
}

const MAX_DATA = 1000;

/** PutMetricData: answered once the values are durable. */
export function putMetricData(store: MetricStore, clock: Clock, input: Record<string, unknown>): unknown {
  const namespace = input.Namespace;
  if (typeof namespace !== 'string' || namespace === '') throw missing('Namespace');
  const data = input.MetricData;
  if (!Array.isArray(data)) throw missing('MetricData');
  if (data.length > MAX_DATA)
    throw invalidValue(`The collection MetricData must not have a size greater than ${MAX_DATA}.`);
  const checked = (data as MetricDatum[]).map((datum, index) => ({
    datum,
    samples: samplesOf(datum, index + 1),
  }));
  for (const { datum, samples } of checked) {
    const dimensions = Object.fromEntries((datum.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
    const metric = { namespace, name: String(datum.MetricName), dimensions };
    const time = datum.Timestamp === undefined ? clock.now() : datum.Timestamp * 1000;
    for (const sample of samples) store.add(metric, datum.Unit ?? 'None', time, sample);
  }
  store.flush();
  return {};
}

function samplesOf(datum: MetricDatum, position: number): Bucket[] {
  const at = `MetricData.member.${position}`;
  if (!datum.MetricName) throw missing(`${at}.MetricName`);
  const { Value, Values, Counts, StatisticValues } = datum;
  if (StatisticValues) {
    const { SampleCount: count, Sum: sum, Minimum: min, Maximum: max } = StatisticValues;
    return [finite({ count, sum, min, max }, `${at}.StatisticValues`)];
  }
  if (Values && Counts && Values.length !== Counts.length) {
    throw invalidValue(`The parameters ${at}.Values and ${at}.Counts must be of the same size.`);
  }
  const values = Values ?? (Value === undefined ? [] : [Value]);
  if (values.length === 0) throw missing(`${at}.Value`);
  return values.map((value, index) => {
    const count = Counts?.[index] ?? 1;
    return finite({ count, sum: value * count, min: value, max: value }, `${at}.Value`);
  });
}

function finite(sample: Bucket, at: string): Bucket {
  if (Object.values(sample).every(Number.isFinite) && sample.count > 0) return sample;
  throw invalidValue(`The value of parameter ${at} is not a number that can be kept.`);
}
