/** Metrics of a gate: a loss for each row, so that two models can be paired, and what the losses add up to. Pure. */
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { UnusablePredictions } from './predictions.ts';

export type EvaluateRules = PipelineSpecification['evaluate'];
export type MetricName = EvaluateRules['metric'];

/** Probabilities are kept this far from 0 and 1, so that one sure mistake does not cost infinity. */
const CLIP = 1e-7;
/** Squares of absurd predictions stay numbers that a table can hold. */
const MOST_LOSS = 1e100;

export const isHigherBetter = (metric: MetricName): boolean => metric === 'accuracy';

/** The loss of one prediction; smaller is better for every metric. */
function lossOf(rules: EvaluateRules, label: number, prediction: number): number {
  switch (rules.metric) {
    case 'accuracy': {
      const predicted =
        rules.prediction === 'probability' ? Number(prediction >= rules.threshold) : prediction;
      return predicted === label ? 0 : 1;
    }
    case 'log-loss': {
      const p = Math.min(Math.max(prediction, CLIP), 1 - CLIP);
      return label === 1 ? -Math.log(p) : -Math.log(1 - p);
    }
    case 'rmse':
      return Math.min((label - prediction) ** 2, MOST_LOSS);
    case 'mae':
      return Math.min(Math.abs(label - prediction), MOST_LOSS);
    default:
      return rules.metric satisfies never;
  }
}

/** The loss of each row. Throws UnusablePredictions when rows, labels and metric do not fit each other. */
export function lossesOf(
  rules: EvaluateRules,
  labels: readonly number[],
  predictions: readonly number[],
): number[] {
  if (labels.length !== predictions.length) {
    throw new UnusablePredictions(`${predictions.length} predictions do not fit ${labels.length} labels`);
  }
  if (rules.metric === 'log-loss' && rules.prediction !== 'probability') {
    throw new UnusablePredictions(`log-loss needs probabilities, the model answers a ${rules.prediction}`);
  }
  const neither =
    rules.prediction === 'probability' ? labels.findIndex((label) => label !== 0 && label !== 1) : -1;
  if (neither >= 0) {
    const found = `line ${neither + 1} of the labels is ${labels[neither]}`;
    throw new UnusablePredictions(`Probabilities are of class 1 against class 0, but ${found}`);
  }
  return labels.map((label, row) => lossOf(rules, label, predictions[row] as number));
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The metric that a mean loss stands for. */
export function metricOf(metric: MetricName, meanLoss: number): number {
  switch (metric) {
    case 'accuracy':
      return 1 - meanLoss;
    case 'rmse':
      return Math.sqrt(meanLoss);
    case 'log-loss':
    case 'mae':
      return meanLoss;
    default:
      return metric satisfies never;
  }
}
