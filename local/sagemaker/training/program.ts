import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { startChild } from '../process/child.ts';
import type { Outcome, TrainingJob } from './job.ts';
import { createLogMetrics } from './log-metrics.ts';

const STOP_GRACE_MS = 120_000;
const MIN_STOP_GRACE_MS = 2000;
const CLOSE_GRACE_MS = 2000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Why a program is told to end before it ends by itself. */
export type Ending = Exclude<Outcome, 'Completed'> | 'Interrupted' | 'closing';

export interface ProgramOptions {
  readonly job: TrainingJob;
  readonly folder: string;
  /** What ends it: signals, and times in milliseconds from its start. */
  readonly signals: readonly (readonly [Ending, AbortSignal])[];
  readonly timers: readonly (readonly [Ending, number])[];
  /** It is about to be ended. */
  readonly onEnding: (why: Ending) => void;
}

export interface Ended {
  readonly why: Ending | undefined;
  /** 127 when it could not be started. */
  readonly code: number;
  readonly ranMs: number;
  readonly metrics: TrainingJob['FinalMetricDataList'];
}

/** Runs a job's program to its end: by itself, or by SIGTERM and, after AWS's 120 s (scaled), SIGKILL. */
export async function runProgram(context: Context, options: ProgramOptions): Promise<Ended> {
  const { job, folder } = options;
  const { AlgorithmSpecification: algorithm, Environment } = job.request;
  const program = context.resolveImage(algorithm.TrainingImage) ?? { command: [algorithm.TrainingImage] };
  const metrics = createLogMetrics(algorithm.MetricDefinitions ?? []);
  const log = openLog(join(context.dir, 'logs/training', `${job.name}.log`));
  const began = performance.now();
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
  let why: Ending | undefined;
  const end = (reason: Ending) => () => {
    if (why === reason || why === 'closing') return;
    if (why === undefined) options.onEnding(reason);
    why = reason;
    const grace = Math.max(MIN_STOP_GRACE_MS, STOP_GRACE_MS / context.clock.scale);
    void child.stop(reason === 'closing' ? CLOSE_GRACE_MS : grace);
  };
  const ended = new AbortController();
  const timers = options.timers.map(([reason, ms]) => setTimeout(end(reason), Math.min(ms, MAX_TIMER_MS)));
  for (const [reason, signal] of options.signals) onAbort(signal, end(reason), ended.signal);
  const code = await child.exited;
  for (const timer of timers) clearTimeout(timer);
  ended.abort();
  log.end();
  return { why, code, ranMs: performance.now() - began, metrics: metrics.final() };
}

function onAbort(signal: AbortSignal, action: () => void, until: AbortSignal): void {
  if (signal.aborted) action();
  else signal.addEventListener('abort', action, { once: true, signal: until });
}

function openLog(file: string) {
  mkdirSync(dirname(file), { recursive: true });
  return createWriteStream(file, { flags: 'a' });
}
