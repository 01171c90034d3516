import { type ObjectiveName, sigmoid, softmax } from './objective.ts';

export const METRICS = ['rmse', 'mae', 'logloss', 'error', 'auc', 'merror', 'mlogloss'] as const;
export type MetricName = (typeof METRICS)[number];

const SMALLEST_PROBABILITY = 1e-16;

/** The metric that XGBoost prints where none is asked for. */
export function defaultMetric(objective: ObjectiveName): MetricName {
  switch (objective) {
    case 'reg:squarederror':
      return 'rmse';
    case 'binary:logistic':
      return 'logloss';
    case 'multi:softmax':
    case 'multi:softprob':
      return 'mlogloss';
  }
}

/** Only `auc` grows with quality. */
export function isHigherBetter(metric: MetricName): boolean {
  return metric === 'auc';
}

/** Why a metric cannot judge an objective; undefined where it can. */
export function metricFault(metric: MetricName, objective: ObjectiveName): string | undefined {
  const multi = objective.startsWith('multi:');
  const needsMulti = metric === 'merror' || metric === 'mlogloss';
  const needsBinary = metric === 'auc' || metric === 'error' || metric === 'logloss';
  const suits = needsMulti ? multi : needsBinary ? objective === 'binary:logistic' : !multi;
  return suits ? undefined : `Metric '${metric}' cannot be applied to the objective '${objective}'.`;
}

/** Measures margins against labels. */
export function measure(
  metric: MetricName,
  objective: ObjectiveName,
  margins: Float32Array,
  labels: Float32Array,
): number {
  const predict = (row: number): number =>
    objective === 'binary:logistic' ? sigmoid(margins[row]!) : margins[row]!;
  switch (metric) {
    case 'rmse':
      return Math.sqrt(mean(labels, (row) => (predict(row) - labels[row]!) ** 2));
    case 'mae':
      return mean(labels, (row) => Math.abs(predict(row) - labels[row]!));
    case 'logloss':
      return mean(labels, (row) => crossEntropy(predict(row), labels[row]!));
    case 'error':
      return mean(labels, (row) => (predict(row) > 0.5 ? 1 - labels[row]! : labels[row]!));
    case 'auc':
      return areaUnderCurve(margins, labels);
    case 'merror':
      return mean(labels, (row) => (likeliest(margins, row, labels.length) === labels[row] ? 0 : 1));
    case 'mlogloss':
      return multiLogLoss(margins, labels);
  }
}

function mean(labels: Float32Array, of: (row: number) => number): number {
  let sum = 0;
  for (let row = 0; row < labels.length; row++) sum += of(row);
  return sum / labels.length;
}

function crossEntropy(probability: number, label: number): number {
  const right = Math.max(probability, SMALLEST_PROBABILITY);
  const wrong = Math.max(1 - probability, SMALLEST_PROBABILITY);
  return -label * Math.log(right) - (1 - label) * Math.log(wrong);
}

function likeliest(margins: Float32Array, row: number, rows: number): number {
  const groups = margins.length / rows;
  let best = 0;
  for (let group = 1; group < groups; group++) {
    if (margins[row * groups + group]! > margins[row * groups + best]!) best = group;
  }
  return best;
}

function multiLogLoss(margins: Float32Array, labels: Float32Array): number {
  const groups = margins.length / labels.length;
  const probabilities = new Float64Array(groups);
  return mean(labels, (row) => {
    softmax(margins, row * groups, probabilities);
    return -Math.log(Math.max(probabilities[labels[row]!]!, SMALLEST_PROBABILITY));
  });
}

/** Share of (positive, negative) pairs in the right order, ties count half; 0.5 where one class is missing. */
function areaUnderCurve(margins: Float32Array, labels: Float32Array): number {
  const order = Int32Array.from(labels, (_, row) => row).sort((a, b) => margins[a]! - margins[b]!);
  let [ranked, negatives, positives] = [0, 0, 0];
  for (let from = 0; from < order.length; ) {
    let [tiedPositives, tiedNegatives, to] = [0, 0, from];
    for (; to < order.length && margins[order[to]!] === margins[order[from]!]; to++) {
      tiedPositives += labels[order[to]!]!;
      tiedNegatives += 1 - labels[order[to]!]!;
    }
    ranked += tiedPositives * (negatives + tiedNegatives / 2);
    negatives += tiedNegatives;
    positives += tiedPositives;
    from = to;
  }
  return positives === 0 || negatives === 0 ? 0.5 : ranked / (positives * negatives);
}
