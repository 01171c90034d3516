import type { ServiceEvent } from '../../ports.ts';
import type { Document } from '../store.ts';
import type { S3DataSource } from '../training/job.ts';

export type ProcessingStatus = 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';

export interface ProcessingInput {
  readonly InputName: string;
  readonly AppManaged?: boolean;
  readonly S3Input?: S3DataSource & {
    /** Below `/opt/ml/processing`. */
    readonly LocalPath?: string;
    readonly S3InputMode?: string;
    readonly S3CompressionType?: string;
  };
}

export interface ProcessingOutput {
  readonly OutputName: string;
  readonly AppManaged?: boolean;
  readonly S3Output?: { readonly S3Uri: string; readonly LocalPath?: string; readonly S3UploadMode: string };
}

/** The members of CreateProcessingJob that this service acts on; the others are kept and described. */
export interface ProcessingRequest {
  readonly RoleArn: string;
  readonly AppSpecification: {
    readonly ImageUri: string;
    readonly ContainerEntrypoint?: readonly string[];
    readonly ContainerArguments?: readonly string[];
  };
  readonly ProcessingInputs?: readonly ProcessingInput[];
  readonly ProcessingOutputConfig?: { readonly Outputs: readonly ProcessingOutput[] };
  readonly ProcessingResources: {
    readonly ClusterConfig: {
      readonly InstanceCount: number;
      readonly InstanceType: string;
      readonly VolumeSizeInGB: number;
    };
  };
  readonly StoppingCondition?: { readonly MaxRuntimeInSeconds: number };
  readonly Environment?: Readonly<Record<string, string>>;
}

export interface ProcessingJob extends Document {
  readonly request: ProcessingRequest;
  readonly ProcessingJobStatus: ProcessingStatus;
  readonly LastModifiedTime: number;
  readonly ProcessingStartTime?: number;
  readonly ProcessingEndTime?: number;
  /** What the program left in `/opt/ml/output/message`. */
  readonly ExitMessage?: string;
  readonly FailureReason?: string;
}

export const isTerminal = (status: ProcessingStatus) =>
  status === 'Completed' || status === 'Failed' || status === 'Stopped';

/** The job in its next status. */
export function moved(
  job: ProcessingJob,
  status: ProcessingStatus,
  now: number,
  told: Pick<ProcessingJob, 'ExitMessage' | 'FailureReason'> = {},
): ProcessingJob {
  return {
    ...job,
    ...told,
    ProcessingJobStatus: status,
    LastModifiedTime: now,
    ...(isTerminal(status) ? { ProcessingEndTime: now } : {}),
  };
}

/** `SageMaker Processing Job State Change`: its times are epoch milliseconds. */
export function processingEvent(job: ProcessingJob, tags: Readonly<Record<string, string>>): ServiceEvent {
  const { name, arn, request, ...state } = job;
  return {
    source: 'aws.sagemaker',
    detailType: 'SageMaker Processing Job State Change',
    resources: [arn],
    time: job.LastModifiedTime,
    detail: {
      ProcessingInputs: request.ProcessingInputs ?? [],
      ProcessingOutputConfig: request.ProcessingOutputConfig ?? { Outputs: [] },
      ProcessingJobName: name,
      ProcessingResources: request.ProcessingResources,
      StoppingCondition: request.StoppingCondition ?? {},
      AppSpecification: request.AppSpecification,
      Environment: request.Environment ?? {},
      RoleArn: request.RoleArn,
      ProcessingJobArn: arn,
      ...state,
      Tags: tags,
    },
  };
}
