import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { invalidValue, required, requiredList } from './errors.ts';
import type { Bucket } from './histogram.ts';
import { dimensionsOf } from './metric.ts';
import type { MetricStore } from './store.ts';

const MAX_DATA = 1000;

/** PutMetricData: answered once the values are durable. `now` is epoch milliseconds. */
export function putMetricData(store: MetricStore, now: number, input: Record<string, unknown>): unknown {
  const namespace = String(required(input.Namespace, 'Namespace'));
  const data = requiredList<MetricDatum>(input.MetricData, 'MetricData');
  if (data.length > MAX_DATA)
    throw invalidValue(`The collection MetricData must not have a size greater than ${MAX_DATA}.`);
  const checked = data.map((datum, index) => {
    const at = `MetricData.member.${index + 1}`;
    const name = required(datum.MetricName, `${at}.MetricName`);
    const metric = { namespace, name, dimensions: dimensionsOf(datum.Dimensions) };
    // On the wire a time is epoch seconds.
    const time = datum.Timestamp === undefined ? now : Number(datum.Timestamp) * 1000;
    return { metric, unit: datum.Unit ?? 'None', time, samples: samplesOf(datum, at) };
  });
  store.transaction(() => {
    for (const { metric, unit, time, samples } of checked)
      for (const sample of samples) store.add(metric, unit, time, sample);
  });
  return {};
}

function samplesOf(datum: MetricDatum, at: string): Bucket[] {
  const { Value, Values = [], Counts = [], StatisticValues } = datum;
  if (StatisticValues) {
    const { SampleCount = 0, Sum = 0, Minimum = 0, Maximum = 0 } = StatisticValues;
    return [finite({ count: SampleCount, sum: Sum, min: Minimum, max: Maximum }, `${at}.StatisticValues`)];
  }
  if (Counts.length > 0 && Values.length !== Counts.length)
    throw invalidValue(`The parameters ${at}.Values and ${at}.Counts must be of the same size.`);
  const values = Values.length > 0 || Value === undefined ? Values : [Value];
  required(values[0], `${at}.Value`);
  return values.map((value, index) => {
    const count = Counts[index] ?? 1;
    return finite({ count, sum: value * count, min: value, max: value }, `${at}.Value`);
  });
}

function finite(sample: Bucket, at: string): Bucket {
  if (Object.values(sample).every(Number.isFinite) && sample.count > 0) return sample;
  throw invalidValue(`The value of parameter ${at} is not a number that can be kept.`);
}
