import { type Random, shuffle } from '../numeric/random.ts';
import type { Dataset } from './dataset.ts';
import { createMomentum } from './momentum.ts';
import { forward, layoutOf, type Network, refreshSums } from './network.ts';

export interface TrainerOptions {
  readonly learningRate: number;
  readonly batchSize: number;
  readonly random: Random;
}

export interface Trainer {
  /** One pass over the data in a new order; gives the mean cross-entropy (nats) seen on the way. */
  runEpoch(): number;
}

/** Mini-batch training that changes `network` in place; deterministic for a seed of `random`. */
export function createTrainer(network: Network, data: Dataset, options: TrainerOptions): Trainer {
  const rows = data.inputs.rows;
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  const optimizer = createMomentum(network.parameters.length, options.learningRate);
  const gradients = new Float64Array(network.parameters.length);
  const shared = new Float64Array(network.shape.hidden);
  const backward = createBackward(network, data, gradients, shared);
  return {
    runEpoch() {
      shuffle(order, options.random);
      let loss = 0;
      for (let from = 0; from < rows; from += options.batchSize) {
        const to = Math.min(rows, from + options.batchSize);
        for (let at = from; at < to; at++) loss += backward(order[at]!);
        spread(shared, gradients, network.shape.inputs);
        optimizer.step(network.parameters, gradients, to - from);
        refreshSums(network);
      }
      return loss / rows;
    },
  };
}

/** Gives every input's weights the gradient that all inputs share, and clears it. */
function spread(shared: Float64Array, gradients: Float64Array, inputs: number): void {
  const width = shared.length;
  for (let input = 0; input < inputs; input++) {
    for (let j = 0; j < width; j++) gradients[input * width + j]! += shared[j]!;
  }
  shared.fill(0);
}

/** Adds one row's gradient of the cross-entropy to `gradients` and gives its loss. What the row's `rest` gives to
 * the weights of all inputs alike is gathered in `shared`, once a batch. */
function createBackward(
  network: Network,
  data: Dataset,
  gradients: Float64Array,
  shared: Float64Array,
): (row: number) => number {
  const { hidden: width, classes } = network.shape;
  const layout = layoutOf(network.shape);
  const hidden = new Float64Array(width);
  const errors = new Float64Array(classes);
  const active: ActiveUnits = {
    count: 0,
    units: new Int32Array(width),
    errors: new Float64Array(width),
    width,
  };
  return (row) => {
    forward(network, data.inputs, row, hidden, errors);
    const label = data.labels[row]!;
    const rest = data.inputs.rest[row]!;
    const loss = -Math.log(Math.max(errors[label]!, 1e-15));
    errors[label]! -= 1;
    for (let c = 0; c < classes; c++) gradients[layout.bias2 + c]! += errors[c]!;
    active.count = 0;
    for (let j = 0; j < width; j++) {
      if (hidden[j] === 0) continue;
      const back = outputGradient(network, layout.weights2 + j * classes, hidden[j]!, errors, gradients);
      gradients[layout.bias1 + j]! += back;
      shared[j]! += back * rest;
      active.units[active.count] = j;
      active.errors[active.count++] = back;
    }
    inputGradient(data, row, active, gradients);
    return loss;
  };
}

/** The hidden units that ReLU let through for a row, and the error that flows back to each. */
interface ActiveUnits {
  count: number;
  readonly units: Int32Array;
  readonly errors: Float64Array;
  readonly width: number;
}

/** Second layer's gradient for one hidden unit, whose weights begin at `offset`; gives the error that flows back. */
function outputGradient(
  network: Network,
  offset: number,
  activation: number,
  errors: Float64Array,
  gradients: Float64Array,
): number {
  let back = 0;
  for (let c = 0; c < errors.length; c++) {
    const error = errors[c]!;
    back += network.parameters[offset + c]! * error;
    gradients[offset + c]! += activation * error;
  }
  return back;
}

/** First layer's gradient of the cells that differ from the rest: only hidden units that are active count. */
function inputGradient(data: Dataset, row: number, active: ActiveUnits, gradients: Float64Array): void {
  const { start, index, value } = data.inputs;
  const { count, units, errors, width } = active;
  const end = start[row + 1]!;
  for (let entry = start[row]!; entry < end; entry++) {
    const input = value[entry]!;
    const offset = index[entry]! * width;
    for (let k = 0; k < count; k++) gradients[offset + units[k]!]! += input * errors[k]!;
  }
}
