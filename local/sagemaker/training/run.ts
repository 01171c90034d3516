import { createWriteStream, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filesUnder, packFolder } from '../archive.ts';
import type { Context } from '../context.ts';
import { toS3Uri, under } from '../objects.ts';
import { startChild } from '../process/child.ts';
import type { JobSignals } from '../process/jobs.ts';
import { downloadChannel, InputMissing } from './inputs.ts';
import {
  isTerminal,
  moved,
  type Outcome,
  type SecondaryStatus,
  type TrainingJob,
  trainingEvent,
} from './job.ts';
import { failureText, layOutJob } from './job-folder.ts';
import { createLogMetrics } from './log-metrics.ts';

const STOP_GRACE_MS = 120_000;
const CLOSE_GRACE_MS = 2000;

/** Thrown to end a job as Failed; the message is its FailureReason. */
class JobFailure extends Error {}

/** Takes a job from where its record stands to its end. Leaves the record as it is when the cloud closes. */
export async function runTraining(context: Context, name: string, signals: JobSignals): Promise<void> {
  const folder = join(context.dir, 'jobs', name);
  const job = () => context.store.get<TrainingJob>('training-job', name)!;
  const ending = AbortSignal.any([signals.stop, signals.closing]);

  function move(status: SecondaryStatus, change: Partial<TrainingJob> = {}, message?: string): void {
    const next = moved({ ...job(), ...change }, status, context.clock.now(), message);
    context.save('training-job', next, trainingEvent(next, context.store.tags(next.arn)));
  }

  async function work(): Promise<void> {
    if (job().outcome === undefined) {
      const release = await place();
      try {
        await train();
      } finally {
        release();
      }
    }
    if (!signals.closing.aborted) await finish();
  }

  async function place(): Promise<() => void> {
    if (!context.slots.free) move('Pending');
    return context.slots.take(ending);
  }

  async function train(): Promise<void> {
    await layOutJob(job(), folder);
    move('Downloading');
    for (const channel of job().request.InputDataConfig ?? []) {
      await downloadChannel(context.objects, channel, join(folder, 'input/data'), ending);
    }
    ending.throwIfAborted();
    move('Training');
    const { outcome, metrics } = await runProgram(context, job(), folder, signals);
    if (signals.closing.aborted) return;
    move('Uploading', { outcome, FinalMetricDataList: metrics });
  }

  async function finish(): Promise<void> {
    const { request, outcome = 'Completed' } = job();
    const path = `${request.OutputDataConfig.S3OutputPath.replace(/\/$/, '')}/${name}/output`;
    const model = under(path, 'model.tar.gz');
    await packFolder(join(folder, 'model'), join(folder, 'model.tar.gz'));
    await context.objects.upload(model, join(folder, 'model.tar.gz'));
    await uploadData(path);
    move(outcome, { ModelArtifacts: { S3ModelArtifacts: toS3Uri(model) } });
  }

  async function uploadData(path: string): Promise<void> {
    if ((await filesUnder(join(folder, 'output/data'))).length === 0) return;
    await packFolder(join(folder, 'output/data'), join(folder, 'output.tar.gz'));
    await context.objects.upload(under(path, 'output.tar.gz'), join(folder, 'output.tar.gz'));
  }

  try {
    await work();
  } catch (error) {
    if (signals.closing.aborted) return;
    if (signals.stop.aborted && job().outcome === undefined) move('Stopped');
    else move('Failed', { FailureReason: failureReason(error) });
  }
  if (isTerminal(job().TrainingJobStatus)) await rm(folder, { recursive: true, force: true });
}

function failureReason(error: unknown): string {
  if (error instanceof JobFailure) return error.message;
  if (error instanceof InputMissing) return `ClientError: ${error.message}`;
  const { name, message } = error as Error;
  return `ClientError: Failed to upload or prepare the job's files: ${name}: ${message}`;
}

/** Runs `train` to its end and tells how it ended. Throws JobFailure for a bad exit code. */
async function runProgram(context: Context, job: TrainingJob, folder: string, signals: JobSignals) {
  const { AlgorithmSpecification: algorithm, Environment, StoppingCondition } = job.request;
  const program = context.resolveImage(algorithm.TrainingImage);
  if (!program) throw new JobFailure(`ClientError: Cannot find image ${algorithm.TrainingImage}`);
  const metrics = createLogMetrics(algorithm.MetricDefinitions ?? []);
  const log = openLog(join(context.dir, 'logs/training', `${job.name}.log`));
  const child = startChild({
    program,
    words: algorithm.ContainerArguments ?? ['train'],
    baseDir: folder,
    env: {
      ...Environment,
      AWS_REGION: context.identity.region,
      TRAINING_JOB_NAME: job.name,
      TRAINING_JOB_ARN: job.arn,
    },
    output: (text) => {
      log.write(text);
      metrics.add(text, context.clock.now());
    },
  });
  let outcome: Outcome = 'Completed';
  const stop = (as: Outcome, graceMs: number) => () => {
    outcome = as;
    void child.stop(graceMs);
  };
  const limit = (StoppingCondition?.MaxRuntimeInSeconds ?? 86_400) * 1000;
  const timer = setTimeout(stop('MaxRuntimeExceeded', STOP_GRACE_MS), Math.min(limit, 2 ** 31 - 1));
  const ended = new AbortController();
  onAbort(signals.stop, stop('Stopped', STOP_GRACE_MS), ended.signal);
  onAbort(signals.closing, stop('Stopped', CLOSE_GRACE_MS), ended.signal);
  const code = await child.exited;
  clearTimeout(timer);
  ended.abort();
  log.end();
  if (code !== 0 && outcome === 'Completed') {
    const text = (await failureText(folder)) ?? 'See job logs for more information';
    throw new JobFailure(`AlgorithmError: ${text}, exit code: ${code}`);
  }
  return { outcome, metrics: metrics.final() };
}

function onAbort(signal: AbortSignal, action: () => void, until: AbortSignal): void {
  if (signal.aborted) action();
  else signal.addEventListener('abort', action, { once: true, signal: until });
}

function openLog(file: string) {
  mkdirSync(dirname(file), { recursive: true });
  return createWriteStream(file, { flags: 'a' });
}
