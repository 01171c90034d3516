/** What training decides: pure functions of the run and of what SageMaker says. */
import { secondsOf } from '../../shared/contracts/duration.ts';
import { imageUri, ownImages } from '../../shared/contracts/images.ts';
import { isWorthAnotherAttempt } from '../../shared/contracts/job-failures.ts';
import { modelName, trainingJobName } from '../../shared/contracts/names.ts';
import { s3Uri } from '../../shared/contracts/s3-uri.ts';
import type { Fact } from '../../shared/lifecycle/facts.ts';
import type { RunIn, TrainingJob } from '../../shared/lifecycle/run.ts';
import { requestShape, shapeDigest } from '../../shared/serving/request-shape.ts';
import type { JobOrder, JobState, StartAnswer, TrainingSettings } from './ports.ts';

/** Where a run stands after a look: it waits, or a fact is recorded. */
export type Outcome = { readonly kind: 'wait' } | { readonly kind: 'record'; readonly fact: Fact };
export type Decision = Outcome | { readonly kind: 'start'; readonly order: JobOrder };

/** Attempt `attempt` (from 1) of a run: its job's name and instance follow from the run alone. */
export function attemptOf(
  run: RunIn<'prepared' | 'training'>,
  attempt: number,
  settings: TrainingSettings,
): TrainingJob {
  const { instance, fallbackInstances } = run.specification.train;
  const instances = [instance, ...fallbackInstances];
  return {
    attempt,
    job: trainingJobName(settings.stage, run.runId, attempt),
    instance: instances[Math.min(attempt - 1, instances.length - 1)] as string,
  };
}

/** What to do for a run in training, given what SageMaker says of its job (undefined: no such job yet). */
export function decide(
  run: RunIn<'training'>,
  job: JobState | undefined,
  settings: TrainingSettings,
): Decision {
  if (!job) return { kind: 'start', order: orderOf(run, settings) };
  if (job.runId !== run.runId) {
    const reason = `A training job named ${run.training.job} exists and is not ours (tag ratchet:run is ${job.runId ?? 'missing'}); remove it or rename the stage`;
    return fail(reason);
  }
  switch (job.status) {
    case 'running':
      return { kind: 'wait' };
    case 'completed':
      return completed(run, job, settings);
    case 'stopped':
      return isWorthAnotherAttempt(job.reason)
        ? nextAttempt(run, job.reason, settings)
        : fail(`The training job was stopped: ${job.reason}`);
    case 'failed':
      return isWorthAnotherAttempt(job.reason) ? nextAttempt(run, job.reason, settings) : fail(job.reason);
    default:
      return job.status satisfies never;
  }
}

/** What a refused or taken order means for the run. */
export function afterStart(run: RunIn<'training'>, answer: StartAnswer, settings: TrainingSettings): Outcome {
  switch (answer.kind) {
    case 'started':
    case 'name-taken':
      // A taken name may be our own earlier call: the next look describes it and reads its tag.
      return { kind: 'wait' };
    case 'refused':
      return answer.retryable ? nextAttempt(run, answer.reason, settings) : fail(answer.reason);
    default:
      return answer satisfies never;
  }
}

const fail = (reason: string): Outcome => ({
  kind: 'record',
  fact: { kind: 'run-failed', stage: 'training', reason },
});

function nextAttempt(run: RunIn<'training'>, reason: string, settings: TrainingSettings): Outcome {
  const attempt = run.training.attempt + 1;
  if (attempt > run.specification.train.attempts)
    return fail(`${reason} (after ${run.training.attempt} attempts)`);
  return { kind: 'record', fact: { kind: 'training-started', training: attemptOf(run, attempt, settings) } };
}

function completed(run: RunIn<'training'>, job: JobState, settings: TrainingSettings): Outcome {
  if (!job.artifact) return fail('The training job completed without a model artifact');
  const shape = requestShape(run.specification);
  const model = {
    name: modelName(settings.stage, run.runId),
    runId: run.runId,
    artifact: job.artifact,
    image: imageUri(run.specification.train.image, settings),
    dataset: run.dataset.version,
    asks: shapeDigest(shape),
    ...(shape.records === 'raw' ? { features: `${run.dataset.prefix}features.tar.gz` } : {}),
  };
  return { kind: 'record', fact: { kind: 'model-trained', model, metrics: { ...job.metrics } } };
}

function orderOf(run: RunIn<'training'>, settings: TrainingSettings): JobOrder {
  const { train } = run.specification;
  const channels: Record<string, string> = { train: `${run.dataset.prefix}train/` };
  if (run.dataset.rows.validation > 0) channels.validation = `${run.dataset.prefix}validation/`;
  return {
    name: run.training.job,
    runId: run.runId,
    image: imageUri(train.image, settings),
    instance: run.training.instance,
    volumeGb: train.volumeGb,
    maximumSeconds: secondsOf(train.maximumRuntime),
    // The last attempt must not hang on spare capacity.
    spot: train.spot && run.training.attempt < train.attempts,
    hyperparameters: Object.fromEntries(
      Object.entries(train.hyperparameters).map(([key, value]) => [key, String(value)]),
    ),
    channels,
    output: s3Uri(settings.artifactsBucket, `models/${run.pipeline}/${modelName(settings.stage, run.runId)}`),
    metrics: metricsOf(train.image),
  };
}

/** AWS's own algorithms bring their metrics; those of our images are read from their log lines. */
function metricsOf(image: string): JobOrder['metrics'] {
  if (!(ownImages as readonly string[]).includes(image)) return [];
  if (image === 'xgboost') {
    return ['rmse', 'mae', 'logloss', 'error', 'auc', 'merror', 'mlogloss'].map((metric) => ({
      name: `validation:${metric}`,
      pattern: `.*\\[[0-9]+\\].*#011validation-${metric}:(\\S+)`,
    }));
  }
  return [
    { name: 'train:loss', pattern: 'train_loss=([0-9.]+)' },
    { name: 'validation:accuracy', pattern: 'validation_accuracy=([0-9.]+)' },
  ];
}
