/** The offline gate: is the candidate good enough, and does the evidence say that it is not worse than the champion?
 * Pure. */
import {
  type EvaluateRules,
  isHigherBetter,
  lossesOf,
  type MetricName,
  meanOf,
  metricOf,
} from './metrics.ts';
import { boundOfMeans, boundOfShares, type PairedBound } from './paired-bound.ts';

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

/** More rows than this many times what there are is no advice. */
const ADVISABLE = 50;

const show = (value: number): string => String(Number(value.toPrecision(4)));
const rowsText = (rows: number): string => Number(rows.toPrecision(2)).toLocaleString('en-US');

/** Non-inferiority: a candidate passes when its metric is at least what is required and, where there is a champion, the
 * upper 95 % bound on how much worse than that champion it is lies within the margin. The burden of proof is the
 * candidate's: too few rows to show it are a rejection, which says about how many would do. So a model that is worse by
 * the margin passes 5 times in 100 at most, one that is worse by twice the margin hardly ever.
 *
 * What it costs an equal model (accuracy 0.95, margin 0.02) depends on how often the two disagree: with 1,000 rows it
 * passes 19 times of 20 where 70 % of the errors are shared (usual for a model retrained on more of the same data), but
 * 3 times of 5 where none are shared more than chance has it; then 2,500 rows are enough for 9 of 10.
 * Throws UnusablePredictions when labels, predictions and metric do not fit each other. */
export function judge({ evaluate, labels, candidate, champion }: GateQuestion): GateAnswer {
  const { metric, required } = evaluate;
  const losses = lossesOf(evaluate, labels, candidate);
  const rows = labels.length;
  if (rows === 0) {
    return {
      verdict: 'rejected',
      metric,
      rows,
      candidate: 0,
      reason: 'There are no held-out rows to measure on',
    };
  }
  const value = metricOf(metric, meanOf(losses));
  const against = champion && compare(metric, losses, lossesOf(evaluate, labels, champion));
  const figures = {
    metric,
    rows,
    candidate: value,
    ...(against ? { champion: against.champion, bound: against.paired.bound } : {}),
  };
  const isEnough = isHigherBetter(metric) ? value >= required : value <= required;
  if (!isEnough) {
    const wanted = `${isHigherBetter(metric) ? 'at least' : 'at most'} ${required}`;
    return {
      ...figures,
      verdict: 'rejected',
      reason: `${metric} is ${show(value)}; the gate wants ${wanted}`,
    };
  }
  if (!against) {
    return {
      ...figures,
      verdict: 'approved',
      reason: `${metric} is ${show(value)}; there is no champion yet`,
    };
  }
  const sides = `${metric} ${show(value)} against the champion's ${show(against.champion)} on ${rows} rows`;
  return { ...figures, ...verdictOf(against.paired, evaluate.margin, sides, rows) };
}

function verdictOf(
  { difference, bound, rowsFor }: PairedBound,
  margin: number,
  sides: string,
  rows: number,
): Pick<GateAnswer, 'verdict' | 'reason'> {
  if (bound <= margin) {
    const proof = bound > 0 ? `at most ${show(bound)} worse` : `better by at least ${show(-bound)}`;
    return { verdict: 'approved', reason: `${sides}: ${proof} (95 %), margin ${margin}` };
  }
  if (difference > margin) {
    return { verdict: 'rejected', reason: `${sides}: worse by ${show(difference)}, margin ${margin}` };
  }
  const enough = rowsFor(margin);
  const advice =
    enough <= ADVISABLE * rows ? `; about ${rowsText(enough)} held-out rows would show more` : '';
  const doubt = `it may be up to ${show(bound)} worse (95 %), margin ${margin}${advice}`;
  return { verdict: 'rejected', reason: `${sides}: ${doubt}` };
}

function compare(metric: MetricName, candidate: readonly number[], champion: readonly number[]) {
  const own = metricOf(metric, meanOf(candidate));
  const other = metricOf(metric, meanOf(champion));
  const differences = candidate.map((loss, row) => loss - (champion[row] as number));
  switch (metric) {
    case 'accuracy': {
      const worse = differences.filter((difference) => difference > 0).length;
      const better = differences.filter((difference) => difference < 0).length;
      return { champion: other, paired: boundOfShares({ worse, better, rows: differences.length }) };
    }
    case 'log-loss':
    case 'mae':
      return { champion: other, paired: boundOfMeans(differences, meanOf(differences)) };
    case 'rmse': {
      // The delta method: near its mean, the root of a mean square grows by loss / (2 · root).
      const slope = (root: number): number => (root > 0 ? 1 / (2 * root) : 0);
      const influences = candidate.map(
        (loss, row) => loss * slope(own) - (champion[row] as number) * slope(other),
      );
      return { champion: other, paired: boundOfMeans(influences, own - other) };
    }
    default:
      return metric satisfies never;
  }
}
