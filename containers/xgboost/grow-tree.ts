import type { BinnedMatrix } from './bins.ts';
import {
  buildHistogram,
  type Histogram,
  type HistogramPool,
  type RowGradients,
  subtractHistogram,
} from './histogram.ts';
import { findSplit, leafWeight, type Split, type Sums, type TreeParameters } from './split.ts';
import { type DraftNode, draftNode, NO_PARENT, type Tree, toTree } from './tree.ts';

export interface GrowInput {
  readonly matrix: BinnedMatrix;
  readonly gradients: RowGradients;
  /** The rows to learn from; reordered, so that each leaf's rows end up side by side. */
  readonly rows: Int32Array;
  /** The features to choose from, ascending. */
  readonly features: Int32Array;
  readonly parameters: TreeParameters;
  readonly pool: HistogramPool;
}

interface Pending {
  readonly node: number;
  readonly depth: number;
  readonly rows: Int32Array;
  readonly sums: Sums;
  readonly histogram: Histogram;
}

/** Grows one tree depth first: at most one histogram a level is alive. `onLeaf` hears each leaf's value with the
 * rows that fell into it. */
export function growTree(input: GrowInput, onLeaf: (value: number, rows: Int32Array) => void): Tree {
  const { matrix, gradients, rows, features, parameters, pool } = input;
  const sums = sumOf(gradients, rows);
  const nodes: DraftNode[] = [draftNode(NO_PARENT, sums.hessian, leafWeight(sums, parameters))];
  const histogram = pool.take();
  buildHistogram(histogram, matrix, gradients, rows, features);
  const stack: Pending[] = [{ node: 0, depth: 0, rows, sums, histogram }];
  const scratch = new Int32Array(rows.length);
  for (let pending = stack.pop(); pending; pending = stack.pop()) {
    const canSplit = pending.depth < parameters.max_depth && pending.rows.length > 1;
    const split = canSplit
      ? findSplit(matrix, pending.histogram, pending.sums, features, parameters)
      : undefined;
    if (split) {
      stack.push(...splitNode(input, nodes, pending, split, scratch));
    } else {
      pool.give(pending.histogram);
      onLeaf(makeLeaf(nodes[pending.node]!, parameters), pending.rows);
    }
  }
  return toTree(nodes);
}

function makeLeaf(node: DraftNode, parameters: TreeParameters): number {
  const value = Math.fround(node.baseWeight * parameters.eta);
  node.threshold = value;
  node.baseWeight = value;
  return value;
}

/** Gives the two children, the left one to be taken first. */
function splitNode(
  input: GrowInput,
  nodes: DraftNode[],
  pending: Pending,
  split: Split,
  scratch: Int32Array,
): Pending[] {
  const { matrix, parameters } = input;
  const parent = nodes[pending.node]!;
  const left = nodes.length;
  Object.assign(parent, {
    left,
    right: left + 1,
    feature: split.feature,
    threshold: matrix.cuts.values[split.bin]!,
    defaultLeft: split.missingLeft,
    gain: split.gain,
  });
  nodes.push(draftNode(pending.node, split.left.hessian, leafWeight(split.left, parameters)));
  nodes.push(draftNode(pending.node, split.right.hessian, leafWeight(split.right, parameters)));
  const middle = partition(matrix, pending.rows, split, scratch);
  const sides = [
    { node: left, rows: pending.rows.subarray(0, middle), sums: split.left },
    { node: left + 1, rows: pending.rows.subarray(middle), sums: split.right },
  ] as const;
  const [leftHistogram, rightHistogram] = childHistograms(input, pending, sides[0].rows, sides[1].rows);
  const depth = pending.depth + 1;
  return [
    { ...sides[1], depth, histogram: rightHistogram },
    { ...sides[0], depth, histogram: leftHistogram },
  ];
}

/** Only the smaller child is counted; the other one is the difference. Children at the depth limit need none. */
function childHistograms(
  { matrix, gradients, features, parameters, pool }: GrowInput,
  parent: Pending,
  left: Int32Array,
  right: Int32Array,
): readonly [Histogram, Histogram] {
  const smaller = pool.take();
  if (parent.depth + 1 >= parameters.max_depth) return [smaller, parent.histogram];
  const leftIsSmaller = left.length <= right.length;
  buildHistogram(smaller, matrix, gradients, leftIsSmaller ? left : right, features);
  const larger = subtractHistogram(parent.histogram, smaller);
  return leftIsSmaller ? [smaller, larger] : [larger, smaller];
}

/** Orders the rows stably, left ones first, and gives their number. */
function partition(matrix: BinnedMatrix, rows: Int32Array, split: Split, scratch: Int32Array): number {
  const { slots, features, missingSlot } = matrix;
  const lastLeft = 2 * split.bin;
  let left = 0;
  let right = 0;
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    const slot = slots[row * features + split.feature]!;
    if (slot === missingSlot ? split.missingLeft : slot <= lastLeft) rows[left++] = row;
    else scratch[right++] = row;
  }
  rows.set(scratch.subarray(0, right), left);
  return left;
}

function sumOf({ gradient, hessian }: RowGradients, rows: Int32Array): Sums {
  let g = 0;
  let h = 0;
  for (let at = 0; at < rows.length; at++) {
    g += gradient[rows[at]!]!;
    h += hessian[rows[at]!]!;
  }
  return { gradient: g, hessian: h };
}
