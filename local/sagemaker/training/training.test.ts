import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateTrainingJobCommand,
  type CreateTrainingJobCommandInput,
  DeleteTrainingJobCommand,
  DescribeTrainingJobCommand,
  ListTagsCommand,
  ListTrainingJobsCommand,
  StopTrainingJobCommand,
  waitUntilTrainingJobCompletedOrStopped,
} from '@aws-sdk/client-sagemaker';
import { unpackInto } from '../archive.ts';
import { BUCKET, eventually, IMAGE, ROLE, startTestCloud, type TestCloud } from '../test-cloud.ts';

let cloud: TestCloud;

beforeAll(async () => {
  cloud = await startTestCloud();
  await cloud.put('data/train/a.csv', '1,2\n');
  await cloud.put('data/train/deep/b.csv', '3,4\n');
  await cloud.put(
    'data/manifest.json',
    JSON.stringify([{ prefix: `s3://${BUCKET}/data/train/` }, 'deep/b.csv']),
  );
});
afterAll(() => cloud.dispose());

function channel(name: string, type: 'S3Prefix' | 'ManifestFile', key: string) {
  return {
    ChannelName: name,
    ContentType: 'text/csv',
    DataSource: { S3DataSource: { S3DataType: type, S3Uri: `s3://${BUCKET}/${key}` } },
  };
}

