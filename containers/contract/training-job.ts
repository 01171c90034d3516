import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Channel, readChannels } from './channels.ts';
import type { ContainerConfig } from './config.ts';
import { isUserError, UserError } from './user-error.ts';

/** `input/config/resourceconfig.json`, as far as a program on one host needs it. */
export interface Resources {
  readonly currentHost: string;
  readonly hosts: readonly string[];
}

/** A training job as SageMaker lays it out under the base directory. */
export interface TrainingJob {
  readonly hyperparameters: Readonly<Record<string, string>>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly resources: Resources;
  /** What is written here becomes `model.tar.gz`. */
  readonly modelDir: string;
  /** Writes one line to the job's log, where metric regexes look. */
  log(line: string): void;
  /** Lets signals be heard between two steps of a long computation. */
  breathe(): Promise<void>;
}

/** SageMaker keeps the first 1,024 characters of `output/failure` as FailureReason. */
const FAILURE_CHARACTERS = 1024;
const EXIT_USER_ERROR = 1;
const EXIT_PROGRAM_ERROR = 2;
const EXIT_TERMINATED = 143;

/** Runs one training job and gives its exit code: 0, 1 for a user's error, 2 for an error of the program; in
 * the last two `output/failure` holds the reason. */
export async function runTraining(
  config: ContainerConfig,
  train: (job: TrainingJob) => Promise<void>,
): Promise<number> {
  // Process 1 of a container ignores SIGTERM unless it asks for it: StopTrainingJob would take 120 s.
  process.once('SIGTERM', () => process.exit(EXIT_TERMINATED));
  try {
    await train(openJob(config.baseDir));
    return 0;
  } catch (error) {
    return reportFailure(config.baseDir, error);
  }
}

function openJob(baseDir: string): TrainingJob {
  const resources = readJson(baseDir, 'resourceconfig.json', { current_host: 'algo-1', hosts: ['algo-1'] });
  const hosts = resources.hosts as readonly string[];
  if (hosts.length > 1)
    throw new UserError(`This program trains on one instance, but the job has ${hosts.length}.`);
  const modelDir = join(baseDir, 'model');
  mkdirSync(modelDir, { recursive: true });
  return {
    hyperparameters: readJson(baseDir, 'hyperparameters.json', {}) as Record<string, string>,
    channels: readChannels(baseDir),
    resources: { currentHost: String(resources.current_host), hosts },
    modelDir,
    log: (line) => console.log(line),
    breathe: () => nextTurn(),
  };
}

function readJson(baseDir: string, name: string, absent: Record<string, unknown>): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(join(baseDir, 'input/config', name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return absent;
    throw error;
  }
  return JSON.parse(text) as Record<string, unknown>;
}

function reportFailure(baseDir: string, error: unknown): number {
  const byUser = isUserError(error);
  const message = error instanceof Error ? error.message : String(error);
  const reason = `${byUser ? 'ClientError' : 'AlgorithmError'}: ${message}`;
  console.error(byUser ? reason : error);
  const directory = join(baseDir, 'output');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'failure'), reason.slice(0, FAILURE_CHARACTERS));
  return byUser ? EXIT_USER_ERROR : EXIT_PROGRAM_ERROR;
}
