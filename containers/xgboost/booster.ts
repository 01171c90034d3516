import { createRandom, type Random, shuffle } from '../numeric/random.ts';
import type { NumericTable } from '../numeric/table.ts';
import { type BinnedMatrix, binMatrix, findCuts } from './bins.ts';
import type { DataMatrix } from './data-matrix.ts';
import { addTree, type Ensemble, startMargins } from './ensemble.ts';
import { growTree } from './grow-tree.ts';
import { createHistogramPool } from './histogram.ts';
import type { XgboostHyperparameters } from './hyperparameters.ts';
import { computeGradients, type Gradients } from './objective.ts';
import type { Tree } from './tree.ts';

/** Boosting under way. */
export interface Booster {
  /** Margins of the training rows so far. */
  readonly margins: Float32Array;
  /** Adds one round: one tree for each group. Gives the new trees in the order of their groups. */
  boost(): readonly Tree[];
  /** The model of the first `rounds` rounds. */
  toEnsemble(rounds: number, bestIteration?: number): Ensemble;
}

export function createBooster(data: DataMatrix, parameters: XgboostHyperparameters): Booster {
  const { table, labels } = data;
  const groups = parameters.num_class ?? 1;
  const matrix = binMatrix(table, findCuts(table, parameters.max_bin));
  const pool = createHistogramPool(matrix.cuts.values.length);
  const margins = startMargins(parameters.objective, parameters.base_score, table.rows * groups);
  const gradients = { gradient: new Float32Array(margins.length), hessian: new Float32Array(margins.length) };
  const random = createRandom(parameters.seed);
  const trees: Tree[] = [];

  const growGroup = (group: number): Tree => {
    const rows = sampleRows(table.rows, parameters.subsample, random);
    const features = sampleFeatures(matrix, parameters.colsample_bytree, random);
    const own = gradientsOf(gradients, group, groups);
    const whole = rows.length === table.rows;
    const tree = growTree({ matrix, gradients: own, rows, features, parameters, pool }, (value, leafRows) => {
      if (whole) addLeaf(margins, value, leafRows, group, groups);
    });
    if (!whole) addTree(margins, table, tree, group, groups);
    return tree;
  };

  return {
    margins,
    boost() {
      computeGradients(parameters.objective, margins, labels, gradients, parameters.scale_pos_weight);
      const round = Array.from({ length: groups }, (_, group) => growGroup(group));
      trees.push(...round);
      return round;
    },
    toEnsemble: (rounds, bestIteration) => ({
      objective: parameters.objective,
      groups,
      features: table.columns,
      baseScore: Math.fround(parameters.base_score),
      trees: trees.slice(0, rounds * groups),
      treeGroup: trees.slice(0, rounds * groups).map((_, at) => at % groups),
      ...(bestIteration === undefined ? {} : { bestIteration }),
    }),
  };
}

function addLeaf(
  margins: Float32Array,
  value: number,
  rows: Int32Array,
  group: number,
  groups: number,
): void {
  for (let at = 0; at < rows.length; at++) margins[rows[at]! * groups + group]! += value;
}

function gradientsOf(gradients: Gradients, group: number, groups: number): Gradients {
  if (groups === 1) return gradients;
  const pick = (values: Float32Array): Float32Array =>
    Float32Array.from({ length: values.length / groups }, (_, row) => values[row * groups + group]!);
  return { gradient: pick(gradients.gradient), hessian: pick(gradients.hessian) };
}

function sampleRows(rows: number, share: number, random: Random): Int32Array {
  const all = upTo(rows);
  if (share >= 1) return all;
  const some = all.filter(() => random() < share);
  return some.length > 0 ? some : all;
}

function sampleFeatures(matrix: BinnedMatrix, share: number, random: Random): Int32Array {
  const all = upTo(matrix.features);
  const wanted = Math.max(1, Math.floor(share * all.length));
  return share >= 1 ? all : shuffle(all, random).subarray(0, wanted).sort();
}

function upTo(count: number): Int32Array {
  const numbers = new Int32Array(count);
  for (let at = 0; at < count; at++) numbers[at] = at;
  return numbers;
}

/** Margins of another table, grown with the booster's rounds. */
export function createFollower(table: NumericTable, parameters: XgboostHyperparameters) {
  const groups = parameters.num_class ?? 1;
  const margins = startMargins(parameters.objective, parameters.base_score, table.rows * groups);
  return {
    margins,
    follow(round: readonly Tree[]): void {
      round.forEach((tree, group) => {
        addTree(margins, table, tree, group, groups);
      });
    },
  };
}
