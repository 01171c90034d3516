/** What XGBoost is told for a first model. Pure. */
import type { Task } from './task.ts';

const SMALL = 1000;

export function hyperparametersOf(task: Task, rows: number): Readonly<Record<string, string | number>> {
  const small = rows < SMALL;
  return {
    ...learning(task),
    num_round: 200,
    early_stopping_rounds: 20,
    eta: 0.1,
    max_depth: small ? 4 : 6,
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
