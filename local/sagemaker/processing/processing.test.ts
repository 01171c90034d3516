import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateProcessingJobCommand,
  type CreateProcessingJobCommandInput,
  DescribeProcessingJobCommand,
  ListProcessingJobsCommand,
  ListTagsCommand,
  StopProcessingJobCommand,
} from '@aws-sdk/client-sagemaker';
import type { SageMakerDisturbance } from '../disturbance.ts';
import {
  alive,
  BUCKET,
  eventually,
  IMAGE,
  MISSING_IMAGE,
  ROLE,
  startTestCloud,
  type TestCloud,
} from '../test-cloud.ts';

const OUTPUT = '/opt/ml/processing/output';

let cloud: TestCloud;
let disturb: SageMakerDisturbance = {};

beforeAll(async () => {
  cloud = await startTestCloud({
    disturbSageMaker: { startJob: (...asked) => disturb.startJob?.(...asked) },
  });
  await cloud.put('in/a.csv', 'a');
  await cloud.put('in/deep/b.csv', 'b');
  await cloud.put('manifest.json', JSON.stringify([{ prefix: `s3://${BUCKET}/in/` }, 'deep/b.csv']));
});
afterAll(() => cloud.dispose());
beforeEach(() => {
  disturb = {};
});

const input = (name: string, type: 'S3Prefix' | 'ManifestFile', key: string) => ({
  InputName: name,
  S3Input: {
    S3Uri: `s3://${BUCKET}/${key}`,
    LocalPath: `/opt/ml/processing/input/${name}`,
    S3DataType: type,
    S3InputMode: 'File' as const,
  },
});

function jobInput(
  name: string,
  words: string[],
  more: Partial<CreateProcessingJobCommandInput> = {},
): CreateProcessingJobCommandInput {
  const S3Output = {
    S3Uri: `s3://${BUCKET}/out/${name}/`,
    LocalPath: OUTPUT,
    S3UploadMode: 'EndOfJob' as const,
  };
  return {
    ProcessingJobName: name,
    RoleArn: ROLE,
    AppSpecification: { ImageUri: IMAGE, ContainerArguments: ['process', ...words] },
    ProcessingInputs: [input('all', 'S3Prefix', 'in/'), input('some', 'ManifestFile', 'manifest.json')],
    ProcessingOutputConfig: { Outputs: [{ OutputName: 'out', S3Output }] },
    ProcessingResources: {
      ClusterConfig: { InstanceCount: 1, InstanceType: 'ml.m5.xlarge', VolumeSizeInGB: 30 },
    },
    ...more,
  };
}

const create = (request: CreateProcessingJobCommandInput) =>
  cloud.sagemaker.send(new CreateProcessingJobCommand(request));
const describeJob = (name: string) =>
  cloud.sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: name }));
const settled = (name: string) =>
  eventually(async () => {
    const job = await describeJob(name);
    return ['InProgress', 'Stopping'].includes(job.ProcessingJobStatus!) ? undefined : job;
  });
const text = async (key: string) => (await cloud.get(key)).toString();
const statuses = (name: string) =>
  cloud.events
    .filter(({ detail }) => detail.ProcessingJobName === name)
    .map(({ detail }) => detail.ProcessingJobStatus);

