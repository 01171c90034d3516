import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { filesUnder, packFolder } from '../archive.ts';
import type { Context } from '../context.ts';
import { toS3Uri, under } from '../objects.ts';
import type { JobSignals } from '../process/jobs.ts';
import { createCheckpoints } from './checkpoints.ts';
import { downloadChannel, InputMissing } from './inputs.ts';
import { isTerminal, moved, type SecondaryStatus, type TrainingJob, trainingEvent } from './job.ts';
import { failureText, layOutJob } from './job-folder.ts';
import { type Ended, type Ending, runTrainingProgram } from './program.ts';

const DEFAULT_RUNTIME_S = 86_400;
const CHECKPOINT_MS = 10_000;
const MIN_CHECKPOINT_MS = 250;

/** Thrown to end a job as Failed; the message is its FailureReason. */
class JobFailure extends Error {}

/** Takes a job from where its record stands to its end. Leaves the record as it is when the cloud closes. */
export async function runTraining(context: Context, name: string, signals: JobSignals): Promise<void> {
  const folder = join(context.dir, 'jobs', name);
  const job = () => context.store.get<TrainingJob>('training-job', name)!;
  const { signal: waitedTooLong, clear } = waitLimit(context, job());
  const ending = AbortSignal.any([signals.stop, signals.closing, waitedTooLong]);
  const checkpoints = createCheckpoints(context.objects, job().request.CheckpointConfig, folder);

  function move(status: SecondaryStatus, change: Partial<TrainingJob> = {}, message?: string): void {
    const next = moved({ ...job(), ...change }, status, context.clock.now(), message);
    context.save('training-job', next, trainingEvent(next, context.store.tags(next.arn)));
  }

  async function work(): Promise<void> {
    while (job().outcome === undefined && !signals.closing.aborted) {
      const release = await place();
      try {
        await attempt();
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

  /** From an empty folder to the end of the program, whatever ends it. */
  async function attempt(): Promise<void> {
    await layOutJob(job(), folder);
    move('Downloading');
    for (const channel of job().request.InputDataConfig ?? []) {
      await downloadChannel(context.objects, channel, join(folder, 'input/data'), ending);
    }
    await checkpoints.restore();
    ending.throwIfAborted();
    move('Training');
    const ended = await train();
    await checkpoints.save();
    const trainedMs = (job().trainedMs ?? 0) + ended.ranMs;
    if (ended.why === 'closing') return;
    if (ended.why === 'Interrupted') {
      move('Interrupted', { trainedMs });
      move('Starting', {}, 'Launching requested ML instances');
      return;
    }
    if (ended.why === undefined && ended.code !== 0) throw await algorithmError(folder, ended.code);
    const outcome = ended.why ?? 'Completed';
    move('Uploading', { outcome, FinalMetricDataList: ended.metrics ?? [], trainedMs });
  }

  async function train(): Promise<Ended> {
    const spot = job().request.EnableManagedSpotTraining === true;
    const interruption = spot ? context.disturbance.spotInterruption?.(name) : undefined;
    const copying = setInterval(
      () => context.background(checkpoints.save()),
      Math.max(MIN_CHECKPOINT_MS, CHECKPOINT_MS / context.clock.scale),
    );
    const limit = (job().request.StoppingCondition?.MaxRuntimeInSeconds ?? DEFAULT_RUNTIME_S) * 1000;
    return runTrainingProgram(context, {
      job: job(),
      folder,
      signals: [
        ['Stopped', signals.stop],
        ['MaxWaitTimeExceeded', waitedTooLong],
        ['closing', signals.closing],
      ],
      timers: [
        ['MaxRuntimeExceeded', Math.max(0, limit - (job().trainedMs ?? 0))],
        ...(interruption === undefined ? [] : [['Interrupted', interruption] as const]),
      ],
      onEnding,
    }).finally(() => clearInterval(copying));
  }

  function onEnding(why: Ending): void {
    if (why === 'MaxRuntimeExceeded' || why === 'MaxWaitTimeExceeded') move('Stopping');
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
    endWith(error);
  } finally {
    clear();
  }
  if (isTerminal(job().TrainingJobStatus)) await rm(folder, { recursive: true, force: true });

  function endWith(error: unknown): void {
    const stopped = ending.aborted && job().outcome === undefined;
    if (!stopped) move('Failed', { FailureReason: failureReason(error) });
    else if (signals.stop.aborted) move('Stopped');
    else {
      move('Stopping');
      move('MaxWaitTimeExceeded');
    }
  }
}

/** Aborts when a Managed Spot job has waited and trained for MaxWaitTimeInSeconds, counted from its creation. */
function waitLimit(context: Context, job: TrainingJob): { signal: AbortSignal; clear: () => void } {
  const limit = new AbortController();
  const seconds = job.request.StoppingCondition?.MaxWaitTimeInSeconds;
  if (seconds === undefined) return { signal: limit.signal, clear: () => undefined };
  const left = Math.max(0, job.CreationTime + seconds * 1000 - context.clock.now());
  const timer = setTimeout(() => limit.abort(), Math.min(left, 2 ** 31 - 1));
  return { signal: limit.signal, clear: () => clearTimeout(timer) };
}

async function algorithmError(folder: string, code: number): Promise<JobFailure> {
  const text = (await failureText(folder)) ?? 'See job logs for more information';
  return new JobFailure(`AlgorithmError: ${text}, exit code: ${code}`);
}

function failureReason(error: unknown): string {
  if (error instanceof JobFailure) return error.message;
  if (error instanceof InputMissing) return `ClientError: ${error.message}`;
  const { name, message } = error as Error;
  return `ClientError: Failed to upload or prepare the job's files: ${name}: ${message}`;
}
