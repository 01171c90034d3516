export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** One measurement that a part of the cloud records. `time` is epoch milliseconds, `unit` a CloudWatch unit. */
export interface RecordedMetric extends Metric {
  readonly value: number;
  readonly unit: string;
  readonly time: number;
}

/** Dimensions as the API lists them. */
export function dimensionsOf(
  list: readonly { readonly Name?: string | undefined; readonly Value?: string | undefined }[] = [],
): Metric['dimensions'] {
  return Object.fromEntries(list.map(({ Name = '', Value = '' }) => [Name, Value]));
}
