/** A regression tree in XGBoost's arrays: node 0 is the root; a leaf has left = right = -1 and its value in
 * `threshold`. At a split, value < threshold goes left, a missing value (NaN) where `defaultLeft` says. */
export interface Tree {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly parent: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly defaultLeft: Uint8Array;
  readonly baseWeight: Float32Array;
  readonly gain: Float32Array;
  readonly hessian: Float32Array;
}

/** The value of the leaf that the row from `offset` on falls into. */
export function leafValue(tree: Tree, values: Float32Array, offset: number): number {
  let node = 0;
  for (let left = tree.left[0]!; left >= 0; left = tree.left[node]!) {
    const value = values[offset + tree.feature[node]!]!;
    const goesLeft = Number.isNaN(value) ? tree.defaultLeft[node] === 1 : value < tree.threshold[node]!;
    node = goesLeft ? left : tree.right[node]!;
  }
  return tree.threshold[node]!;
}

/** Parent of the root, as XGBoost writes it. */
export const NO_PARENT = 2_147_483_647;

/** A node of a tree that still grows. */
export interface DraftNode {
  readonly parent: number;
  left: number;
  right: number;
  feature: number;
  threshold: number;
  defaultLeft: boolean;
  baseWeight: number;
  gain: number;
  readonly hessian: number;
}

export function draftNode(parent: number, hessian: number, baseWeight: number): DraftNode {
  const leaf = { left: -1, right: -1, feature: 0, threshold: 0, defaultLeft: false, gain: 0 };
  return { parent, hessian, baseWeight, ...leaf };
}

export function toTree(nodes: readonly DraftNode[]): Tree {
  return {
    left: Int32Array.from(nodes, (node) => node.left),
    right: Int32Array.from(nodes, (node) => node.right),
    parent: Int32Array.from(nodes, (node) => node.parent),
    feature: Int32Array.from(nodes, (node) => node.feature),
    threshold: Float32Array.from(nodes, (node) => node.threshold),
    defaultLeft: Uint8Array.from(nodes, (node) => (node.defaultLeft ? 1 : 0)),
    baseWeight: Float32Array.from(nodes, (node) => node.baseWeight),
    gain: Float32Array.from(nodes, (node) => node.gain),
    hessian: Float32Array.from(nodes, (node) => node.hessian),
  };
}
