/** Metrics of a gate: a loss for each row, so that two models can be paired, and what the losses add up to. Pure. */
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';

export type EvaluateRules = PipelineSpecification['evaluate'];
export type MetricName = EvaluateRules['metric'];

/** Probabilities are kept this far from 0 and 1, as XGBoost and scikit-learn do before a logarithm. */
const CLIP = 1e-7;

export const isHigherBetter = (metric: MetricName): boolean => metric === 'accuracy';

/** The loss of one prediction; smaller is better for every metric. */
function lossOf(rules: EvaluateRules, label: number, prediction: number): number {
  switch (rules.metric) {
    case 'accuracy': {
      const predicted = rules.prediction === 'probability' ? Number(prediction >= rules.threshold) : prediction;
      return predicted === label ? 0 : 1;
    }
    case 'log-loss': {
      const p = Math.min(Math.max(prediction, CLIP), 1 - CLIP);
      return label === 1 ? -Math.log(p) : -Math.log(1 - p);
    }
    case 'rmse':
      return (label - prediction) ** 2;
    case 'mae':
      return Math.abs(label - prediction);
    default:
      return rules.metric satisfies never;
  }
}

export const lossesOf = (rules: EvaluateRules, labels: readonly number[], predictions: readonly number[]): number[] =>
  labels.map((label, row) => lossOf(rules, label, predictions[row] as number));

export const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

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
