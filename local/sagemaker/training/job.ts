import type { ServiceEvent } from '../../ports.ts';
import type { Document } from '../store.ts';

export type TrainingStatus = 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';

export type SecondaryStatus =
  | 'Starting'
  | 'Pending'
  | 'Restarting'
  | 'Downloading'
  | 'Training'
  | 'Uploading'
  | 'Stopping'
  | 'Stopped'
  | 'MaxRuntimeExceeded'
  | 'MaxWaitTimeExceeded'
  | 'Interrupted'
  | 'Completed'
  | 'Failed';

/** How the program ended, once it has: what the job ends as when its outputs are uploaded. */
export type Outcome = 'Completed' | 'Stopped' | 'MaxRuntimeExceeded' | 'MaxWaitTimeExceeded';

interface Transition {
  readonly Status: SecondaryStatus;
  readonly StartTime: number;
  readonly EndTime?: number;
  readonly StatusMessage: string;
}

export interface S3DataSource {
  readonly S3DataType: string;
  readonly S3Uri: string;
  readonly S3DataDistributionType?: string;
}

export interface Channel {
  readonly ChannelName: string;
  readonly DataSource: { readonly S3DataSource?: S3DataSource };
  readonly ContentType?: string;
  readonly CompressionType?: string;
  readonly RecordWrapperType?: string;
  readonly InputMode?: string;
}

export interface CheckpointConfig {
  readonly S3Uri: string;
  /** `/opt/ml/checkpoints/` when absent. */
  readonly LocalPath?: string;
}

/** The members of CreateTrainingJob that this service acts on; the others are kept and described. */
export interface TrainingRequest {
  readonly RoleArn: string;
  readonly AlgorithmSpecification: {
    readonly TrainingImage: string;
    readonly TrainingInputMode: string;
    readonly MetricDefinitions?: readonly { readonly Name: string; readonly Regex: string }[];
    readonly ContainerArguments?: readonly string[];
  };
  readonly HyperParameters?: Readonly<Record<string, string>>;
  readonly InputDataConfig?: readonly Channel[];
  readonly OutputDataConfig: { readonly S3OutputPath: string; readonly CompressionType?: 'GZIP' | 'NONE' };
  readonly ResourceConfig?: { readonly InstanceType?: string; readonly InstanceCount?: number };
  readonly StoppingCondition?: {
    readonly MaxRuntimeInSeconds?: number;
    /** Spot only: waiting and training together, from the job's creation. */
    readonly MaxWaitTimeInSeconds?: number;
  };
  readonly EnableManagedSpotTraining?: boolean;
  readonly CheckpointConfig?: CheckpointConfig;
  readonly Environment?: Readonly<Record<string, string>>;
}

export interface FinalMetric {
  readonly MetricName: string;
  readonly Value: number;
  readonly Timestamp: number;
}

export interface TrainingJob extends Document {
  readonly request: TrainingRequest;
  readonly TrainingJobStatus: TrainingStatus;
  readonly SecondaryStatus: SecondaryStatus;
  readonly LastModifiedTime: number;
  readonly TrainingStartTime?: number;
  readonly TrainingEndTime?: number;
  readonly SecondaryStatusTransitions: readonly Transition[];
  readonly FailureReason?: string;
  readonly ModelArtifacts?: { readonly S3ModelArtifacts: string };
  readonly FinalMetricDataList?: readonly FinalMetric[];
  /** Set before Uploading: an upload that was cut off is taken up again without a new training. */
  readonly outcome?: Outcome;
  /** For how long the program has run, without the times between a spot interruption and the next start. */
  readonly trainedMs?: number;
}

const MESSAGES: Readonly<Record<SecondaryStatus, string>> = {
  Starting: 'Preparing the instances for training',
  Pending: 'Waiting for capacity',
  Restarting: 'Restarting the training job after an interruption',
  Downloading: 'Downloading input data',
  Training: 'Training image download completed. Training in progress.',
  Uploading: 'Uploading generated training model',
  Stopping: 'Stopping the training job',
  Stopped: 'Training job stopped',
  MaxRuntimeExceeded: 'Training job runtime exceeded MaxRuntimeInSeconds provided',
  MaxWaitTimeExceeded: 'Training job wait time exceeded MaxWaitTimeInSeconds provided',
  Interrupted: 'Training job interrupted: its managed spot instance was taken away',
  Completed: 'Training job completed',
  Failed: 'Training job failed',
};

export const isTerminal = (status: TrainingStatus) =>
  status === 'Completed' || status === 'Failed' || status === 'Stopped';

function primaryStatus(secondary: SecondaryStatus, current: TrainingStatus): TrainingStatus {
  switch (secondary) {
    case 'Completed':
    case 'Failed':
    case 'Stopped':
    case 'Stopping':
      return secondary;
    case 'MaxRuntimeExceeded':
    case 'MaxWaitTimeExceeded':
      return 'Stopped';
    case 'Starting':
    case 'Pending':
    case 'Restarting':
    case 'Downloading':
    case 'Training':
    case 'Uploading':
    case 'Interrupted':
      // A job that is being stopped still uploads what it has.
      return current;
  }
}

/** The job in its next secondary status, the transition before it closed. */
export function moved(
  job: TrainingJob,
  secondary: SecondaryStatus,
  now: number,
  message?: string,
): TrainingJob {
  const before = job.SecondaryStatusTransitions.map((each, index, all) =>
    index === all.length - 1 ? { ...each, EndTime: now } : each,
  );
  const status = primaryStatus(secondary, job.TrainingJobStatus);
  const ended = isTerminal(status);
  const transition = { Status: secondary, StartTime: now, StatusMessage: message ?? MESSAGES[secondary] };
  return {
    ...job,
    TrainingJobStatus: status,
    SecondaryStatus: secondary,
    LastModifiedTime: now,
    SecondaryStatusTransitions: [...before, ended ? { ...transition, EndTime: now } : transition],
    ...(secondary === 'Downloading' && job.TrainingStartTime === undefined ? { TrainingStartTime: now } : {}),
    ...(ended ? { TrainingEndTime: now } : {}),
  };
}

/** `SageMaker Training Job State Change`: its times are epoch milliseconds as strings. */
export function trainingEvent(job: TrainingJob, tags: Readonly<Record<string, string>>): ServiceEvent {
  const { request } = job;
  const time = (name: string, value: number | undefined) =>
    value === undefined ? {} : { [name]: String(value) };
  return {
    source: 'aws.sagemaker',
    detailType: 'SageMaker Training Job State Change',
    resources: [job.arn],
    time: job.LastModifiedTime,
    detail: {
      TrainingJobName: job.name,
      TrainingJobArn: job.arn,
      TrainingJobStatus: job.TrainingJobStatus,
      SecondaryStatus: job.SecondaryStatus,
      ...(job.FailureReason === undefined ? {} : { FailureReason: job.FailureReason }),
      HyperParameters: request.HyperParameters ?? {},
      AlgorithmSpecification: request.AlgorithmSpecification,
      RoleArn: request.RoleArn,
      InputDataConfig: request.InputDataConfig ?? [],
      OutputDataConfig: request.OutputDataConfig,
      ResourceConfig: request.ResourceConfig ?? {},
      VpcConfig: {},
      StoppingCondition: request.StoppingCondition ?? {},
      ...time('CreationTime', job.CreationTime),
      ...time('TrainingStartTime', job.TrainingStartTime),
      ...time('TrainingEndTime', job.TrainingEndTime),
      ...time('LastModifiedTime', job.LastModifiedTime),
      SecondaryStatusTransitions: job.SecondaryStatusTransitions,
      Tags: tags,
    },
  };
}
