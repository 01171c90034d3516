import {
  choice,
  type Hyperparameters,
  list,
  optional,
  parseHyperparameters,
  real,
  required,
  whole,
} from '../contract/hyperparameters.ts';
import { UserError } from '../contract/user-error.ts';
import { METRICS, type MetricName } from './metric.ts';
import { OBJECTIVES, type ObjectiveName } from './objective.ts';

const LARGE = 1e9;

/** Names, defaults and ranges of XGBoost 1.7 as SageMaker's built-in algorithm takes them. The last five are
 * accepted only with the one meaning that this program has. */
const SPEC = {
  num_round: required(whole(0, { min: 1, max: 100_000 })),
  eta: real(0.3, { min: 0, max: 1 }),
  max_depth: whole(6, { min: 1, max: 30 }),
  lambda: real(1, { min: 0, max: LARGE }),
  alpha: real(0, { min: 0, max: LARGE }),
  gamma: real(0, { min: 0, max: LARGE }),
  min_child_weight: real(1, { min: 0, max: LARGE }),
  subsample: real(1, { min: 0, max: 1, openMin: true }),
  colsample_bytree: real(1, { min: 0, max: 1, openMin: true }),
  scale_pos_weight: real(1, { min: 0, max: LARGE, openMin: true }),
  objective: choice<ObjectiveName>('reg:squarederror', OBJECTIVES),
  num_class: optional(whole(2, { min: 2, max: 1000 })),
  base_score: real(0.5, { min: -LARGE, max: LARGE }),
  eval_metric: list(choice<MetricName>('rmse', METRICS)),
  early_stopping_rounds: optional(whole(1, { min: 1, max: 100_000 })),
  max_bin: whole(256, { min: 2, max: 65_535 }),
  seed: whole(0, { min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }),
  booster: choice('gbtree', ['gbtree']),
  tree_method: choice('hist', ['auto', 'hist']),
  grow_policy: choice('depthwise', ['depthwise']),
  verbosity: whole(1, { min: 0, max: 3 }),
  nthread: whole(1, { min: 1, max: 1024 }),
};

export type XgboostHyperparameters = Hyperparameters<typeof SPEC>;

/** Throws UserError for a missing, unknown or contradictory hyperparameter. */
export function parseXgboostHyperparameters(given: Readonly<Record<string, string>>): XgboostHyperparameters {
  const parsed = parseHyperparameters(SPEC, given);
  const multi = parsed.objective.startsWith('multi:');
  if (multi && parsed.num_class === undefined) {
    throw new UserError(`Objective ${parsed.objective} requires the hyperparameter num_class.`);
  }
  if (!multi && parsed.num_class !== undefined) {
    throw new UserError(
      `Hyperparameter num_class is for multi:softmax and multi:softprob, not ${parsed.objective}.`,
    );
  }
  if (parsed.objective === 'binary:logistic' && (parsed.base_score <= 0 || parsed.base_score >= 1)) {
    throw new UserError('Hyperparameter base_score must lie between 0 and 1 for binary:logistic.');
  }
  return parsed;
}
