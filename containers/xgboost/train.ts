import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireChannel } from '../contract/channels.ts';
import type { TrainingJob } from '../contract/training-job.ts';
import { UserError } from '../contract/user-error.ts';
import { type Booster, createBooster, createFollower } from './booster.ts';
import { type DataMatrix, readDataMatrix } from './data-matrix.ts';
import type { Ensemble } from './ensemble.ts';
import { createEarlyStopping, roundLine, scoreAll, type Watched } from './evaluation.ts';
import { parseXgboostHyperparameters, type XgboostHyperparameters } from './hyperparameters.ts';
import { defaultMetric, type MetricName, metricFault } from './metric.ts';
import { toModelJson } from './model-json.ts';
import { labelFault } from './objective.ts';

/** The artefact's name in SageMaker's XGBoost container. */
export const MODEL_FILE = 'xgboost-model';

/** Boosts on channel `train`, watches the optional channel `validation`, writes `model/xgboost-model`. */
export async function train(job: TrainingJob): Promise<void> {
  const parameters = parseXgboostHyperparameters(job.hyperparameters);
  const metrics = metricsOf(parameters);
  const data = readDataMatrix(requireChannel(job.channels, 'train'));
  checkLabels(data, 'train', parameters);
  const validation = readValidation(job, data, parameters);
  job.log(`Train matrix has ${data.table.rows} rows and ${data.table.columns} columns`);
  if (validation) job.log(`Validation matrix has ${validation.table.rows} rows`);
  const booster = createBooster(data, parameters);
  const model = await boostRounds(job, booster, { parameters, metrics, data, validation });
  const path = join(job.modelDir, MODEL_FILE);
  writeFileSync(`${path}.tmp`, toModelJson(model, parameters.scale_pos_weight));
  renameSync(`${path}.tmp`, path);
}

interface Boosting {
  readonly parameters: XgboostHyperparameters;
  readonly metrics: readonly MetricName[];
  readonly data: DataMatrix;
  readonly validation: DataMatrix | undefined;
}

async function boostRounds(job: TrainingJob, booster: Booster, boosting: Boosting): Promise<Ensemble> {
  const { parameters, metrics, data, validation } = boosting;
  const follower = validation && createFollower(validation.table, parameters);
  const watched: Watched[] = [{ name: 'train', margins: booster.margins, labels: data.labels }];
  if (validation && follower) {
    watched.push({ name: 'validation', margins: follower.margins, labels: validation.labels });
  }
  const patience = validation ? parameters.early_stopping_rounds : undefined;
  const stopping = patience === undefined ? undefined : createEarlyStopping(patience);
  let round = 0;
  for (let stop = false; round < parameters.num_round && !stop; round++) {
    const trees = booster.boost();
    follower?.follow(trees);
    const scores = scoreAll(watched, metrics, parameters.objective);
    job.log(roundLine(round, scores));
    stop = stopping?.shouldStop(round, scores) ?? false;
    await job.breathe();
  }
  if (!stopping) return booster.toEnsemble(round);
  return booster.toEnsemble(stopping.best() + 1, stopping.best());
}

function metricsOf(parameters: XgboostHyperparameters): readonly MetricName[] {
  const metrics =
    parameters.eval_metric.length > 0 ? parameters.eval_metric : [defaultMetric(parameters.objective)];
  for (const metric of metrics) {
    const fault = metricFault(metric, parameters.objective);
    if (fault) throw new UserError(fault);
  }
  return metrics;
}

function readValidation(
  job: TrainingJob,
  data: DataMatrix,
  parameters: XgboostHyperparameters,
): DataMatrix | undefined {
  const channel = job.channels.get('validation');
  if (!channel || channel.files.length === 0) return undefined;
  const validation = readDataMatrix(channel, data.table.columns);
  checkLabels(validation, 'validation', parameters);
  return validation;
}

function checkLabels(data: DataMatrix, channel: string, parameters: XgboostHyperparameters): void {
  data.labels.forEach((label, row) => {
    const fault = labelFault(parameters.objective, label, parameters.num_class ?? 1);
    if (fault) throw new UserError(`Channel ${channel}, row ${row + 1}: ${fault}, but is ${label}.`);
  });
}
