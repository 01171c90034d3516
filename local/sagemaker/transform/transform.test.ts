import {
  CreateModelCommand,
  CreateTransformJobCommand,
  type CreateTransformJobCommandInput,
  DescribeTransformJobCommand,
  ListTransformJobsCommand,
  StopTransformJobCommand,
} from '@aws-sdk/client-sagemaker';
import { BUCKET, eventually, IMAGE, modelArchive, startTestCloud, type TestCloud } from '../test-cloud.ts';

let cloud: TestCloud;

beforeAll(async () => {
  cloud = await startTestCloud();
  for (const name of ['batch', 'broken']) {
    await cloud.put(`models/${name}.tar.gz`, await modelArchive(name));
    const PrimaryContainer = { Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/models/${name}.tar.gz` };
    await cloud.sagemaker.send(new CreateModelCommand({ ModelName: name, PrimaryContainer }));
  }
  await cloud.put('in/a.csv', '1\n2\n3\n');
  await cloud.put('in/deep/b.csv', '4');
  await cloud.put('refused/a.csv', '1\nrefuse\n');
  await cloud.put('deadly/a.csv', '1\ndie\n');
  await cloud.put('ask/env', 'env');
  await cloud.put('together/a.csv', 'together\n'.repeat(12));
  await cloud.put('slow/a.csv', 'slow\n'.repeat(50));
});
afterAll(() => cloud.dispose());

function jobInput(
  name: string,
  prefix: string,
  more: Partial<CreateTransformJobCommandInput> = {},
): CreateTransformJobCommandInput {
  return {
    TransformJobName: name,
    ModelName: 'batch',
    TransformInput: {
      DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${BUCKET}/${prefix}/` } },
      ContentType: 'text/csv',
      SplitType: 'Line',
    },
    TransformOutput: { S3OutputPath: `s3://${BUCKET}/out/${name}`, AssembleWith: 'Line' },
    TransformResources: { InstanceType: 'ml.m5.large', InstanceCount: 1 },
    ...more,
  };
}

const create = (input: CreateTransformJobCommandInput) =>
  cloud.sagemaker.send(new CreateTransformJobCommand(input));
const describeJob = (name: string) =>
  cloud.sagemaker.send(new DescribeTransformJobCommand({ TransformJobName: name }));
const settled = (name: string) =>
  eventually(async () => {
    const job = await describeJob(name);
    return job.TransformJobStatus === 'InProgress' || job.TransformJobStatus === 'Stopping' ? undefined : job;
  });

describe('a transform job', () => {
  it('sends one record a request and writes one output an input', async () => {
    await create(jobInput('single', 'in', { BatchStrategy: 'SingleRecord' }));
    expect(await settled('single')).toMatchObject({
      TransformJobStatus: 'Completed',
      ModelName: 'batch',
      TransformEndTime: expect.any(Date),
    });
    expect(await cloud.keys('out/single/')).toEqual(['out/single/a.csv.out', 'out/single/deep/b.csv.out']);
    expect((await cloud.get('out/single/a.csv.out')).toString()).toBe('batch:1\nbatch:2\nbatch:3\n');
    expect((await cloud.get('out/single/deep/b.csv.out')).toString()).toBe('batch:4\n');
  });

  it('sends as many records a request as fit', async () => {
    await create(jobInput('multi', 'in', { BatchStrategy: 'MultiRecord' }));
    await settled('multi');
    expect((await cloud.get('out/multi/a.csv.out')).toString()).toBe('batch:1\n2\n3\n');
  });

  it('tells its container that it works in batch, and the default bus when it ends', async () => {
    await create(
      jobInput('told', 'ask', {
        MaxPayloadInMB: 2,
        BatchStrategy: 'SingleRecord',
        Environment: { GREETING: 'hello' },
      }),
    );
    await settled('told');
    expect(JSON.parse((await cloud.get('out/told/env.out')).toString())).toMatchObject({
      SAGEMAKER_BATCH: 'true',
      SAGEMAKER_BATCH_STRATEGY: 'SINGLE_RECORD',
      SAGEMAKER_MAX_PAYLOAD_IN_MB: '2',
      GREETING: 'hello',
    });
    const event = await eventually(() =>
      cloud.events.find(
        ({ detail }) => detail.TransformJobName === 'told' && detail.TransformJobStatus === 'Completed',
      ),
    );
    expect(event).toMatchObject({
      detailType: 'SageMaker Transform Job State Change',
      detail: {
        CreationTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        TransformEndTime: expect.any(String),
      },
    });
  });

  it('takes from its container what the request leaves open: batches, and how many at once', async () => {
    await create(jobInput('open', 'together'));
    await settled('open');
    const together = (await cloud.get('out/open/a.csv.out')).toString().trim().split('\n').map(Number);
    expect(together).toHaveLength(12);
    expect(Math.max(...together)).toBe(4);
  });

  it.each([
    [
      'the model refuses a record',
      () => jobInput('refused', 'refused', { BatchStrategy: 'SingleRecord' }),
      'ClientError: See job logs for more information',
    ],
    [
      'the model dies of a record',
      () => jobInput('deadly', 'deadly', { BatchStrategy: 'SingleRecord' }),
      'AlgorithmError: See job logs for more information',
    ],
    ['there is no input', () => jobInput('hungry', 'nothing'), /^ClientError: Data download failed/],
    [
      'the container is not healthy',
      () => jobInput('ill', 'in', { ModelName: 'broken' }),
      /did not pass the ping health check/,
    ],
  ])('fails when %s', async (_, input, reason) => {
    await create(input());
    const job = await settled(input().TransformJobName!);
    expect(job).toMatchObject({ TransformJobStatus: 'Failed', FailureReason: expect.stringMatching(reason) });
  });

  it('stops when asked', async () => {
    await create(jobInput('slow', 'slow', { BatchStrategy: 'SingleRecord' }));
    await eventually(async () => (await describeJob('slow')).TransformStartTime);
    await cloud.sagemaker.send(new StopTransformJobCommand({ TransformJobName: 'slow' }));
    expect((await settled('slow')).TransformJobStatus).toBe('Stopped');
    expect(await cloud.keys('out/slow/')).toEqual([]);
    const { TransformJobSummaries } = await cloud.sagemaker.send(
      new ListTransformJobsCommand({ StatusEquals: 'Stopped' }),
    );
    expect(TransformJobSummaries?.map((job) => job.TransformJobName)).toEqual(['slow']);
  });
});

describe('transform job requests', () => {
  it.each([
    ['a name twice', () => jobInput('single', 'in'), 'ResourceInUse', /already exists/],
    [
      'a model that is not there',
      () => jobInput('x', 'in', { ModelName: 'nobody' }),
      'ValidationException',
      /^Could not find model /,
    ],
    [
      'what it does not offer',
      () => jobInput('x', 'in', { DataProcessing: { JoinSource: 'Input' } }),
      'ValidationException',
      /not offered/,
    ],
  ])('refuses %s', async (_, input, name, message) => {
    await expect(create(input())).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });
});
