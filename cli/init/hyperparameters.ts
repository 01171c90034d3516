/** What XGBoost is told for a first model. Pure. */
import type { Task } from './task.ts';

const SMALL = 1000;

/** Cells that boosting may look at, over all of its trees: some minutes on two processors. */
const MOST_CELLS = 3e9;
const ROUNDS = { least: 20, most: 200 };
/** With fewer rounds each must learn more. */
const MANY_ROUNDS = 100;

/** `features`: what the model sees of a row. */
export function hyperparametersOf(
  task: Task,
  rows: number,
  features: number,
): Readonly<Record<string, string | number>> {
  const small = rows < SMALL;
  const trees = task.kind === 'multi-class' ? task.classes.length : 1;
  const affordable = Math.floor(MOST_CELLS / (rows * Math.max(features, 5) * trees));
  const rounds = Math.min(ROUNDS.most, Math.max(ROUNDS.least, affordable));
  const quick = rounds < MANY_ROUNDS;
  return {
    ...learning(task),
    num_round: rounds,
    early_stopping_rounds: quick ? 5 : 20,
    eta: quick ? 0.3 : 0.1,
    max_depth: small || quick ? 4 : 6,
    min_child_weight: small ? 1 : 3,
    subsample: 0.9,
    colsample_bytree: 0.9,
    seed: 1,
  };
}

function learning(task: Task): Readonly<Record<string, string | number>> {
  switch (task.kind) {
    case 'binary': {
      const share = Math.min(Math.max(task.shares[1]!, 0.001), 0.999);
      return { objective: 'binary:logistic', eval_metric: 'logloss', base_score: rounded(share) };
    }
    case 'multi-class':
      return { objective: 'multi:softmax', num_class: task.classes.length, eval_metric: 'mlogloss' };
    case 'regression':
      return { objective: 'reg:squarederror', eval_metric: 'rmse', base_score: rounded(task.mean) };
  }
}

const rounded = (value: number): number => Number(value.toPrecision(3));