describe('a processing job', () => {
  it('gets its inputs, is told its configuration, and gives its outputs', async () => {
    const asked = jobInput('copy', ['copy', `${OUTPUT}/x`], {
      Environment: { GREETING: 'hello' },
      Tags: [{ Key: 'run', Value: 'r-1' }],
    });
    await create(asked);
    const job = await settled('copy');

    expect(job).toMatchObject({
      ProcessingJobStatus: 'Completed',
      ProcessingInputs: asked.ProcessingInputs,
      ProcessingStartTime: expect.any(Date),
      ProcessingEndTime: expect.any(Date),
    });
    expect(job.FailureReason).toBeUndefined();
    expect(job.ExitMessage).toHaveLength(1024);
    expect(await cloud.keys('out/copy/')).toEqual([
      'out/copy/all/a.csv',
      'out/copy/all/deep/b.csv',
      'out/copy/processingjobconfig.json',
      'out/copy/resourceconfig.json',
      'out/copy/some/deep/b.csv',
      'out/copy/told.json',
    ]);
    expect(JSON.parse(await text('out/copy/processingjobconfig.json'))).toMatchObject({
      ProcessingJobName: 'copy',
      AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: null },
      ProcessingInputs: [{ InputName: 'all', AppManaged: false, DatasetDefinition: null }, {}],
      ProcessingOutputConfig: { Outputs: [{ S3Output: { LocalPath: OUTPUT } }] },
      ProcessingResources: asked.ProcessingResources,
      StoppingCondition: { MaxRuntimeInSeconds: 86_400 },
    });
    expect(JSON.parse(await text('out/copy/resourceconfig.json'))).toEqual({
      current_host: 'algo-1',
      hosts: ['algo-1'],
    });
    const { folder, env } = JSON.parse(await text('out/copy/told.json'));
    expect(folder).toBe(join(env.SAGEMAKER_BASE_DIR, 'processing/output/x'));
    expect(env).toMatchObject({ GREETING: 'hello', PROCESSING_JOB_NAME: 'copy' });
    await eventually(() => (existsSync(env.SAGEMAKER_BASE_DIR) ? undefined : true));
    const { Tags } = await cloud.sagemaker.send(new ListTagsCommand({ ResourceArn: job.ProcessingJobArn! }));
    expect(Tags).toEqual([{ Key: 'run', Value: 'r-1' }]);
  });

  it('tells the default bus', async () => {
    await create(jobInput('told', ['copy'], { Tags: [{ Key: 'run', Value: 'r-2' }] }));
    await settled('told');
    const event = await eventually(() =>
      cloud.events.find(
        ({ detail }) => detail.ProcessingJobName === 'told' && detail.ProcessingJobStatus === 'Completed',
      ),
    );
    expect(event).toMatchObject({
      source: 'aws.sagemaker',
      detailType: 'SageMaker Processing Job State Change',
      resources: [expect.stringMatching(/:processing-job\/told$/)],
      detail: {
        ProcessingJobArn: event.resources?.[0],
        CreationTime: expect.any(Number),
        ProcessingEndTime: expect.any(Number),
        AppSpecification: { ImageUri: IMAGE },
        ProcessingOutputConfig: { Outputs: [{ OutputName: 'out' }] },
        ExitMessage: expect.stringMatching(/^copied/),
        Tags: { run: 'r-2' },
      },
    });
  });

  it('runs an entry point of its own', async () => {
    await cloud.put(
      'code/run.mjs',
      "import { writeFileSync } from 'node:fs'; writeFileSync(process.argv[2], 'ran')",
    );
    await create(
      jobInput('own', [], {
        AppSpecification: {
          ImageUri: IMAGE,
          ContainerEntrypoint: [process.execPath, '/opt/ml/processing/input/code/run.mjs'],
          ContainerArguments: [`${OUTPUT}/ran.txt`],
        },
        ProcessingInputs: [input('code', 'S3Prefix', 'code/')],
      }),
    );
    expect((await settled('own')).ProcessingJobStatus).toBe('Completed');
    expect(await text('out/own/ran.txt')).toBe('ran');
  });

  it('fails with what its program has to say, and gives no half output', async () => {
    await create(jobInput('bad', ['fail']));
    expect(await settled('bad')).toMatchObject({
      ProcessingJobStatus: 'Failed',
      ExitMessage: 'the header has no column "label"',
      FailureReason: 'AlgorithmError: the header has no column "label", exit code: 4',
    });
    expect(await cloud.keys('out/bad/')).toEqual([]);
  });

  it('fails without input', async () => {
    await create(jobInput('hungry', ['copy'], { ProcessingInputs: [input('none', 'S3Prefix', 'none/')] }));
    expect(await settled('hungry')).toMatchObject({
      ProcessingJobStatus: 'Failed',
      FailureReason: expect.stringMatching(/^ClientError: Data download failed/),
    });
  });

  it('fails with what to install when its program cannot be started', async () => {
    const ContainerEntrypoint = ['/nowhere/python3'];
    await create(jobInput('bare', ['copy'], { AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint } }));
    expect((await settled('bare')).FailureReason).toBe(
      'AlgorithmError: See job logs for more information, exit code: 127',
    );
    await create(jobInput('needy', ['copy'], { AppSpecification: { ImageUri: MISSING_IMAGE } }));
    expect((await settled('needy')).FailureReason).toBe('AlgorithmError: install it, exit code: 127');
  });

  it('stops when asked', async () => {
    const pids = join(cloud.dir, 'stopped-pids');
    await create(jobInput('slow', ['until-stopped', pids]));
    await eventually(() => (existsSync(pids) ? true : undefined));
    await cloud.sagemaker.send(new StopProcessingJobCommand({ ProcessingJobName: 'slow' }));
    expect((await settled('slow')).ProcessingJobStatus).toBe('Stopped');
    expect(alive(Number(readFileSync(pids, 'utf8')))).toBe(false);
    await eventually(() => (statuses('slow').includes('Stopped') ? true : undefined));
    expect(new Set(statuses('slow'))).toEqual(new Set(['InProgress', 'Stopping', 'Stopped']));
    const { ProcessingJobSummaries } = await cloud.sagemaker.send(
      new ListProcessingJobsCommand({ StatusEquals: 'Stopped' }),
    );
    expect(ProcessingJobSummaries?.map((job) => job.ProcessingJobName)).toEqual(['slow']);
  });

  it('stops when it has run for too long', async () => {
    const pids = join(cloud.dir, 'late-pids');
    const StoppingCondition = { MaxRuntimeInSeconds: 1 };
    await create(jobInput('late', ['until-stopped', pids], { StoppingCondition }));
    expect((await settled('late')).ProcessingJobStatus).toBe('Stopped');
  });

  it('waits for capacity that is not there', async () => {
    disturb = { startJob: () => 'limit-exceeded' };
    await expect(create(jobInput('poor', ['copy']))).rejects.toMatchObject({
      name: 'ResourceLimitExceeded',
      message: expect.stringMatching(/'ml\.m5\.xlarge for processing job usage' is 0 Instances/),
    });
    disturb = { startJob: () => 'no-capacity' };
    await create(jobInput('poor', ['copy']));
    expect(await settled('poor')).toMatchObject({
      ProcessingJobStatus: 'Failed',
      FailureReason: expect.stringMatching(/^CapacityError: /),
    });
  });
});

