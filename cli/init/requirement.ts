/** What the gate asks of the first model: about as much as one that has learnt nothing, so that it is not refused,
 * and what comes after it is measured against it. Pure. */
import type { Task } from './task.ts';

export interface Requirement {
  readonly metric: 'accuracy' | 'log-loss' | 'rmse';
  readonly prediction: 'label' | 'probability' | 'value';
  readonly required: number;
  /** How much worse than the champion a candidate may be. */
  readonly margin: number;
  /** What a predictor shows that always says the same. */
  readonly trivial: number;
  readonly says: string;
}

/** Chance moves a figure of few rows: three standard errors are let pass, and a tenth. */
const ERRORS = 3;
const SLACK = 0.1;

export function requirementOf(task: Task, testRows: number): Requirement {
  switch (task.kind) {
    case 'binary':
      return logLoss(task.shares[1]!, testRows);
    case 'multi-class':
      return accuracy(Math.max(...task.shares), testRows);
    case 'regression':
      return rootMeanSquare(task.values, task.mean, testRows);
  }
}

function logLoss(share: number, rows: number): Requirement {
  const p = Math.min(Math.max(share, 0.001), 0.999);
  const [one, other] = [-Math.log(p), -Math.log(1 - p)];
  const trivial = p * one + (1 - p) * other;
  const deviation = Math.abs(one - other) * Math.sqrt(p * (1 - p));
  return {
    metric: 'log-loss',
    prediction: 'probability',
    trivial,
    required: upwards(trivial * (1 + SLACK) + (ERRORS * Math.max(deviation, 0.5)) / Math.sqrt(rows)),
    margin: 0.03,
    says: 'always answering the overall share',
  };
}

function accuracy(share: number, rows: number): Requirement {
  const error = Math.sqrt((share * (1 - share)) / rows);
  return {
    metric: 'accuracy',
    prediction: 'label',
    trivial: share,
    required: Math.max(0, downwards(share * (1 - SLACK) - ERRORS * error)),
    margin: 0.02,
    says: 'always answering the most frequent class',
  };
}

function rootMeanSquare(values: readonly number[], mean: number, rows: number): Requirement {
  const squares = values.map((value) => (value - mean) ** 2);
  const variance = average(squares);
  const trivial = Math.sqrt(variance);
  // By the delta method: the root of a mean varies by that of the mean over twice the root.
  const spread = Math.sqrt(average(squares.map((square) => (square - variance) ** 2)));
  const error = spread / (2 * trivial) / Math.sqrt(rows);
  return {
    metric: 'rmse',
    prediction: 'value',
    trivial,
    required: upwards(trivial * (1 + SLACK) + ERRORS * error),
    margin: upwards(trivial * 0.03),
    says: 'always answering the mean',
  };
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const DIGITS = 3;
/** To three significant digits, away from zero. */
function upwards(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - DIGITS + 1);
  return Number((Math.ceil(value / unit) * unit).toPrecision(DIGITS));
}
const downwards = (value: number): number => Math.floor(value * 1000) / 1000;
