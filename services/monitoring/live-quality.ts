/** How well the champion answers live requests, measured by labels that came later. */
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { LabelledRow } from './join.ts';

type Evaluate = PipelineSpecification['evaluate'];
export type Question = Pick<Evaluate, 'metric' | 'prediction' | 'threshold'>;

/** Additive, so that the order of labels does not matter: `sum` is of right answers (accuracy), of losses (log-loss),
 * of squared (rmse) or absolute (mae) differences. */
export interface QualityCounts {
  readonly metric: Evaluate['metric'];
  readonly labels: number;
  readonly sum: number;
}

export const noLabels = (metric: Evaluate['metric']): QualityCounts => ({ metric, labels: 0, sum: 0 });

/** Log-loss of a certain wrong answer would be infinite. */
const LEAST_PROBABILITY = 1e-15;

/** What one answer adds to the sum; undefined when the prediction is no number. */
export function contribution(
  question: Question,
  row: Pick<LabelledRow, 'prediction' | 'label'>,
): number | undefined {
  const text = row.prediction?.trim();
  const predicted = text ? Number(text) : Number.NaN;
  if (!Number.isFinite(predicted)) return undefined;
  switch (question.metric) {
    case 'accuracy':
      return classOf(question, predicted) === row.label ? 1 : 0;
    case 'log-loss': {
      const probability = row.label === 1 ? predicted : 1 - predicted;
      return -Math.log(Math.min(1, Math.max(LEAST_PROBABILITY, probability)));
    }
    case 'rmse':
      return (predicted - row.label) ** 2;
    case 'mae':
      return Math.abs(predicted - row.label);
    default:
      return question.metric satisfies never;
  }
}

function classOf({ prediction, threshold }: Question, predicted: number): number {
  switch (prediction) {
    case 'label':
    case 'value':
      return predicted;
    case 'probability':
      return predicted >= threshold ? 1 : 0;
    default:
      return prediction satisfies never;
  }
}

/** The counts with the rows added. Counts of another metric start anew: they are in other units. */
export function addRows(
  counts: QualityCounts,
  question: Question,
  rows: readonly LabelledRow[],
): QualityCounts {
  const start = counts.metric === question.metric ? counts : noLabels(question.metric);
  let { labels, sum } = start;
  for (const row of rows) {
    const added = contribution(question, row);
    if (added === undefined) continue;
    labels += 1;
    sum += added;
  }
  return { metric: question.metric, labels, sum };
}

/** The metric so far, in its own units; undefined without labels. */
export function metricOf({ metric, labels, sum }: QualityCounts): number | undefined {
  if (labels === 0) return undefined;
  const mean = sum / labels;
  return metric === 'rmse' ? Math.sqrt(mean) : mean;
}

/** Whether `value` is worse than `expected` by more than `tolerance`, all in units of the metric. */
export function isWorse(
  metric: Evaluate['metric'],
  value: number,
  expected: number,
  tolerance: number,
): boolean {
  return metric === 'accuracy' ? value < expected - tolerance : value > expected + tolerance;
}
