import type { FinalMetric } from './job.ts';

/** Finds the metrics that a job declares in its log lines; the last value of each is its final one. */
export interface LogMetrics {
  /** Takes output as it comes, in pieces of any size. */
  add(text: string, now: number): void;
  final(): FinalMetric[];
}

/**
 * `Regex` holds one group, the value. A tab of the program is also seen as `#011`, as SageMaker's log agent
 * writes it and the expressions of its built-in algorithms expect it.
 */
export function createLogMetrics(
  definitions: readonly { readonly Name: string; readonly Regex: string }[],
): LogMetrics {
  const patterns = definitions.map(({ Name, Regex }) => ({ name: Name, pattern: new RegExp(Regex) }));
  const last = new Map<string, FinalMetric>();
  let rest = '';

  function line(text: string, now: number): void {
    const encoded = text.replaceAll('\t', '#011');
    for (const { name, pattern } of patterns) {
      const found = pattern.exec(text) ?? pattern.exec(encoded);
      const value = Number.parseFloat(found?.[1] ?? '');
      if (Number.isFinite(value)) last.set(name, { MetricName: name, Value: value, Timestamp: now });
    }
  }

  return {
    add: (text, now) => {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const each of lines) line(each, now);
    },
    final: () => {
      line(rest, Date.now());
      rest = '';
      return [...last.values()];
    },
  };
}
