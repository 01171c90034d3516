/** The offline gate: non-inferiority on held-out rows. Pure. */
import { type EvaluateRules, isHigherBetter, lossesOf, meanOf, metricOf } from './metrics.ts';

export interface GateQuestion {
  readonly evaluate: EvaluateRules;
  readonly labels: readonly number[];
  readonly candidate: readonly number[];
  /** The champion's predictions of the same rows, in the same order. */
  readonly champion?: readonly number[];
}

export interface GateAnswer {
  readonly verdict: 'approved' | 'rejected';
  readonly metric: string;
  readonly rows: number;
  readonly candidate: number;
  readonly champion?: number;
  /** Upper 95 % bound on how much worse than the champion the candidate is, in units of the metric. */
  readonly bound?: number;
  readonly reason: string;
}

/** One-sided 95 % quantile of the normal distribution. */
const Z = 1.6448536269514722;

const show = (value: number): string => value.toFixed(4);

/** A candidate passes when its metric is at least what is required and, against a champion, the upper 95 % bound on
 * the paired difference of losses is within the margin. Too few rows to show that is a rejection that says so. */
export function judge({ evaluate, labels, candidate, champion }: GateQuestion): GateAnswer {
  const { metric, required, margin } = evaluate;
  const losses = lossesOf(evaluate, labels, candidate);
  const value = metricOf(metric, meanOf(losses));
  const base = { metric, rows: labels.length, candidate: value };
  if (labels.length === 0) return { ...base, candidate: 0, verdict: 'rejected', reason: 'There are no held-out rows to measure on' };

  const compared = champion ? compare(evaluate, losses, lossesOf(evaluate, labels, champion)) : undefined;
  const figures = { ...base, ...compared };
  const isEnough = isHigherBetter(metric) ? value >= required : value <= required;
  if (!isEnough) {
    const than = isHigherBetter(metric) ? 'at least' : 'at most';
    return { ...figures, verdict: 'rejected', reason: `${metric} is ${show(value)}; the gate wants ${than} ${required}` };
  }
  if (!compared) return { ...figures, verdict: 'approved', reason: `${metric} is ${show(value)}; there is no champion yet` };
  const against = `${metric} ${show(value)} against the champion's ${show(compared.champion)}`;
  const bound = `at most ${show(compared.bound)} worse (95 %), margin ${margin}`;
  return compared.bound <= margin
    ? { ...figures, verdict: 'approved', reason: `${against}: ${bound}` }
    : { ...figures, verdict: 'rejected', reason: `${against}: only known to be ${bound}${hint(labels.length)}` };
}

const hint = (rows: number): string => (rows < 500 ? `; ${rows} held-out rows are few, more of them narrow the bound` : '');

/** The paired difference of losses: its mean, plus a normal bound with a guard of one row, which keeps a handful of
 * rows without any difference from looking certain (Agresti and Min's added pseudo-pairs, 2005, in one-sided form). */
function compare(evaluate: EvaluateRules, candidate: readonly number[], champion: readonly number[]) {
  const differences = candidate.map((loss, row) => loss - (champion[row] as number));
  const n = differences.length;
  const mean = meanOf(differences);
  const spread = differences.reduce((sum, difference) => sum + (difference - mean) ** 2, 0) / Math.max(1, n - 1);
  const largest = Math.max(...differences.map(Math.abs), Number.EPSILON);
  const upper = mean + Z * Math.sqrt(spread / n) + largest / n;
  const values = { candidate: metricOf(evaluate.metric, meanOf(candidate)), champion: metricOf(evaluate.metric, meanOf(champion)) };
  // A bound on squared errors becomes one on their roots: a² − b² = (a − b)(a + b).
  const scale = evaluate.metric === 'rmse' ? Math.max(values.candidate + values.champion, Number.EPSILON) : 1;
  return { champion: values.champion, bound: upper / scale };
}
