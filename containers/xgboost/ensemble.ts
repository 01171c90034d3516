import type { NumericTable } from '../numeric/table.ts';
import { baseMargin, type ObjectiveName, toPrediction } from './objective.ts';
import { leafValue, type Tree } from './tree.ts';

/** A boosted model: the margin of group g is the base margin plus the leaves of the trees with group g. */
export interface Ensemble {
  readonly objective: ObjectiveName;
  /** Trees a round: num_class for multi:*, else 1. */
  readonly groups: number;
  readonly features: number;
  readonly baseScore: number;
  readonly trees: readonly Tree[];
  /** The group of each tree. */
  readonly treeGroup: readonly number[];
  /** Of training with early stopping: the last round kept, from 0. */
  readonly bestIteration?: number;
}

/** Adds one tree's leaves to the margins of its group, in single precision as XGBoost does. */
export function addTree(
  margins: Float32Array,
  table: NumericTable,
  tree: Tree,
  group: number,
  groups: number,
): void {
  for (let row = 0; row < table.rows; row++) {
    margins[row * groups + group]! += leafValue(tree, table.values, row * table.columns);
  }
}

export function startMargins(objective: ObjectiveName, baseScore: number, size: number): Float32Array {
  return new Float32Array(size).fill(baseMargin(objective, baseScore));
}

/** Predicts every row; a table narrower than the model lacks its last features. */
export function predictTable(model: Ensemble, table: NumericTable): (number | number[])[] {
  const margins = startMargins(model.objective, model.baseScore, table.rows * model.groups);
  model.trees.forEach((tree, at) => {
    addTree(margins, table, tree, model.treeGroup[at]!, model.groups);
  });
  return Array.from({ length: table.rows }, (_, row) => {
    return toPrediction(model.objective, margins.subarray(row * model.groups, (row + 1) * model.groups));
  });
}
