/** Training jobs, done with SageMaker. */
import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  type DescribeTrainingJobResponse,
  ResourceInUse,
  ResourceLimitExceeded,
  type SageMakerClient,
  SageMakerServiceException,
} from '@aws-sdk/client-sagemaker';
import { isMissing, RUN_TAG, runTag } from '../../shared/aws/sagemaker-jobs.ts';
import type { JobOrder, JobState, StartAnswer, TrainingJobs } from './ports.ts';

/** A spot job may wait for instances, and be interrupted, until this many times its longest runtime has passed. */
const SPOT_PATIENCE = 2;

export function createTrainingJobs(client: SageMakerClient, roleArn: string): TrainingJobs {
  async function describe(name: string): Promise<JobState | undefined> {
    try {
      const job = await client.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
      const runId = await runTag(client, job.TrainingJobArn as string);
      return { ...stateOf(job), ...(runId ? { runId } : {}) };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async function start(order: JobOrder): Promise<StartAnswer> {
    try {
      await client.send(new CreateTrainingJobCommand(requestOf(order, roleArn)));
      return { kind: 'started' };
    } catch (error) {
      return answerOf(error);
    }
  }

  return { describe, start };
}

export function createRunOfJob(client: SageMakerClient) {
  return async (name: string): Promise<string | undefined> => {
    try {
      const job = await client.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
      return await runTag(client, job.TrainingJobArn as string);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };
}

function answerOf(error: unknown): StartAnswer {
  if (error instanceof ResourceInUse) return { kind: 'name-taken' };
  if (error instanceof ResourceLimitExceeded)
    return { kind: 'refused', reason: error.message, retryable: true };
  if (!(error instanceof SageMakerServiceException) || error.$retryable || error.$fault === 'server')
    throw error;
  if (/throttl/i.test(error.name)) throw error;
  return { kind: 'refused', reason: `${error.name}: ${error.message}`, retryable: false };
}

function stateOf(job: DescribeTrainingJobResponse): Omit<JobState, 'runId'> {
  // A training that diverged reports NaN, which is no figure that could be kept.
  const metrics = Object.fromEntries(
    (job.FinalMetricDataList ?? [])
      .map((metric) => [metric.MetricName ?? '', metric.Value ?? Number.NaN] as const)
      .filter(([, value]) => Number.isFinite(value)),
  );
  const artifact = job.ModelArtifacts?.S3ModelArtifacts;
  const reason = job.FailureReason ?? String(job.SecondaryStatus ?? job.TrainingJobStatus);
  const base = { reason, metrics, ...(artifact ? { artifact } : {}) };
  switch (job.TrainingJobStatus) {
    case 'Completed':
      return { ...base, status: 'completed' };
    case 'Failed':
      return { ...base, status: 'failed' };
    case 'Stopped':
      return { ...base, status: 'stopped' };
    default:
      return { ...base, status: 'running' };
  }
}

function requestOf(order: JobOrder, roleArn: string): CreateTrainingJobCommand['input'] {
  return {
    TrainingJobName: order.name,
    RoleArn: roleArn,
    AlgorithmSpecification: {
      TrainingImage: order.image,
      TrainingInputMode: 'File',
      ...(order.metrics.length > 0
        ? { MetricDefinitions: order.metrics.map(({ name, pattern }) => ({ Name: name, Regex: pattern })) }
        : {}),
    },
    HyperParameters: { ...order.hyperparameters },
    InputDataConfig: Object.entries(order.channels).map(([channel, uri]) => ({
      ChannelName: channel,
      ContentType: 'text/csv',
      DataSource: {
        S3DataSource: { S3DataType: 'S3Prefix', S3Uri: uri, S3DataDistributionType: 'FullyReplicated' },
      },
    })),
    OutputDataConfig: { S3OutputPath: order.output },
    ResourceConfig: {
      InstanceType: order.instance as never,
      InstanceCount: 1,
      VolumeSizeInGB: order.volumeGb,
    },
    StoppingCondition: {
      MaxRuntimeInSeconds: order.maximumSeconds,
      ...(order.spot ? { MaxWaitTimeInSeconds: SPOT_PATIENCE * order.maximumSeconds } : {}),
    },
    EnableManagedSpotTraining: order.spot,
    Tags: [{ Key: RUN_TAG, Value: order.runId }],
  };
}