function jobInput(name: string, hyperParameters: Record<string, string> = {}): CreateTrainingJobCommandInput {
  return {
    TrainingJobName: name,
    RoleArn: ROLE,
    HyperParameters: hyperParameters,
    AlgorithmSpecification: {
      TrainingImage: IMAGE,
      TrainingInputMode: 'File',
      MetricDefinitions: [{ Name: 'validation:error', Regex: '.*#011validation-error:(\\S+)' }],
    },
    InputDataConfig: [
      channel('train', 'S3Prefix', 'data/train/'),
      channel('extra', 'ManifestFile', 'data/manifest.json'),
    ],
    OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/models/` },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
    StoppingCondition: { MaxRuntimeInSeconds: 60 },
    Environment: { GREETING: 'hello' },
    Tags: [{ Key: 'ratchet:run', Value: name }],
  };
}

const create = (input: CreateTrainingJobCommandInput) =>
  cloud.sagemaker.send(new CreateTrainingJobCommand(input));
const describeJob = (name: string) =>
  cloud.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
const ended = (name: string) =>
  waitUntilTrainingJobCompletedOrStopped(
    { client: cloud.sagemaker, maxWaitTime: 20, minDelay: 0.02, maxDelay: 0.05 } as never,
    {
      TrainingJobName: name,
    },
  );
const settled = (name: string) =>
  eventually(async () => {
    const job = await describeJob(name);
    return job.TrainingJobStatus === 'InProgress' || job.TrainingJobStatus === 'Stopping' ? undefined : job;
  });

async function unpackModel(key: string): Promise<string> {
  const folder = mkdtempSync(join(cloud.dir, 'model-'));
  const archive = join(folder, 'model.tar.gz');
  writeFileSync(archive, await cloud.get(key));
  await unpackInto(archive, join(folder, 'model'));
  return join(folder, 'model');
}

describe('a training job', () => {
  it('runs its program under the container contract and leaves model, outputs, metrics and log', async () => {
    const { TrainingJobArn } = await create(jobInput('good'));
    await ended('good');
    const job = await describeJob('good');
    expect(job).toMatchObject({
      TrainingJobArn: 'arn:aws:sagemaker:us-east-1:000000000000:training-job/good',
      TrainingJobStatus: 'Completed',
      SecondaryStatus: 'Completed',
      ModelArtifacts: { S3ModelArtifacts: `s3://${BUCKET}/models/good/output/model.tar.gz` },
      FinalMetricDataList: [{ MetricName: 'validation:error', Value: 0.25, Timestamp: expect.any(Date) }],
      Environment: { GREETING: 'hello' },
    });
    expect(job.SecondaryStatusTransitions?.map((each) => each.Status)).toEqual([
      'Starting',
      'Downloading',
      'Training',
      'Uploading',
      'Completed',
    ]);
    expect(job.SecondaryStatusTransitions?.every((each) => each.EndTime instanceof Date)).toBe(true);
    expect(await cloud.keys('models/good/')).toEqual([
      'models/good/output/model.tar.gz',
      'models/good/output/output.tar.gz',
    ]);
    const model = await unpackModel('models/good/output/model.tar.gz');
    expect(readFileSync(join(model, 'train/a.csv'), 'utf8')).toBe('1,2\n');
    expect(readFileSync(join(model, 'train/deep/b.csv'), 'utf8')).toBe('3,4\n');
    expect(readFileSync(join(model, 'extra/deep/b.csv'), 'utf8')).toBe('3,4\n');
    expect(JSON.parse(readFileSync(join(model, 'config.json'), 'utf8')).train).toEqual({
      ContentType: 'text/csv',
      TrainingInputMode: 'File',
      S3DistributionType: 'FullyReplicated',
      RecordWrapperType: 'None',
    });
    const environment = JSON.parse(readFileSync(join(model, 'environment.json'), 'utf8'));
    expect(environment).toMatchObject({
      GREETING: 'hello',
      TRAINING_JOB_NAME: 'good',
      TRAINING_JOB_ARN: TrainingJobArn,
    });
    expect(environment).not.toHaveProperty('HOME');
    const log = readFileSync(join(cloud.dir, 'sagemaker/logs/training/good.log'), 'utf8');
    expect(log).toContain('validation-error:0.25');
    expect(existsSync(join(cloud.dir, 'sagemaker/jobs/good'))).toBe(false);
  });

  it('tells the default bus of each status, with times in milliseconds as text', async () => {
    await create(jobInput('told'));
    await ended('told');
    const events = await eventually(() => {
      const mine = cloud.events.filter((event) => event.detail.TrainingJobName === 'told');
      return mine.at(-1)?.detail.TrainingJobStatus === 'Completed' ? mine : undefined;
    });
    expect(events.map((event) => event.detail.SecondaryStatus)).toEqual([
      'Starting',
      'Downloading',
      'Training',
      'Uploading',
      'Completed',
    ]);
    expect(events.at(-1)).toMatchObject({
      source: 'aws.sagemaker',
      detailType: 'SageMaker Training Job State Change',
      resources: ['arn:aws:sagemaker:us-east-1:000000000000:training-job/told'],
      detail: {
        CreationTime: expect.stringMatching(/^\d{13}$/),
        TrainingEndTime: expect.stringMatching(/^\d{13}$/),
        Tags: { 'ratchet:run': 'told' },
      },
    });
  });

  it('gives equal archives for equal contents', async () => {
    const input = (name: string) => ({ ...jobInput('x'), TrainingJobName: name, Environment: {} });
    await create(input('twin-1'));
    await ended('twin-1');
    const data = await cloud.get('models/twin-1/output/output.tar.gz');
    expect(await cloud.get('models/good/output/output.tar.gz')).toEqual(data);
  });

  it('fails with the reason that its program gives', async () => {
    await create(jobInput('bad', { mode: 'fail' }));
    const job = await settled('bad');
    expect(job).toMatchObject({
      TrainingJobStatus: 'Failed',
      SecondaryStatus: 'Failed',
      FailureReason: 'AlgorithmError: the label column is missing, exit code: 3',
    });
    expect(await cloud.keys('models/bad/')).toEqual([]);
  });

  it('fails when there is no input', async () => {
    await create({ ...jobInput('hungry'), InputDataConfig: [channel('train', 'S3Prefix', 'nothing/')] });
    const job = await settled('hungry');
    expect(job.TrainingJobStatus).toBe('Failed');
    expect(job.FailureReason).toMatch(
      /^ClientError: Data download failed:No S3 objects found under S3 URL "s3:/,
    );
  });

  it('keeps its model when it is stopped', async () => {
    await create(jobInput('stopped', { mode: 'until-stopped' }));
    await eventually(() => hasTrained('stopped'));
    await cloud.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: 'stopped' }));
    await ended('stopped');
    const job = await describeJob('stopped');
    expect(job).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'Stopped' });
    expect(await cloud.keys('models/stopped/')).toContain('models/stopped/output/model.tar.gz');
    await expect(
      cloud.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: 'stopped' })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'The request was rejected because the training job is in status Stopped.',
    });
  });

  it('is stopped after its longest run time, and keeps its model', async () => {
    await create({
      ...jobInput('endless', { mode: 'until-stopped' }),
      StoppingCondition: { MaxRuntimeInSeconds: 1 },
    });
    await ended('endless');
    const job = await describeJob('endless');
    expect(job).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'MaxRuntimeExceeded' });
    expect(job.SecondaryStatusTransitions?.map((each) => each.Status).slice(-4)).toEqual([
      'Training',
      'Stopping',
      'Uploading',
      'MaxRuntimeExceeded',
    ]);
    expect(job.SecondaryStatusTransitions?.at(-1)?.StatusMessage).toBe(
      'Training job runtime exceeded MaxRuntimeInSeconds provided',
    );
    expect(await cloud.keys('models/endless/')).toContain('models/endless/output/model.tar.gz');
  });

  it('is killed when it does not heed SIGTERM', async () => {
    await create(jobInput('stubborn', { mode: 'stubborn' }));
    await eventually(() => hasTrained('stubborn'));
    await cloud.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: 'stubborn' }));
    await ended('stubborn');
    expect((await describeJob('stubborn')).SecondaryStatus).toBe('Stopped');
  });

  it('is deleted once it has ended, and its name is free again', async () => {
    const remove = () => cloud.sagemaker.send(new DeleteTrainingJobCommand({ TrainingJobName: 'brief' }));
    await expect(remove()).rejects.toMatchObject({ name: 'ResourceNotFound' });
    await create(jobInput('brief', { mode: 'until-stopped' }));
    await expect(remove()).rejects.toMatchObject({ name: 'ResourceInUse' });
    await eventually(() => hasTrained('brief'));
    await cloud.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: 'brief' }));
    await ended('brief');
    await remove();
    await expect(describeJob('brief')).rejects.toMatchObject({ message: 'Requested resource not found.' });
    await create(jobInput('brief'));
    await ended('brief');
  });

  it('waits as Pending while two others run', async () => {
    const names = ['queue-1', 'queue-2', 'queue-3'];
    for (const name of names) await create(jobInput(name, { mode: 'until-stopped' }));
    await eventually(async () =>
      (await describeJob('queue-3')).SecondaryStatus === 'Pending' ? true : undefined,
    );
    for (const name of names)
      await cloud.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: name }));
    const jobs = await Promise.all(names.map(settled));
    expect(jobs.map((job) => job.TrainingJobStatus)).toEqual(['Stopped', 'Stopped', 'Stopped']);
  });
});

