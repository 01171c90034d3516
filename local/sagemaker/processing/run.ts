import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { filesUnder } from '../archive.ts';
import type { Context } from '../context.ts';
import { under } from '../objects.ts';
import type { JobSignals } from '../process/jobs.ts';
import { type ProgramEnd, runProgram } from '../process/run-program.ts';
import { downloadSource, InputMissing } from '../training/inputs.ts';
import { isTerminal, moved, type ProcessingJob, type ProcessingStatus, processingEvent } from './job.ts';
import { DEFAULT_RUNTIME_S, exitMessage, inFolder, layOutJob, localWords } from './job-folder.ts';

const REASON_CHARACTERS = 1024;

/** Ends a job as Failed; the message is its FailureReason. */
class JobFailure extends Error {}

/** Takes a processing job from its start to its end. Leaves the record as it is when the cloud closes. */
export async function runProcessing(context: Context, name: string, signals: JobSignals): Promise<void> {
  const folder = join(context.dir, 'processing', name);
  const ending = AbortSignal.any([signals.stop, signals.closing]);
  const job = () => context.store.get<ProcessingJob>('processing-job', name)!;

  function save(next: ProcessingJob): void {
    context.save('processing-job', next, processingEvent(next, context.store.tags(next.arn)));
  }

  async function end(status: ProcessingStatus, failure?: string): Promise<void> {
    const ExitMessage = await exitMessage(folder);
    const FailureReason = failure?.slice(0, REASON_CHARACTERS);
    const told = { ...(ExitMessage && { ExitMessage }), ...(FailureReason && { FailureReason }) };
    save(moved(job(), status, context.clock.now(), told));
  }

  async function work(): Promise<'Completed' | 'Stopped'> {
    await layOutJob(job(), folder);
    const now = context.clock.now();
    save({ ...job(), ProcessingStartTime: now, LastModifiedTime: now });
    await download(context, job(), folder, ending);
    ending.throwIfAborted();
    const { why, code } = await program(context, job(), folder, signals, () =>
      save(moved(job(), 'Stopping', context.clock.now())),
    );
    signals.closing.throwIfAborted();
    if (why !== undefined) return 'Stopped';
    if (code !== 0) throw await algorithmError(context, job(), folder, code);
    await upload(context, job(), folder);
    return 'Completed';
  }

  try {
    const release = await context.slots.take(ending);
    await end(await work().finally(release));
  } catch (error) {
    if (signals.closing.aborted) return;
    if (signals.stop.aborted) await end('Stopped');
    else await end('Failed', failureReason(error));
  }
  if (isTerminal(job().ProcessingJobStatus)) await rm(folder, { recursive: true, force: true });
}

async function download(
  context: Context,
  job: ProcessingJob,
  folder: string,
  ending: AbortSignal,
): Promise<void> {
  for (const { S3Input } of job.request.ProcessingInputs ?? []) {
    if (S3Input?.LocalPath === undefined) continue;
    await downloadSource(context.objects, S3Input, inFolder(S3Input.LocalPath, folder), ending);
  }
}

function program(
  context: Context,
  job: ProcessingJob,
  folder: string,
  { stop, closing }: JobSignals,
  onTooLong: () => void,
): Promise<ProgramEnd<'stop' | 'too-long'>> {
  const { AppSpecification: app, Environment, StoppingCondition } = job.request;
  const image = context.resolveImage(app.ImageUri) ?? { command: [app.ImageUri] };
  const entry = app.ContainerEntrypoint && localWords(app.ContainerEntrypoint, folder);
  return runProgram({
    child: {
      program: { ...image, command: entry ?? image.command },
      words: localWords(app.ContainerArguments, folder),
      baseDir: folder,
      env: {
        ...Environment,
        ...context.accessOf(job.request.RoleArn, job.name),
        AWS_REGION: context.identity.region,
        AWS_DEFAULT_REGION: context.identity.region,
        PROCESSING_JOB_NAME: job.name,
        PROCESSING_JOB_ARN: job.arn,
      },
    },
    logFile: join(context.dir, 'logs/processing', `${job.name}.log`),
    signals: [
      ['stop', stop],
      ['closing', closing],
    ],
    timers: [['too-long', (StoppingCondition?.MaxRuntimeInSeconds ?? DEFAULT_RUNTIME_S) * 1000]],
    onEnding: (why) => {
      if (why === 'too-long') onTooLong();
    },
    scale: context.clock.scale,
  });
}

/** Each output's files under its S3 prefix, by their paths below its local one. */
async function upload(context: Context, job: ProcessingJob, folder: string): Promise<void> {
  for (const { S3Output } of job.request.ProcessingOutputConfig?.Outputs ?? []) {
    if (S3Output?.LocalPath === undefined) continue;
    const local = inFolder(S3Output.LocalPath, folder);
    for (const file of await filesUnder(local))
      await context.objects.upload(under(S3Output.S3Uri, file), join(local, file));
  }
}

const NOT_STARTED = 127;

async function algorithmError(
  context: Context,
  job: ProcessingJob,
  folder: string,
  code: number,
): Promise<JobFailure> {
  const { ImageUri } = job.request.AppSpecification;
  const needs = code === NOT_STARTED ? context.resolveImage(ImageUri)?.needs : undefined;
  const text = (await exitMessage(folder)) ?? needs ?? 'See job logs for more information';
  return new JobFailure(`AlgorithmError: ${text}, exit code: ${code}`);
}

function failureReason(error: unknown): string {
  const { name, message } = error as Error;
  if (error instanceof JobFailure) return message;
  if (error instanceof InputMissing) return `ClientError: ${message}`;
  return `ClientError: Failed to upload or prepare the job's files: ${name}: ${message}`;
}
