/** What is learnt: gradients of the loss, and how margins become predictions. Formulas of XGBoost 1.7
 * (src/objective/regression_loss.h, multiclass_obj.cu); all in single precision where XGBoost is. */
export const OBJECTIVES = ['reg:squarederror', 'binary:logistic', 'multi:softmax', 'multi:softprob'] as const;
export type ObjectiveName = (typeof OBJECTIVES)[number];

const SMALLEST_HESSIAN = 1e-16;

/** Gradients and hessians, row after row, `groups` values in each. */
export interface Gradients {
  readonly gradient: Float32Array;
  readonly hessian: Float32Array;
}

/** Fills `into` from the margins. `groups` is the number of trees a round: num_class for multi:*, else 1. */
export function computeGradients(
  objective: ObjectiveName,
  margins: Float32Array,
  labels: Float32Array,
  into: Gradients,
  scalePositive: number,
): void {
  switch (objective) {
    case 'reg:squarederror':
      squaredError(margins, labels, into);
      break;
    case 'binary:logistic':
      logistic(margins, labels, into, scalePositive);
      break;
    case 'multi:softmax':
    case 'multi:softprob':
      softmaxGradients(margins, labels, into);
  }
}

function squaredError(margins: Float32Array, labels: Float32Array, into: Gradients): void {
  for (let row = 0; row < labels.length; row++) {
    into.gradient[row] = margins[row]! - labels[row]!;
    into.hessian[row] = 1;
  }
}

function logistic(margins: Float32Array, labels: Float32Array, into: Gradients, scalePositive: number): void {
  for (let row = 0; row < labels.length; row++) {
    const probability = sigmoid(margins[row]!);
    const weight = labels[row] === 1 ? scalePositive : 1;
    into.gradient[row] = (probability - labels[row]!) * weight;
    into.hessian[row] = Math.max(probability * (1 - probability), SMALLEST_HESSIAN) * weight;
  }
}

function softmaxGradients(margins: Float32Array, labels: Float32Array, into: Gradients): void {
  const groups = margins.length / labels.length;
  const probabilities = new Float64Array(groups);
  for (let row = 0; row < labels.length; row++) {
    softmax(margins, row * groups, probabilities);
    for (let group = 0; group < groups; group++) {
      const probability = probabilities[group]!;
      into.gradient[row * groups + group] = probability - (labels[row] === group ? 1 : 0);
      into.hessian[row * groups + group] = Math.max(2 * probability * (1 - probability), SMALLEST_HESSIAN);
    }
  }
}

export function sigmoid(margin: number): number {
  return 1 / (1 + Math.exp(-margin));
}

/** Fills `into` with the softmax of the margins from `offset` on. */
export function softmax(margins: Float32Array, offset: number, into: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let group = 0; group < into.length; group++) largest = Math.max(largest, margins[offset + group]!);
  let sum = 0;
  for (let group = 0; group < into.length; group++) {
    const value = Math.exp(margins[offset + group]! - largest);
    into[group] = value;
    sum += value;
  }
  for (let group = 0; group < into.length; group++) into[group]! /= sum;
}

/** The margin that every row starts from. */
export function baseMargin(objective: ObjectiveName, baseScore: number): number {
  const score = Math.fround(baseScore);
  return objective === 'binary:logistic' ? Math.fround(-Math.log(1 / score - 1)) : score;
}

/** Predictions of one row from its margins: a value, a probability, the class, or a probability for each class. */
export function toPrediction(objective: ObjectiveName, margins: Float32Array): number | number[] {
  switch (objective) {
    case 'reg:squarederror':
      return margins[0]!;
    case 'binary:logistic':
      return Math.fround(sigmoid(margins[0]!));
    case 'multi:softmax':
      return largestOf(margins);
    case 'multi:softprob': {
      const probabilities = new Float64Array(margins.length);
      softmax(margins, 0, probabilities);
      return Array.from(probabilities, Math.fround);
    }
  }
}

function largestOf(margins: Float32Array): number {
  let best = 0;
  for (let group = 1; group < margins.length; group++) if (margins[group]! > margins[best]!) best = group;
  return best;
}

/** Why a label does not suit the objective; undefined where it does. */
export function labelFault(objective: ObjectiveName, label: number, groups: number): string | undefined {
  switch (objective) {
    case 'reg:squarederror':
      return undefined;
    case 'binary:logistic':
      return label >= 0 && label <= 1 ? undefined : 'label must be in [0,1] for logistic regression';
    case 'multi:softmax':
    case 'multi:softprob':
      return Number.isInteger(label) && label >= 0 && label < groups
        ? undefined
        : `label must be a whole number in [0, num_class), num_class is ${groups}`;
  }
}
