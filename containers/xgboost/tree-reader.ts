import type { Tree } from './tree.ts';

/** One tree of XGBoost's JSON model. */
export interface TreeDocument {
  readonly base_weights: readonly number[];
  readonly default_left: readonly (number | boolean)[];
  readonly left_children: readonly number[];
  readonly loss_changes: readonly number[];
  readonly parents: readonly number[];
  readonly right_children: readonly number[];
  readonly split_conditions: readonly number[];
  readonly split_indices: readonly number[];
  readonly split_type?: readonly number[];
  readonly sum_hessian: readonly number[];
}

/** Throws an Error for categorical splits and for arrays that do not form a tree. */
export function readTree(document: TreeDocument, features: number): Tree {
  if (document.split_type?.some((type) => type !== 0))
    throw new Error('categorical splits are not supported');
  const tree: Tree = {
    left: Int32Array.from(document.left_children),
    right: Int32Array.from(document.right_children),
    parent: Int32Array.from(document.parents),
    feature: Int32Array.from(document.split_indices),
    threshold: Float32Array.from(document.split_conditions),
    defaultLeft: Uint8Array.from(document.default_left, Number),
    baseWeight: Float32Array.from(document.base_weights),
    gain: Float32Array.from(document.loss_changes),
    hessian: Float32Array.from(document.sum_hessian),
  };
  checkTree(tree, features);
  return tree;
}

/** Walks from the root: a node reached twice would make a prediction run for ever. */
function checkTree(tree: Tree, features: number): void {
  const nodes = tree.left.length;
  const lengths = [tree.right, tree.feature, tree.threshold, tree.defaultLeft].map((array) => array.length);
  if (nodes === 0 || lengths.some((length) => length !== nodes))
    throw new Error('the arrays of a tree differ in length');
  const seen = new Uint8Array(nodes);
  const stack = [0];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (!(node >= 0 && node < nodes) || seen[node] === 1)
      throw new Error(`node ${node} of a tree is out of place`);
    seen[node] = 1;
    if (tree.left[node] === -1) continue;
    const feature = tree.feature[node]!;
    if (!(feature >= 0 && feature < features))
      throw new Error(`a tree splits on feature ${feature} of ${features}`);
    stack.push(tree.left[node]!, tree.right[node]!);
  }
}
