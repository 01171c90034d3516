/** What a series of kills showed, and how it is printed. */
import { table } from '../../cli/terminal.ts';

export interface KillReport {
  readonly seed: number;
  readonly kills: number;
  /** Kills after which the cloud was back with everything. */
  readonly survived: number;
  /** From the new process's start to the HTTP API's answer, a figure a kill. */
  readonly recoveriesMs: readonly number[];
  /** From the new process's start to the first live request's answer, where an endpoint had served. */
  readonly servingAgainMs: readonly number[];
  /** Kills by the phase of the run that they hit. */
  readonly phases: Readonly<Record<string, number>>;
  readonly writes: readonly { readonly kind: string; readonly acknowledged: number; readonly lost: number }[];
  /** Ended runs, by their end. */
  readonly ends: Readonly<Record<string, number>>;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

function quantiles(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] as number;
  return `median ${seconds(at(0.5))}, longest ${seconds(at(1))}`;
}

const counts = (heads: [string, string], record: Readonly<Record<string, number>>): string =>
  table([heads, ...Object.entries(record).map(([name, count]) => [name, String(count)])]);

export function reportText(report: KillReport): string {
  return [
    `${report.survived} of ${report.kills} kills survived (seed ${report.seed})`,
    `Recovery: ${quantiles(report.recoveriesMs)}; endpoint serves again: ${quantiles(report.servingAgainMs)}`,
    counts(['KILLED IN PHASE', 'KILLS'], report.phases),
    table([
      ['ACKNOWLEDGED', 'WRITES', 'LOST'],
      ...report.writes.map(({ kind, acknowledged, lost }) => [kind, String(acknowledged), String(lost)]),
    ]),
    counts(['RUNS ENDED', 'RUNS'], report.ends),
  ].join('\n\n');
}
