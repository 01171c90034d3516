/** SageMaker by the AWS SDK's own waiters and paginators, from data to a model that answers. */
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateProcessingJobCommand,
  CreateTrainingJobCommand,
  CreateTransformJobCommand,
  DeleteEndpointCommand,
  DeleteTrainingJobCommand,
  DescribeEndpointCommand,
  DescribeTrainingJobCommand,
  DescribeTransformJobCommand,
  ListProcessingJobsCommand,
  type ProductionVariant,
  paginateListTrainingJobs,
  SageMakerClient,
  StopProcessingJobCommand,
  StopTransformJobCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  waitUntilEndpointDeleted,
  waitUntilEndpointInService,
  waitUntilProcessingJobCompletedOrStopped,
  waitUntilTrainingJobCompletedOrStopped,
  waitUntilTransformJobCompletedOrStopped,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { BareCloud } from './support/bare-cloud.ts';
import { BUCKET, IMAGE, ROLE, startLineCloud } from './support/straight-line.ts';

describe('SageMaker, AWS SDK v3', () => {
  let cloud: BareCloud;
  let sagemaker: SageMakerClient;
  let runtime: SageMakerRuntimeClient;
  let s3: S3Client;

  beforeAll(async () => {
    cloud = await startLineCloud();
    sagemaker = new SageMakerClient(cloud.client);
    runtime = new SageMakerRuntimeClient(cloud.client);
    s3 = new S3Client(cloud.client);
    await train('sdk-line');
    await waitUntilTrainingJobCompletedOrStopped(patiently(), { TrainingJobName: 'sdk-line' });
    const { ModelArtifacts } = await describeJob('sdk-line');
    await sagemaker.send(
      new CreateModelCommand({
        ModelName: 'line',
        ExecutionRoleArn: ROLE,
        PrimaryContainer: { Image: IMAGE, ModelDataUrl: ModelArtifacts?.S3ModelArtifacts },
      }),
    );
    await createConfig('one', [variant('a', 1)]);
    await createConfig('two', [variant('a', 3), variant('b', 1)]);
  });

  afterAll(async () => {
    for (const client of [sagemaker, runtime, s3]) client?.destroy();
    await cloud?.close();
  });

  const patiently = () => ({ client: sagemaker, maxWaitTime: 60, minDelay: 1, maxDelay: 1 });
  const describeJob = (name: string) =>
    sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
  const createConfig = (name: string, variants: ProductionVariant[]) =>
    sagemaker.send(
      new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants: variants }),
    );
  const variant = (name: string, weight: number): ProductionVariant => ({
    VariantName: name,
    ModelName: 'line',
    InstanceType: 'ml.m5.large',
    InitialInstanceCount: 1,
    InitialVariantWeight: weight,
  });

  const train = (name: string) =>
    sagemaker.send(
      new CreateTrainingJobCommand({
        TrainingJobName: name,
        RoleArn: ROLE,
        AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: 'File' },
        HyperParameters: { num_round: '50', eta: '0.5' },
        InputDataConfig: [
          {
            ChannelName: 'train',
            ContentType: 'text/csv',
            DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${BUCKET}/train/` } },
          },
        ],
        OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/models` },
        ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
        StoppingCondition: { MaxRuntimeInSeconds: 300 },
      }),
    );

  async function invoke(row: string, TargetVariant?: string): Promise<{ value: number; by: string }> {
    const answer = await runtime.send(
      new InvokeEndpointCommand({
        EndpointName: 'sdk',
        ContentType: 'text/csv',
        Body: row,
        ...(TargetVariant ? { TargetVariant } : {}),
      }),
    );
    return {
      value: Number(Buffer.from(answer.Body).toString()),
      by: String(answer.InvokedProductionVariant),
    };
  }

  const transform = (name: string) =>
    sagemaker.send(
      new CreateTransformJobCommand({
        TransformJobName: name,
        ModelName: 'line',
        BatchStrategy: 'SingleRecord',
        TransformInput: {
          DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${BUCKET}/batch/` } },
          ContentType: 'text/csv',
          SplitType: 'Line',
        },
        TransformOutput: { S3OutputPath: `s3://${BUCKET}/out/${name}`, AssembleWith: 'Line' },
        TransformResources: { InstanceType: 'ml.m5.large', InstanceCount: 1 },
      }),
    );

  it('deploys a model, asks it, shares its traffic by weight, and deletes it', async () => {
    await sagemaker.send(new CreateEndpointCommand({ EndpointName: 'sdk', EndpointConfigName: 'one' }));
    await waitUntilEndpointInService(patiently(), { EndpointName: 'sdk' });
    const { value } = await invoke('20');
    expect(Math.abs(value - 40)).toBeLessThan(3);
    await sagemaker.send(new UpdateEndpointCommand({ EndpointName: 'sdk', EndpointConfigName: 'two' }));
    expect((await invoke('20')).by).toBe('a');
    await waitUntilEndpointInService(patiently(), { EndpointName: 'sdk' });
    expect((await invoke('20', 'b')).by).toBe('b');
    const count = 400;
    let byB = 0;
    for (let at = 0; at < count; at += 1) byB += Number((await invoke('20')).by === 'b');
    // Five standard deviations of a binomial with one in four.
    expect(Math.abs(byB - count / 4)).toBeLessThan(5 * Math.sqrt((count * 3) / 16));
    await sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: 'sdk',
        DesiredWeightsAndCapacities: [{ VariantName: 'a', DesiredWeight: 0 }],
      }),
    );
    await waitUntilEndpointInService(patiently(), { EndpointName: 'sdk' });
    const { ProductionVariants } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: 'sdk' }));
    expect(ProductionVariants?.map((each) => each.CurrentWeight)).toEqual([0, 1]);
    await sagemaker.send(new DeleteEndpointCommand({ EndpointName: 'sdk' }));
    await waitUntilEndpointDeleted(patiently(), { EndpointName: 'sdk' });
  });

  it('predicts in batch', async () => {
    await transform('batch');
    await waitUntilTransformJobCompletedOrStopped(patiently(), { TransformJobName: 'batch' });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'out/batch/rows.csv.out' }));
    const values = String(await Body?.transformToString())
      .trim()
      .split('\n')
      .map(Number);
    [20, 40, 60].forEach((expected, at) => {
      expect(Math.abs((values[at] ?? 0) - expected)).toBeLessThan(4);
    });
  });

  it('stops a batch', async () => {
    await transform('stopped');
    await sagemaker.send(new StopTransformJobCommand({ TransformJobName: 'stopped' }));
    await waitUntilTransformJobCompletedOrStopped(patiently(), { TransformJobName: 'stopped' });
    const { TransformJobStatus } = await sagemaker.send(
      new DescribeTransformJobCommand({ TransformJobName: 'stopped' }),
    );
    expect(TransformJobStatus).toBe('Stopped');
  });

  /** Puts the first words of a program in Node into the output: any image will do, its entry point is the request's. */
  const processData = (name: string, script: string) =>
    sagemaker.send(
      new CreateProcessingJobCommand({
        ProcessingJobName: name,
        RoleArn: ROLE,
        AppSpecification: {
          ImageUri: IMAGE,
          ContainerEntrypoint: [process.execPath, '--eval', script],
        },
        ProcessingInputs: [
          {
            InputName: 'train',
            S3Input: {
              S3Uri: `s3://${BUCKET}/train/`,
              LocalPath: '/opt/ml/processing/input',
              S3DataType: 'S3Prefix',
              S3InputMode: 'File',
            },
          },
        ],
        ProcessingOutputConfig: {
          Outputs: [
            {
              OutputName: 'count',
              S3Output: {
                S3Uri: `s3://${BUCKET}/processed/${name}`,
                LocalPath: '/opt/ml/processing/output',
                S3UploadMode: 'EndOfJob',
              },
            },
          ],
        },
        ProcessingResources: {
          ClusterConfig: { InstanceCount: 1, InstanceType: 'ml.m5.large', VolumeSizeInGB: 10 },
        },
      }),
    );

  it('processes data', async () => {
    const count =
      "const fs = require('node:fs'); const rows = fs.readFileSync('processing/input/line.csv', 'utf8').trim().split('\\n').length; fs.writeFileSync('processing/output/rows.txt', String(rows))";
    await processData('count', count);
    await waitUntilProcessingJobCompletedOrStopped(patiently(), { ProcessingJobName: 'count' });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'processed/count/rows.txt' }));
    expect(await Body?.transformToString()).toBe('60');
  });

  it('stops the processing of data, and lets a waiter give up on what failed', async () => {
    await processData('endless', 'setInterval(() => undefined, 1000)');
    await sagemaker.send(new StopProcessingJobCommand({ ProcessingJobName: 'endless' }));
    await waitUntilProcessingJobCompletedOrStopped(patiently(), { ProcessingJobName: 'endless' });
    await processData('broken', 'process.exit(3)');
    await expect(
      waitUntilProcessingJobCompletedOrStopped(patiently(), { ProcessingJobName: 'broken' }),
    ).rejects.toThrow(/exit code: 3/);
    const { ProcessingJobSummaries } = await sagemaker.send(
      new ListProcessingJobsCommand({ SortBy: 'Name', SortOrder: 'Ascending' }),
    );
    expect(ProcessingJobSummaries?.map((job) => [job.ProcessingJobName, job.ProcessingJobStatus])).toEqual([
      ['broken', 'Failed'],
      ['count', 'Completed'],
      ['endless', 'Stopped'],
    ]);
  });

  it('lists jobs page by page, however they come and go meanwhile', async () => {
    const names = ['sdk-page-1', 'sdk-page-2', 'sdk-page-3', 'sdk-page-4'];
    for (const name of names) await train(name);
    for (const name of names)
      await waitUntilTrainingJobCompletedOrStopped(patiently(), { TrainingJobName: name });
    const input = { NameContains: 'sdk-page-', SortBy: 'Name', SortOrder: 'Ascending' } as const;
    const listed: (string | undefined)[][] = [];
    for await (const page of paginateListTrainingJobs({ client: sagemaker, pageSize: 2 }, input)) {
      listed.push((page.TrainingJobSummaries ?? []).map((job) => job.TrainingJobName));
      if (listed.length === 1)
        await sagemaker.send(new DeleteTrainingJobCommand({ TrainingJobName: 'sdk-page-1' }));
    }
    expect(listed).toEqual([
      ['sdk-page-1', 'sdk-page-2'],
      ['sdk-page-3', 'sdk-page-4'],
    ]);
  });

  it('lets a waiter give up on a job that is not there', async () => {
    await expect(
      waitUntilTrainingJobCompletedOrStopped(patiently(), { TrainingJobName: 'nobody' }),
    ).rejects.toThrow(/Requested resource not found|FAILURE/);
  });
});
