import type { RunStore } from '../../shared/aws/run-store.ts';
import type { SlotKeeper } from '../../shared/aws/slot-keeper.ts';

/** A training job as the service wants it. `hyperparameters` are strings, as SageMaker takes them. */
export interface JobOrder {
  readonly name: string;
  readonly runId: string;
  readonly image: string;
  readonly instance: string;
  readonly volumeGb: number;
  readonly maximumSeconds: number;
  /** On spare instances, which may be taken away meanwhile. */
  readonly spot: boolean;
  readonly hyperparameters: Readonly<Record<string, string>>;
  /** Channel name → `s3://` prefix of CSV files. */
  readonly channels: Readonly<Record<string, string>>;
  readonly output: string;
  readonly metrics: readonly { readonly name: string; readonly pattern: string }[];
}

/** What SageMaker says of a job. */
export interface JobState {
  readonly status: 'running' | 'completed' | 'failed' | 'stopped';
  readonly reason: string;
  readonly artifact?: string;
  readonly metrics: Readonly<Record<string, number>>;
  /** The run that the job's tag names; undefined when the job is not ours. */
  readonly runId?: string;
}

export type StartAnswer =
  | { readonly kind: 'started' }
  | { readonly kind: 'name-taken' }
  /** SageMaker will not take this order: `retryable` when another time or instance may do. */
  | { readonly kind: 'refused'; readonly reason: string; readonly retryable: boolean };

export interface TrainingJobs {
  describe(name: string): Promise<JobState | undefined>;
  start(order: JobOrder): Promise<StartAnswer>;
}

export interface TrainingPorts {
  readonly runs: RunStore;
  readonly slots: SlotKeeper;
  readonly jobs: TrainingJobs;
  readonly settings: TrainingSettings;
}

export interface TrainingSettings {
  readonly stage: string;
  readonly account: string;
  readonly region: string;
  readonly artifactsBucket: string;
}