function hasTrained(name: string): true | undefined {
  const log = join(cloud.dir, 'sagemaker/logs/training', `${name}.log`);
  return existsSync(log) && readFileSync(log, 'utf8').includes('0.25') ? true : undefined;
}

describe('training job requests', () => {
  it('lists, newest first when asked, page by page, and keeps tags', async () => {
    const first = await cloud.sagemaker.send(
      new ListTrainingJobsCommand({
        SortBy: 'Name',
        NameContains: 'queue-',
        MaxResults: 2,
        StatusEquals: 'Stopped',
      }),
    );
    expect(first.TrainingJobSummaries?.map((job) => job.TrainingJobName)).toEqual(['queue-1', 'queue-2']);
    const rest = await cloud.sagemaker.send(
      new ListTrainingJobsCommand({ SortBy: 'Name', NameContains: 'queue-', NextToken: first.NextToken! }),
    );
    expect(rest.TrainingJobSummaries?.map((job) => job.TrainingJobName)).toEqual(['queue-3']);
    const { Tags } = await cloud.sagemaker.send(
      new ListTagsCommand({ ResourceArn: 'arn:aws:sagemaker:us-east-1:000000000000:training-job/good' }),
    );
    expect(Tags).toEqual([{ Key: 'ratchet:run', Value: 'good' }]);
  });

  it.each([
    [
      'a name twice',
      () => jobInput('good'),
      'ResourceInUse',
      /^Training job names must be unique within an AWS account/,
    ],
    [
      'more instances than one',
      () => ({ ...jobInput('x'), ResourceConfig: { ...jobInput('x').ResourceConfig, InstanceCount: 2 } }),
      'ValidationException',
      /InstanceCount above 1 is not offered/,
    ],
    [
      'an unknown instance type',
      () => ({ ...jobInput('x'), ResourceConfig: { InstanceType: 'ml.abacus' as never, InstanceCount: 1 } }),
      'ValidationException',
      /^1 validation error detected: Value 'ml.abacus' at 'resourceConfig.instanceType' failed to satisfy constraint: Member must satisfy enum value set: \[ml\./,
    ],
    [
      'a name with an underscore',
      () => jobInput('not_good'),
      'ValidationException',
      /at 'trainingJobName' failed to satisfy constraint/,
    ],
    [
      'an unknown image',
      () => ({
        ...jobInput('x'),
        AlgorithmSpecification: {
          TrainingImage: IMAGE.replace('test', 'other'),
          TrainingInputMode: 'File' as const,
        },
      }),
      'ValidationException',
      /^Cannot find repository: ratchet-other-program in registry ID: 000000000000 /,
    ],
    [
      'an output path that is no S3 address',
      () => ({ ...jobInput('x'), OutputDataConfig: { S3OutputPath: '/tmp/out' } }),
      'ValidationException',
      /^1 validation error detected: Value '\/tmp\/out' at 'outputDataConfig.s3OutputPath' failed/,
    ],
    [
      'a missing member of a member',
      () => ({ ...jobInput('x'), RoleArn: undefined, OutputDataConfig: {} }) as never,
      'ValidationException',
      /^2 validation errors detected: Value null at 'roleArn' .*; Value null at 'outputDataConfig.s3OutputPath'/,
    ],
    [
      'a channel name that is a path',
      () => ({ ...jobInput('x'), InputDataConfig: [channel('../up', 'S3Prefix', 'data/')] }),
      'ValidationException',
      /^1 validation error detected: Value '..\/up' at 'inputDataConfig.1.member.channelName' failed/,
    ],
  ])('refuses %s', async (_, input, name, message) => {
    await expect(create(input())).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });

  it('says that a job is not there as the waiters expect it', async () => {
    await expect(describeJob('nobody')).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Requested resource not found.',
    });
  });
});
