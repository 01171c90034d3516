import type { ServiceEvent } from '../../ports.ts';
import type { Document } from '../store.ts';
import type { S3DataSource } from '../training/job.ts';

export type TransformStatus = 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';

/** The members of CreateTransformJob that this service acts on; the others are kept and described. */
export interface TransformRequest {
  readonly ModelName: string;
  readonly MaxConcurrentTransforms?: number;
  readonly MaxPayloadInMB?: number;
  readonly BatchStrategy?: 'MultiRecord' | 'SingleRecord';
  readonly Environment?: Readonly<Record<string, string>>;
  readonly ModelClientConfig?: {
    readonly InvocationsTimeoutInSeconds?: number;
    readonly InvocationsMaxRetries?: number;
  };
  readonly DataProcessing?: {
    readonly InputFilter?: string;
    readonly OutputFilter?: string;
    readonly JoinSource?: string;
  };
  readonly TransformInput: {
    readonly DataSource: { readonly S3DataSource: S3DataSource };
    readonly ContentType?: string;
    readonly CompressionType?: 'None' | 'Gzip';
    readonly SplitType?: 'None' | 'Line' | 'RecordIO' | 'TFRecord';
  };
  readonly TransformOutput: {
    readonly S3OutputPath: string;
    readonly Accept?: string;
    readonly AssembleWith?: 'None' | 'Line';
  };
  readonly TransformResources: { readonly InstanceType: string; readonly InstanceCount: number };
}

export interface TransformJob extends Document {
  readonly request: TransformRequest;
  readonly TransformJobStatus: TransformStatus;
  readonly FailureReason?: string;
  readonly TransformStartTime?: number;
  readonly TransformEndTime?: number;
}

export const isTerminal = (status: TransformStatus) =>
  status === 'Completed' || status === 'Failed' || status === 'Stopped';

export function moved(
  job: TransformJob,
  status: TransformStatus,
  now: number,
  failure?: string,
): TransformJob {
  return {
    ...job,
    TransformJobStatus: status,
    ...(failure === undefined ? {} : { FailureReason: failure }),
    ...(isTerminal(status) ? { TransformEndTime: now } : {}),
  };
}

/** `SageMaker Transform Job State Change`: its times are ISO 8601. */
export function transformEvent(
  job: TransformJob,
  tags: Readonly<Record<string, string>>,
  now: number,
): ServiceEvent {
  const { request } = job;
  const iso = (name: string, value: number | undefined) =>
    value === undefined ? {} : { [name]: `${new Date(value).toISOString().slice(0, 19)}Z` };
  return {
    source: 'aws.sagemaker',
    detailType: 'SageMaker Transform Job State Change',
    resources: [job.arn],
    time: now,
    detail: {
      TransformJobName: job.name,
      TransformJobArn: job.arn,
      TransformJobStatus: job.TransformJobStatus,
      ...(job.FailureReason === undefined ? {} : { FailureReason: job.FailureReason }),
      ModelName: request.ModelName,
      MaxConcurrentTransforms: request.MaxConcurrentTransforms ?? 1,
      MaxPayloadInMB: request.MaxPayloadInMB ?? 6,
      BatchStrategy: request.BatchStrategy ?? 'MultiRecord',
      Environment: request.Environment ?? {},
      TransformInput: request.TransformInput,
      TransformOutput: request.TransformOutput,
      TransformResources: request.TransformResources,
      ...iso('CreationTime', job.CreationTime),
      ...iso('TransformStartTime', job.TransformStartTime),
      ...iso('TransformEndTime', job.TransformEndTime),
      Tags: tags,
    },
  };
}
