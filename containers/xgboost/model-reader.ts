import type { Ensemble } from './ensemble.ts';
import { OBJECTIVES, type ObjectiveName } from './objective.ts';
import { readTree, type TreeDocument } from './tree-reader.ts';

/** The parts of XGBoost's JSON model that predictions depend on. */
interface ModelDocument {
  readonly learner: {
    readonly attributes?: Readonly<Record<string, string>>;
    readonly gradient_booster: {
      readonly name: string;
      readonly model: {
        readonly gbtree_model_param: { readonly num_parallel_tree?: string };
        readonly tree_info: readonly number[];
        readonly trees: readonly TreeDocument[];
      };
    };
    readonly learner_model_param: {
      readonly base_score: string;
      readonly num_class: string;
      readonly num_feature: string;
      readonly num_target?: string;
    };
    readonly objective: { readonly name: string };
  };
}

/** Reads a model that this program or real XGBoost (1.x to 3.x) saved as JSON. Throws an Error that says why it
 * cannot be served. As in SageMaker's container, only the rounds up to `best_iteration` count. */
export function readModelJson(bytes: Buffer): Ensemble {
  const { learner } = parseDocument(bytes);
  const booster = learner.gradient_booster;
  if (booster?.name !== 'gbtree')
    throw new Error(`the booster ${booster?.name} is not supported, only gbtree`);
  if (Number(learner.learner_model_param.num_target ?? 1) > 1)
    throw new Error('several targets are not supported');
  const features = Number(learner.learner_model_param.num_feature);
  const groups = Math.max(1, Number(learner.learner_model_param.num_class));
  const parallel = Number(booster.model.gbtree_model_param.num_parallel_tree ?? 1);
  const count = usedTrees(learner.attributes, booster.model.trees.length, groups * parallel);
  const treeGroup = booster.model.tree_info.slice(0, count);
  if (treeGroup.length !== count || treeGroup.some((group) => !(group >= 0 && group < groups))) {
    throw new Error('tree_info does not fit the trees');
  }
  return {
    objective: objectiveOf(learner.objective.name),
    groups,
    features,
    baseScore: baseScoreOf(learner.learner_model_param.base_score),
    trees: booster.model.trees.slice(0, count).map((tree) => readTree(tree, features)),
    treeGroup,
  };
}

function parseDocument(bytes: Buffer): ModelDocument {
  let document: ModelDocument;
  try {
    document = JSON.parse(bytes.toString('utf8')) as ModelDocument;
  } catch {
    throw new Error(
      `xgboost-model is ${formatOf(bytes)}; save it as JSON: booster.save_model('xgboost-model.json')`,
    );
  }
  const learner = document?.learner;
  if (!learner?.gradient_booster || !learner.learner_model_param || !learner.objective) {
    throw new Error(
      'xgboost-model is JSON, but not a model of XGBoost: its learner is missing or incomplete',
    );
  }
  return document;
}

function formatOf(bytes: Buffer): string {
  // UBJSON opens an object and marks the length of its first key by a type letter.
  if (bytes[0] === 0x7b && 'iUIlL'.includes(String.fromCharCode(bytes[1] ?? 0))) return 'UBJSON';
  if (bytes[0] === 0x80) return 'a Python pickle';
  if (bytes.subarray(0, 4).toString('latin1') === 'binf') return "XGBoost's old binary format";
  return 'not JSON';
}

function objectiveOf(name: string): ObjectiveName {
  const found = OBJECTIVES.find((objective) => objective === name);
  if (found) return found;
  if (name === 'reg:linear') return 'reg:squarederror';
  if (name === 'reg:logistic') return 'binary:logistic';
  throw new Error(`the objective ${name} is not supported, only ${OBJECTIVES.join(', ')}`);
}

/** XGBoost writes `"5E-1"`, since 3.1 `"[5E-1]"`. */
function baseScoreOf(text: string): number {
  const value = Number(text.replace(/^\[|\]$/g, ''));
  if (!Number.isFinite(value)) throw new Error(`base_score ${text} is not one number`);
  return Math.fround(value);
}

function usedTrees(
  attributes: Readonly<Record<string, string>> | undefined,
  trees: number,
  perRound: number,
): number {
  const best = attributes?.best_iteration;
  return best === undefined ? trees : Math.min(trees, (Number(best) + 1) * perRound);
}
