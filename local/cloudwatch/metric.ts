/** One measurement that a part of the cloud records. `time` is epoch milliseconds, `unit` a CloudWatch unit. */
export interface RecordedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly unit: string;
  readonly time: number;
}
