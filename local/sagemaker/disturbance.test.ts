import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateTrainingJobCommand,
  type CreateTrainingJobCommandInput,
  CreateTransformJobCommand,
  DescribeEndpointCommand,
  DescribeTrainingJobCommand,
  DescribeTransformJobCommand,
  UpdateEndpointCommand,
  waitUntilEndpointInService,
} from '@aws-sdk/client-sagemaker';
import type { SageMakerDisturbance } from './disturbance.ts';
import {
  BUCKET,
  eventually,
  IMAGE,
  modelArchive,
  ROLE,
  startTestCloud,
  type TestCloud,
} from './test-cloud.ts';

let cloud: TestCloud;
let disturb: SageMakerDisturbance = {};

beforeAll(async () => {
  cloud = await startTestCloud({
    disturbSageMaker: {
      startJob: (...asked) => disturb.startJob?.(...asked),
      spotInterruption: (name) => disturb.spotInterruption?.(name),
      rollbackSilently: (name) => disturb.rollbackSilently?.(name) ?? false,
      eventsTwice: () => disturb.eventsTwice?.() ?? false,
    },
  });
  await cloud.put('model.tar.gz', await modelArchive('m'));
  const PrimaryContainer = { Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/model.tar.gz` };
  await send(new CreateModelCommand({ ModelName: 'm', ExecutionRoleArn: ROLE, PrimaryContainer }));
});
afterAll(() => cloud.dispose());
beforeEach(() => {
  disturb = {};
});

const send: TestCloud['sagemaker']['send'] = ((command: never) => cloud.sagemaker.send(command)) as never;

function spotJob(name: string, more: Partial<CreateTrainingJobCommandInput> = {}) {
  return new CreateTrainingJobCommand({
    TrainingJobName: name,
    RoleArn: ROLE,
    AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: 'File' },
    HyperParameters: { mode: 'checkpoint' },
    InputDataConfig: [
      {
        ChannelName: 'train',
        DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${BUCKET}/model.tar.gz` } },
      },
    ],
    OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/models` },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
    EnableManagedSpotTraining: true,
    CheckpointConfig: { S3Uri: `s3://${BUCKET}/checkpoints/${name}` },
    StoppingCondition: { MaxRuntimeInSeconds: 60, MaxWaitTimeInSeconds: 60 },
    ...more,
  });
}

const ended = (name: string) =>
  eventually(async () => {
    const job = await send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
    return ['InProgress', 'Stopping'].includes(job.TrainingJobStatus!) ? undefined : job;
  });

describe('a Managed Spot training job', () => {
  it('starts again after each interruption, from its checkpoints', async () => {
    disturb = { spotInterruption: () => 400 };
    await send(spotJob('patient'));
    const job = await ended('patient');
    expect(job).toMatchObject({ TrainingJobStatus: 'Completed', EnableManagedSpotTraining: true });
    // A busy machine may not even start the program before it is interrupted.
    const path = job.SecondaryStatusTransitions?.map((each) => each.Status).join(' ');
    const attempt = 'Starting Downloading Training';
    expect(path).toMatch(new RegExp(`^(?:${attempt} Interrupted ){2,}${attempt} Uploading Completed$`));
    expect((await cloud.get('checkpoints/patient/starts.txt')).toString()).toBe('3');
    expect(job.BillableTimeInSeconds).toBeLessThanOrEqual(job.TrainingTimeInSeconds!);
  });

  it('ends when it has waited and trained for too long', async () => {
    disturb = { spotInterruption: () => 300 };
    const StoppingCondition = { MaxRuntimeInSeconds: 1, MaxWaitTimeInSeconds: 1 };
    await send(spotJob('late', { StoppingCondition, HyperParameters: { mode: 'until-stopped' } }));
    const job = await ended('late');
    expect(job).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'MaxWaitTimeExceeded' });
    expect(job.SecondaryStatusTransitions?.map((each) => each.Status)).toContain('Interrupted');
    expect(job.SecondaryStatusTransitions?.map((each) => each.Status)).toContain('Stopping');
  });

  it.each([
    ['no longest wait', { StoppingCondition: { MaxRuntimeInSeconds: 60 } }, /It must be present/],
    [
      'a wait that is shorter than the run',
      { StoppingCondition: { MaxRuntimeInSeconds: 60, MaxWaitTimeInSeconds: 59 } },
      /greater than or equal to MaxRuntimeInSeconds/,
    ],
    ['a wait without spot', { EnableManagedSpotTraining: false }, /^Invalid MaxWaitTimeInSeconds/],
  ])('is refused with %s', async (_, more, message) => {
    await expect(send(spotJob('x', more))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(message),
    });
  });
});

