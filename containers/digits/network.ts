import { normal, type Random } from '../numeric/random.ts';
import type { SparseRows } from './sparse-rows.ts';

export interface NetworkShape {
  readonly inputs: number;
  readonly hidden: number;
  readonly classes: number;
}

/** A multilayer perceptron: inputs (see SparseRows) → hidden (ReLU) → classes (softmax). All parameters lie in one array:
 * first-layer weights by input, its biases, second-layer weights by hidden unit, its biases. Doubles, because
 * engines compute in doubles: single precision costs a conversion at each step. */
export interface Network {
  readonly shape: NetworkShape;
  readonly parameters: Float64Array;
  /** For each hidden unit the sum of its first-layer weights: what a cell of 1 in every input adds to it. */
  readonly sums: Float64Array;
}

/** Where each part of the parameters begins. */
export interface Layout {
  readonly bias1: number;
  readonly weights2: number;
  readonly bias2: number;
  readonly size: number;
}

export function layoutOf({ inputs, hidden, classes }: NetworkShape): Layout {
  const bias1 = inputs * hidden;
  const weights2 = bias1 + hidden;
  const bias2 = weights2 + hidden * classes;
  return { bias1, weights2, bias2, size: bias2 + classes };
}

/** Random weights after He et al. 2015: variance 2 / fan-in, biases 0. */
export function createNetwork(shape: NetworkShape, random: Random): Network {
  const layout = layoutOf(shape);
  const parameters = new Float64Array(layout.size);
  const first = Math.sqrt(2 / shape.inputs);
  for (let at = 0; at < layout.bias1; at++) parameters[at] = normal(random) * first;
  const second = Math.sqrt(2 / shape.hidden);
  for (let at = layout.weights2; at < layout.bias2; at++) parameters[at] = normal(random) * second;
  return withSums(shape, parameters);
}

/** A network of these parameters. */
export function withSums(shape: NetworkShape, parameters: Float64Array): Network {
  const network = { shape, parameters, sums: new Float64Array(shape.hidden) };
  refreshSums(network);
  return network;
}

/** Brings `sums` up to date with changed parameters. */
export function refreshSums({ shape, parameters, sums }: Network): void {
  sums.fill(0);
  for (let input = 0; input < shape.inputs; input++) {
    const offset = input * shape.hidden;
    for (let j = 0; j < shape.hidden; j++) sums[j]! += parameters[offset + j]!;
  }
}

/** Fills `hidden` with the activations and `probabilities` with the softmax for one row. */
export function forward(
  network: Network,
  rows: SparseRows,
  row: number,
  hidden: Float64Array,
  probabilities: Float64Array,
): void {
  const layout = layoutOf(network.shape);
  activate(network, layout, rows, row, hidden);
  const { parameters } = network;
  const classes = probabilities.length;
  for (let c = 0; c < classes; c++) probabilities[c] = parameters[layout.bias2 + c]!;
  for (let j = 0; j < hidden.length; j++) {
    const activation = hidden[j]!;
    if (activation === 0) continue;
    const offset = layout.weights2 + j * classes;
    for (let c = 0; c < classes; c++) probabilities[c]! += activation * parameters[offset + c]!;
  }
  softmax(probabilities);
}

function activate(
  network: Network,
  layout: Layout,
  rows: SparseRows,
  row: number,
  hidden: Float64Array,
): void {
  const { parameters, sums } = network;
  const width = hidden.length;
  const rest = rows.rest[row]!;
  for (let j = 0; j < width; j++) hidden[j] = parameters[layout.bias1 + j]! + rest * sums[j]!;
  const end = rows.start[row + 1]!;
  for (let entry = rows.start[row]!; entry < end; entry++) {
    const input = rows.value[entry]!;
    const offset = rows.index[entry]! * width;
    for (let j = 0; j < width; j++) hidden[j]! += input * parameters[offset + j]!;
  }
  for (let j = 0; j < width; j++) if (hidden[j]! < 0) hidden[j] = 0;
}

function softmax(logits: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < logits.length; c++) if (logits[c]! > largest) largest = logits[c]!;
  let sum = 0;
  for (let c = 0; c < logits.length; c++) {
    const value = Math.exp(logits[c]! - largest);
    logits[c] = value;
    sum += value;
  }
  for (let c = 0; c < logits.length; c++) logits[c]! /= sum;
}

/** One answer: the most probable class and its probability. */
export interface Prediction {
  readonly label: number;
  readonly score: number;
}

/** Predicts every row. */
export function predict(network: Network, rows: SparseRows): Prediction[] {
  const hidden = new Float64Array(network.shape.hidden);
  const probabilities = new Float64Array(network.shape.classes);
  return Array.from({ length: rows.rows }, (_, row) => {
    forward(network, rows, row, hidden, probabilities);
    let label = 0;
    for (let c = 1; c < probabilities.length; c++) if (probabilities[c]! > probabilities[label]!) label = c;
    return { label, score: probabilities[label]! };
  });
}

/** Share of rows whose predicted class is the label. */
export function accuracy(network: Network, rows: SparseRows, labels: Int32Array): number {
  const right = predict(network, rows).filter((prediction, row) => prediction.label === labels[row]).length;
  return right / rows.rows;
}

/** Rounds the parameters to what the model file keeps, so that the trained network and the served one agree. */
export function roundToSingle(network: Network): Network {
  return withSums(network.shape, network.parameters.map(Math.fround));
}
