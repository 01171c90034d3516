import { join } from 'node:path';
import type { Context } from '../context.ts';
import { type ProgramEnd, type ProgramOptions, runProgram } from '../process/run-program.ts';
import type { Outcome, TrainingJob } from './job.ts';
import { createLogMetrics } from './log-metrics.ts';

type Why = Exclude<Outcome, 'Completed'> | 'Interrupted';

/** Why a program is told to end before it ends by itself. */
export type Ending = Why | 'closing';

export interface TrainingProgram extends Pick<ProgramOptions<Why>, 'signals' | 'timers' | 'onEnding'> {
  readonly job: TrainingJob;
  readonly folder: string;
}

export interface Ended extends ProgramEnd<Why> {
  readonly metrics: TrainingJob['FinalMetricDataList'];
}

/** Runs a training job's program to its end and gathers the metrics that it prints. */
export async function runTrainingProgram(context: Context, options: TrainingProgram): Promise<Ended> {
  const { job, folder, ...endings } = options;
  const { AlgorithmSpecification: algorithm, Environment } = job.request;
  const metrics = createLogMetrics(algorithm.MetricDefinitions ?? []);
  const ended = await runProgram<Why>({
    ...endings,
    child: {
      program: context.resolveImage(algorithm.TrainingImage) ?? { command: [algorithm.TrainingImage] },
      words: algorithm.ContainerArguments ?? ['train'],
      baseDir: folder,
      env: {
        ...Environment,
        AWS_REGION: context.identity.region,
        TRAINING_JOB_NAME: job.name,
        TRAINING_JOB_ARN: job.arn,
      },
    },
    logFile: join(context.dir, 'logs/training', `${job.name}.log`),
    onText: (text) => metrics.add(text, context.clock.now()),
    scale: context.clock.scale,
  });
  return { ...ended, metrics: metrics.final() };
}
