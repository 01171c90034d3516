import type { Ensemble } from './ensemble.ts';
import { floatArray, floatText } from './float-text.ts';
import type { ObjectiveName } from './objective.ts';
import type { Tree } from './tree.ts';

const VERSION = [1, 7, 6];

/** The model in XGBoost 1.7's JSON schema (dmlc/xgboost, doc/model.schema). */
export function toModelJson(model: Ensemble, scalePositive: number): string {
  const trees = model.trees.map((tree, id) => treeJson(tree, id, model.features)).join(',');
  const rounds = model.trees.length / model.groups;
  const last = (model.bestIteration ?? rounds - 1).toString();
  const attributes = { best_iteration: last, best_ntree_limit: (Number(last) + 1).toString() };
  const parameters = { num_parallel_tree: '1', num_trees: `${model.trees.length}`, size_leaf_vector: '0' };
  const learner = {
    base_score: floatText(model.baseScore),
    boost_from_average: '1',
    num_class: model.objective.startsWith('multi:') ? `${model.groups}` : '0',
    num_feature: `${model.features}`,
    num_target: '1',
  };
  return [
    `{"learner":{"attributes":${JSON.stringify(attributes)},"feature_names":[],"feature_types":[],`,
    `"gradient_booster":{"model":{"gbtree_model_param":${JSON.stringify(parameters)},`,
    `"tree_info":${JSON.stringify(model.treeGroup)},"trees":[${trees}]},"name":"gbtree"},`,
    `"learner_model_param":${JSON.stringify(learner)},`,
    `"objective":${JSON.stringify(objectiveJson(model.objective, model.groups, scalePositive))}},`,
    `"version":${JSON.stringify(VERSION)}}`,
  ].join('');
}

function objectiveJson(name: ObjectiveName, groups: number, scalePositive: number): Record<string, unknown> {
  switch (name) {
    case 'reg:squarederror':
    case 'binary:logistic':
      return { name, reg_loss_param: { scale_pos_weight: `${scalePositive}` } };
    case 'multi:softmax':
    case 'multi:softprob':
      return { name, softmax_multiclass_param: { num_class: `${groups}` } };
  }
}

function treeJson(tree: Tree, id: number, features: number): string {
  const nodes = tree.left.length;
  const parameters = {
    num_deleted: '0',
    num_feature: `${features}`,
    num_nodes: `${nodes}`,
    size_leaf_vector: '0',
  };
  const whole = (values: Int32Array | Uint8Array): string => `[${values.join(',')}]`;
  return [
    `{"base_weights":${floatArray(tree.baseWeight)}`,
    `"categories":[],"categories_nodes":[],"categories_segments":[],"categories_sizes":[]`,
    `"default_left":${whole(tree.defaultLeft)}`,
    `"id":${id}`,
    `"left_children":${whole(tree.left)}`,
    `"loss_changes":${floatArray(tree.gain)}`,
    `"parents":${whole(tree.parent)}`,
    `"right_children":${whole(tree.right)}`,
    `"split_conditions":${floatArray(tree.threshold)}`,
    `"split_indices":${whole(tree.feature)}`,
    `"split_type":${whole(new Uint8Array(nodes))}`,
    `"sum_hessian":${floatArray(tree.hessian)}`,
    `"tree_param":${JSON.stringify(parameters)}}`,
  ].join(',');
}