describe('capacity', () => {
  it('is refused as a limit of the account', async () => {
    disturb = { startJob: () => 'limit-exceeded' };
    await expect(send(spotJob('refused'))).rejects.toMatchObject({
      name: 'ResourceLimitExceeded',
      message: expect.stringMatching(
        /^The account-level service limit 'ml\.m5\.large for training job usage' is 0 Instances,/,
      ),
    });
    disturb = {};
    await send(spotJob('refused', { HyperParameters: {} }));
    expect((await ended('refused')).TrainingJobStatus).toBe('Completed');
  });

  it('is missing: jobs are accepted and fail', async () => {
    const asked: string[] = [];
    disturb = {
      startJob: (...job) => {
        asked.push(job.join(' '));
        return 'no-capacity';
      },
    };
    await send(spotJob('poor'));
    const input = { S3DataType: 'S3Prefix', S3Uri: `s3://${BUCKET}/model.tar.gz` } as const;
    await send(
      new CreateTransformJobCommand({
        TransformJobName: 'poor',
        ModelName: 'm',
        TransformInput: { DataSource: { S3DataSource: input } },
        TransformOutput: { S3OutputPath: `s3://${BUCKET}/out` },
        TransformResources: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1 },
      }),
    );
    const failed = { FailureReason: expect.stringMatching(/^CapacityError: Unable to provision/) };
    expect(await ended('poor')).toMatchObject({ TrainingJobStatus: 'Failed', ...failed });
    expect(await send(new DescribeTransformJobCommand({ TransformJobName: 'poor' }))).toMatchObject({
      TransformJobStatus: 'Failed',
      ...failed,
    });
    expect(asked).toEqual(['training-job poor ml.m5.large', 'transform-job poor ml.m5.xlarge']);
  });
});

describe('an update', () => {
  it('is rolled back in silence, and the next one is not', async () => {
    const variant = { VariantName: 'm', ModelName: 'm', InitialInstanceCount: 1 };
    for (const name of ['old', 'new'])
      await send(
        new CreateEndpointConfigCommand({
          EndpointConfigName: name,
          ProductionVariants: [{ ...variant, InstanceType: 'ml.m5.large' }],
        }),
      );
    const served = async () => {
      await waitUntilEndpointInService(
        { client: cloud.sagemaker, maxWaitTime: 20, minDelay: 0.02, maxDelay: 0.05 } as never,
        { EndpointName: 'e' },
      );
      return send(new DescribeEndpointCommand({ EndpointName: 'e' }));
    };
    await send(new CreateEndpointCommand({ EndpointName: 'e', EndpointConfigName: 'old' }));
    await served();
    disturb = { rollbackSilently: (name) => name === 'e' };
    await send(new UpdateEndpointCommand({ EndpointName: 'e', EndpointConfigName: 'new' }));
    const after = await served();
    expect(after.EndpointConfigName).toBe('old');
    expect(after.FailureReason).toBeUndefined();
    disturb = {};
    await send(new UpdateEndpointCommand({ EndpointName: 'e', EndpointConfigName: 'new' }));
    expect((await served()).EndpointConfigName).toBe('new');
  });
});

describe('a change of state', () => {
  it('is told twice', async () => {
    disturb = { eventsTwice: () => true };
    await send(spotJob('echo', { HyperParameters: {} }));
    await ended('echo');
    const told = await eventually(() => {
      const mine = cloud.events.filter((event) => event.detail.TrainingJobName === 'echo');
      return mine.filter((event) => event.detail.SecondaryStatus === 'Completed').length === 2
        ? mine
        : undefined;
    });
    expect(told.length % 2).toBe(0);
    expect(told.filter((_, at) => at % 2 === 0)).toEqual(told.filter((_, at) => at % 2 === 1));
  });
});
