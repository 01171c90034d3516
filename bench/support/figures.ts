/** Figures as a table: measured, what bare means give in the same run, their ratio, and the goal. */
import { table } from '../../cli/terminal.ts';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 'MiB' | '/s' | 'rows/s' | 'files' | 's' | '×';
  readonly baseline?: { readonly name: string; readonly value: number };
  /** A bound on the value: `below` or `at least`. */
  readonly goal?: { readonly bound: 'below' | 'at least'; readonly value: number };
}

/** Takes a while, and tells what it does. */
export type Measurement = (tell: (line: string) => void) => Promise<readonly Figure[]>;

const HEADER = ['figure', 'measured', 'baseline', 'ratio', 'goal', ''];

export function figuresTable(figures: readonly Figure[]): string {
  return table([HEADER, ...figures.map(rowOf)]);
}

function rowOf({ name, value, unit, baseline, goal }: Figure): string[] {
  return [
    name,
    `${rounded(value)} ${unit}`,
    baseline ? `${rounded(baseline.value)} ${unit}, ${baseline.name}` : '',
    baseline ? `${(value / baseline.value).toPrecision(2)}` : '',
    goal ? `${goal.bound} ${rounded(goal.value)}` : '',
    goal ? verdict(value, goal) : '',
  ];
}

const verdict = (value: number, { bound, value: limit }: NonNullable<Figure['goal']>): string =>
  (bound === 'below' ? value < limit : value >= limit) ? 'met' : 'missed';

const rounded = (value: number): string => (value < 10 ? value.toFixed(1) : Math.round(value).toString());

/** The value below which the share `q` of them lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
