/** Held-out predictions, done with SageMaker models and transform jobs. */
import {
  CreateModelCommand,
  CreateTransformJobCommand,
  DescribeModelCommand,
  DescribeTransformJobCommand,
  ResourceInUse,
  type SageMakerClient,
  SageMakerServiceException,
} from '@aws-sdk/client-sagemaker';
import { isMissing, RUN_TAG, runTag } from '../../shared/aws/sagemaker-jobs.ts';
import type { ModelRef } from '../../shared/lifecycle/run.ts';
import type { OrderAnswer, PredictionOrder, PredictionState, Predictions } from './ports.ts';

/** A client's own mistake that no repetition mends; throttling and SageMaker's own errors are thrown on. */
export function refusalOf(error: unknown): OrderAnswer {
  const isClientError =
    error instanceof SageMakerServiceException && error.$fault === 'client' && !error.$retryable;
  if (!isClientError || /throttl/i.test(error.name)) throw error;
  return { kind: 'refused', reason: `${error.name}: ${error.message}` };
}

/** `featuresImage`: the container that stands before models whose applications send raw records. */
export function createPredictions(
  client: SageMakerClient,
  roleArn: string,
  featuresImage: string,
): Predictions {
  async function exists(model: ModelRef): Promise<boolean> {
    try {
      await client.send(new DescribeModelCommand({ ModelName: model.name }));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async function ensureModel(model: ModelRef): Promise<void> {
    if (await exists(model)) return;
    try {
      await client.send(
        new CreateModelCommand({
          ModelName: model.name,
          ExecutionRoleArn: roleArn,
          ...containersOf(model, featuresImage),
          Tags: [{ Key: RUN_TAG, Value: model.runId }],
        }),
      );
    } catch (error) {
      // Another handler was faster, or the reply to our own call was lost and the SDK asked again.
      if (!(await exists(model))) throw error;
    }
  }

  async function describe(name: string): Promise<PredictionState | undefined> {
    try {
      const job = await client.send(new DescribeTransformJobCommand({ TransformJobName: name }));
      const runId = await runTag(client, job.TransformJobArn as string);
      const reason = job.FailureReason ?? `the transform job is ${job.TransformJobStatus}`;
      return { status: statusOf(job.TransformJobStatus), reason, ...(runId ? { runId } : {}) };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async function start(order: PredictionOrder): Promise<OrderAnswer> {
    try {
      await ensureModel(order.model);
      await client.send(new CreateTransformJobCommand(requestOf(order)));
      return { kind: 'accepted' };
    } catch (error) {
      if (error instanceof ResourceInUse) return { kind: 'accepted' };
      // Another handler may have made the job a moment ago.
      if (await describe(order.name)) return { kind: 'accepted' };
      return refusalOf(error);
    }
  }

  return { describe, start };
}

/** One container, or an inference pipeline: the features container's answer is the model's request. */
function containersOf(
  { image, artifact, features }: ModelRef,
  featuresImage: string,
): Pick<CreateModelCommand['input'], 'PrimaryContainer' | 'Containers' | 'InferenceExecutionConfig'> {
  const container = { Image: image, ModelDataUrl: artifact };
  if (features === undefined) return { PrimaryContainer: container };
  return {
    Containers: [{ Image: featuresImage, ModelDataUrl: features }, container],
    InferenceExecutionConfig: { Mode: 'Serial' },
  };
}

function statusOf(status: string | undefined): PredictionState['status'] {
  switch (status) {
    case 'Completed':
      return 'completed';
    case 'Failed':
    case 'Stopped':
      return 'failed';
    default:
      return 'running';
  }
}

function requestOf(order: PredictionOrder): CreateTransformJobCommand['input'] {
  return {
    TransformJobName: order.name,
    ModelName: order.model.name,
    BatchStrategy: 'MultiRecord',
    MaxPayloadInMB: 6,
    TransformInput: {
      DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: order.input } },
      ContentType: 'text/csv',
      SplitType: 'Line',
    },
    TransformOutput: { S3OutputPath: order.output, Accept: 'text/csv', AssembleWith: 'Line' },
    TransformResources: { InstanceType: order.instance as never, InstanceCount: 1 },
    Tags: [{ Key: RUN_TAG, Value: order.runId }],
  };
}
