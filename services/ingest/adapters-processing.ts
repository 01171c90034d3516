/** Processing jobs with one of our images, done with SageMaker. */
import {
  CreateProcessingJobCommand,
  DescribeProcessingJobCommand,
  type DescribeProcessingJobResponse,
  ResourceInUse,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { isMissing, RUN_TAG, runTag } from '../../shared/aws/sagemaker-jobs.ts';
import type { ProcessingJobs, ProcessingOrder, ProcessingState } from './ports.ts';

const PLACE = '/opt/ml/processing';

export function createProcessingJobs(
  client: SageMakerClient,
  { roleArn, image }: { readonly roleArn: string; readonly image: string },
): ProcessingJobs {
  async function found(name: string): Promise<DescribeProcessingJobResponse | undefined> {
    try {
      return await client.send(new DescribeProcessingJobCommand({ ProcessingJobName: name }));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  return {
    describe: async (name) => {
      const job = await found(name);
      return job && stateOf(job);
    },
    runOf: async (name) => {
      const arn = (await found(name))?.ProcessingJobArn;
      return arn === undefined ? undefined : runTag(client, arn);
    },
    start: async (order) => {
      try {
        await client.send(new CreateProcessingJobCommand(requestOf(order, roleArn, image)));
      } catch (error) {
        // Somebody else has begun the same.
        if (!(error instanceof ResourceInUse)) throw error;
      }
    },
  };
}

function stateOf(job: DescribeProcessingJobResponse): ProcessingState {
  const reason = job.ExitMessage ?? job.FailureReason ?? `the job is ${job.ProcessingJobStatus}`;
  switch (job.ProcessingJobStatus) {
    case 'Completed':
      return { status: 'completed' };
    case 'Failed':
      return {
        status: 'failed',
        reason,
        told: job.ExitMessage !== undefined,
        again: /^(CapacityError|InternalServerError)/.test(reason),
      };
    case 'Stopped':
      return {
        status: 'failed',
        reason: 'the job was stopped, by a person or because it took too long',
        told: false,
        again: false,
      };
    default:
      return { status: 'running' };
  }
}

function requestOf(
  order: ProcessingOrder,
  roleArn: string,
  image: string,
): CreateProcessingJobCommand['input'] {
  return {
    ProcessingJobName: order.name,
    RoleArn: roleArn,
    AppSpecification: { ImageUri: image },
    ProcessingInputs: [
      {
        InputName: 'request',
        S3Input: {
          S3Uri: order.request,
          LocalPath: `${PLACE}/input/request`,
          S3DataType: 'S3Prefix',
          S3InputMode: 'File',
          S3DataDistributionType: 'FullyReplicated',
        },
      },
    ],
    ProcessingOutputConfig: {
      Outputs: [
        {
          OutputName: 'output',
          S3Output: { S3Uri: order.output, LocalPath: `${PLACE}/output`, S3UploadMode: 'EndOfJob' },
        },
      ],
    },
    ProcessingResources: {
      ClusterConfig: {
        InstanceCount: 1,
        InstanceType: order.instance as never,
        VolumeSizeInGB: order.volumeGb,
      },
    },
    StoppingCondition: { MaxRuntimeInSeconds: order.maximumSeconds },
    ...(order.runId === undefined ? {} : { Tags: [{ Key: RUN_TAG, Value: order.runId }] }),
  };
}