describe('processing job requests', () => {
  const cluster = { InstanceCount: 1, InstanceType: 'ml.m5.xlarge', VolumeSizeInGB: 30 } as const;

  it.each([
    ['a name twice', () => jobInput('copy', ['copy']), 'ResourceInUse', /already exists/],
    [
      'an image that is not there',
      () => jobInput('x', [], { AppSpecification: { ImageUri: 'nobody:1' } }),
      'ValidationException',
      /^Cannot find repository: nobody:1/,
    ],
    [
      'a path outside of /opt/ml',
      () => {
        const { S3Input, InputName } = input('all', 'S3Prefix', 'in/');
        const LocalPath = '/opt/ml/../etc';
        return jobInput('x', [], { ProcessingInputs: [{ InputName, S3Input: { ...S3Input, LocalPath } }] });
      },
      'ValidationException',
      /^LocalPath must lie under/,
    ],
    [
      'two instances',
      () => jobInput('x', [], { ProcessingResources: { ClusterConfig: { ...cluster, InstanceCount: 2 } } }),
      'ValidationException',
      /not offered/,
    ],
    [
      'an input twice',
      () => {
        const twice = input('all', 'S3Prefix', 'in/');
        return jobInput('x', [], { ProcessingInputs: [twice, twice] });
      },
      'ValidationException',
      /^Duplicate input name: all$/,
    ],
    [
      'an unknown instance type and no time at all',
      () =>
        jobInput('x', [], {
          ProcessingResources: { ClusterConfig: { ...cluster, InstanceType: 'ml.none' as never } },
          StoppingCondition: { MaxRuntimeInSeconds: 0 },
        }),
      'ValidationException',
      /^2 validation errors detected: Value 'ml.none' at 'processingResources.clusterConfig.instanceType' failed/,
    ],
    [
      'outputs that come while it runs',
      () => {
        const S3Output = {
          S3Uri: `s3://${BUCKET}/o`,
          LocalPath: OUTPUT,
          S3UploadMode: 'Continuous' as const,
        };
        return jobInput('x', [], { ProcessingOutputConfig: { Outputs: [{ OutputName: 'o', S3Output }] } });
      },
      'ValidationException',
      /^S3UploadMode Continuous is not offered/,
    ],
  ])('refuses %s', async (_, request, name, message) => {
    await expect(create(request())).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });

  it('says that a job is not there as the waiters expect it', async () => {
    await expect(describeJob('nobody')).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(/^Could not find requested job/),
    });
  });

  it('does not stop what has ended', async () => {
    await settled('copy');
    await expect(
      cloud.sagemaker.send(new StopProcessingJobCommand({ ProcessingJobName: 'copy' })),
    ).rejects.toMatchObject({ message: expect.stringMatching(/in status Completed/) });
  });
});
