/** SageMaker as a user of Debian's AWS CLI works with it: train, deploy, ask, change, list, delete. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith } from '../support/outside-client.ts';
import { AWS_CLI, type AwsCli, createAwsCli } from './support/aws-cli.ts';
import type { BareCloud } from './support/bare-cloud.ts';
import { BUCKET, IMAGE, ROLE, startLineCloud } from './support/straight-line.ts';

const PATIENCE_MS = 60_000;

describeWith(AWS_CLI, 'SageMaker', () => {
  let cloud: BareCloud;
  let cli: AwsCli;

  beforeAll(async () => {
    cloud = await startLineCloud();
    cli = createAwsCli(cloud.endpoint);
    await train('cli-line');
    const { ModelArtifacts } = await ended('cli-line');
    const container = JSON.stringify({ Image: IMAGE, ModelDataUrl: ModelArtifacts?.S3ModelArtifacts });
    await sagemaker(
      'create-model',
      '--model-name',
      'line',
      '--execution-role-arn',
      ROLE,
      '--primary-container',
      container,
    );
    await sagemaker(
      'create-endpoint-config',
      '--endpoint-config-name',
      'one',
      '--production-variants',
      variant('a', 1),
    );
    await sagemaker(
      'create-endpoint-config',
      '--endpoint-config-name',
      'two',
      '--production-variants',
      variant('a', 1),
      variant('b', 0),
    );
  });

  afterAll(async () => {
    cli?.close();
    await cloud?.close();
  });

  const sagemaker = (...args: readonly string[]) => cli.run('sagemaker', ...args);
  const ask = <T>(...args: readonly string[]) => cli.json<T>('sagemaker', ...args);
  const refusal = (...args: readonly string[]) =>
    sagemaker(...args).then(
      () => 'nothing was refused',
      (error: { stderr: string }) => error.stderr.trim(),
    );

  const variant = (name: string, weight: number) =>
    `VariantName=${name},ModelName=line,InstanceType=ml.m5.large,InitialInstanceCount=1,InitialVariantWeight=${weight}`;

  const train = (name: string, hyperparameters = 'num_round=50,eta=0.5', ...more: readonly string[]) =>
    sagemaker(
      'create-training-job',
      '--training-job-name',
      name,
      '--role-arn',
      ROLE,
      '--algorithm-specification',
      `TrainingImage=${IMAGE},TrainingInputMode=File`,
      '--hyper-parameters',
      hyperparameters,
      '--input-data-config',
      JSON.stringify([
        {
          ChannelName: 'train',
          ContentType: 'text/csv',
          DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${BUCKET}/train/` } },
        },
      ]),
      '--output-data-config',
      `S3OutputPath=s3://${BUCKET}/models`,
      '--resource-config',
      'InstanceType=ml.m5.large,InstanceCount=1,VolumeSizeInGB=1',
      '--stopping-condition',
      'MaxRuntimeInSeconds=300',
      ...more,
    );

  interface Job {
    readonly TrainingJobStatus: string;
    readonly SecondaryStatus: string;
    readonly ModelArtifacts?: { readonly S3ModelArtifacts: string };
  }

  /** The CLI's own waiters look every two minutes: they are asked when there is nothing left to wait for. */
  async function until<T>(look: () => Promise<T>, isThere: (found: T) => boolean): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS;
    for (let found = await look(); ; found = await look()) {
      if (isThere(found)) return found;
      if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(found)}`);
    }
  }

  async function ended(name: string): Promise<Job> {
    const job = await until(
      () => ask<Job>('describe-training-job', '--training-job-name', name),
      ({ TrainingJobStatus }) => !['InProgress', 'Stopping'].includes(TrainingJobStatus),
    );
    await sagemaker('wait', 'training-job-completed-or-stopped', '--training-job-name', name);
    return job;
  }

  interface Endpoint {
    readonly EndpointStatus: string;
    readonly EndpointConfigName: string;
    readonly ProductionVariants: readonly { readonly CurrentWeight: number }[];
  }

  async function inService(name: string): Promise<Endpoint> {
    const endpoint = await until(
      () => ask<Endpoint>('describe-endpoint', '--endpoint-name', name),
      ({ EndpointStatus }) => EndpointStatus === 'InService',
    );
    await sagemaker('wait', 'endpoint-in-service', '--endpoint-name', name);
    return endpoint;
  }

  async function invoke(...more: readonly string[]): Promise<{ value: number; by: string }> {
    writeFileSync(join(cli.dir, 'row.csv'), '20');
    const { InvokedProductionVariant: by } = await cli.json<{ InvokedProductionVariant: string }>(
      'sagemaker-runtime',
      'invoke-endpoint',
      '--endpoint-name',
      'cli',
      '--content-type',
      'text/csv',
      '--body',
      'fileb://row.csv',
      ...more,
      'answer.csv',
    );
    return { value: Number(readFileSync(join(cli.dir, 'answer.csv'), 'utf8')), by };
  }

  it('deploys a model, asks it, changes its variants and weights, and deletes it', async () => {
    await sagemaker('create-endpoint', '--endpoint-name', 'cli', '--endpoint-config-name', 'one');
    await inService('cli');
    const { value, by } = await invoke();
    expect(Math.abs(value - 40)).toBeLessThan(3);
    expect(by).toBe('a');
    await sagemaker('update-endpoint', '--endpoint-name', 'cli', '--endpoint-config-name', 'two');
    expect(await inService('cli')).toMatchObject({ EndpointConfigName: 'two' });
    expect((await invoke('--target-variant', 'b')).by).toBe('b');
    await sagemaker(
      'update-endpoint-weights-and-capacities',
      '--endpoint-name',
      'cli',
      '--desired-weights-and-capacities',
      'VariantName=a,DesiredWeight=0',
      'VariantName=b,DesiredWeight=1',
    );
    const { ProductionVariants } = await inService('cli');
    expect(ProductionVariants.map((each) => each.CurrentWeight)).toEqual([0, 1]);
    expect((await invoke()).by).toBe('b');
    await sagemaker('delete-endpoint', '--endpoint-name', 'cli');
    await until(
      () => refusal('describe-endpoint', '--endpoint-name', 'cli'),
      (text) =>
        text.includes('Could not find endpoint "arn:aws:sagemaker:us-east-1:000000000000:endpoint/cli".'),
    );
    await sagemaker('wait', 'endpoint-deleted', '--endpoint-name', 'cli');
  });

  it('stops a job', async () => {
    await train('cli-endless', 'num_round=100000,eta=0.0001');
    await sagemaker('stop-training-job', '--training-job-name', 'cli-endless');
    expect((await ended('cli-endless')).TrainingJobStatus).toBe('Stopped');
    expect(await refusal('stop-training-job', '--training-job-name', 'cli-endless')).toMatch(
      /\(ValidationException\) when calling the StopTrainingJob operation.*: The request was rejected because the training job is in status Stopped\.$/,
    );
  });

  it('lists all pages, filtered and sorted', async () => {
    const names = ['p-1', 'p-2', 'p-3'];
    for (const name of names)
      await sagemaker(
        'create-model',
        '--model-name',
        name,
        '--execution-role-arn',
        ROLE,
        '--primary-container',
        `Image=${IMAGE}`,
      );
    const { Models } = await ask<{ Models: { ModelName: string }[] }>(
      'list-models',
      '--name-contains',
      'p-',
      '--sort-by',
      'Name',
      '--sort-order',
      'Ascending',
      '--page-size',
      '2',
    );
    expect(Models.map((model) => model.ModelName)).toEqual(names);
    for (const name of names) await sagemaker('delete-model', '--model-name', name);
    const { TrainingJobSummaries } = await ask<{ TrainingJobSummaries: { TrainingJobName: string }[] }>(
      'list-training-jobs',
      '--status-equals',
      'Completed',
    );
    expect(TrainingJobSummaries.map((job) => job.TrainingJobName)).toEqual(['cli-line']);
  });

  it.each([
    [
      'a name that is taken',
      () => train('cli-line').then(String, (error: { stderr: string }) => error.stderr),
      /\(ResourceInUse\) when calling the CreateTrainingJob operation.*: Training job names must be unique/,
    ],
    [
      'a job that is not there',
      () => refusal('describe-training-job', '--training-job-name', 'nobody'),
      /\(ValidationException\) .*: Requested resource not found\.$/,
    ],
    [
      'a bad name',
      () => refusal('describe-model', '--model-name', 'a_b'),
      /\(ValidationException\) .*: 1 validation error detected: Value 'a_b' at 'modelName' failed to satisfy constraint: Member must satisfy regular expression pattern: /,
    ],
    [
      'an unknown instance type',
      () =>
        train(
          'x',
          'num_round=1',
          '--resource-config',
          'InstanceType=ml.abacus,InstanceCount=1,VolumeSizeInGB=1',
        ).then(String, (error: { stderr: string }) => error.stderr),
      /Value 'ml\.abacus' at 'resourceConfig\.instanceType' failed to satisfy constraint: Member must satisfy enum value set: \[/,
    ],
  ])('is refused %s', async (_, act, message) => {
    expect(await act()).toMatch(message);
  });
});
