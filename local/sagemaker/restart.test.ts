import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateProcessingJobCommand,
  CreateTrainingJobCommand,
  CreateTransformJobCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  DescribeTransformJobCommand,
  SageMakerClient,
  StopTrainingJobCommand,
  UpdateEndpointCommand,
  waitUntilEndpointDeleted,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { alive, BUCKET, eventually, IMAGE, modelArchive, ROLE, startTestCloud } from './test-cloud.ts';

const MAIN = fileURLToPath(new URL('./test-cloud-main.ts', import.meta.url));

let dir: string;
let pidFile: string;
const pids = () => readFileSync(pidFile, 'utf8').trim().split('\n').map(Number);
let killed: ChildProcess | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ratchet-restart-'));
  pidFile = join(dir, 'pids');
});

afterEach(() => {
  killed?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

async function startDoomed() {
  killed = spawn(process.execPath, [MAIN, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [endpoint] = (await once(createInterface({ input: killed.stdout! }), 'line')) as [string];
  const config = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  return {
    sagemaker: new SageMakerClient(config),
    runtime: new SageMakerRuntimeClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
  };
}

describe('kill -9 of the cloud in the middle of its work', () => {
  it('leaves no process behind, and a restart takes all up again', async () => {
    const { sagemaker, runtime, s3 } = await startDoomed();
    const ModelDataUrl = `s3://${BUCKET}/model.tar.gz`;
    await s3.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'model.tar.gz', Body: await modelArchive('kept') }),
    );
    await sagemaker.send(
      new CreateModelCommand({ ModelName: 'kept', PrimaryContainer: { Image: IMAGE, ModelDataUrl } }),
    );
    const variant = {
      VariantName: 'kept',
      ModelName: 'kept',
      InitialInstanceCount: 1,
      InstanceType: 'ml.m5.large' as const,
    };
    const DataCaptureConfig = {
      EnableCapture: true,
      InitialSamplingPercentage: 100,
      DestinationS3Uri: `s3://${BUCKET}/captures/`,
      CaptureOptions: [{ CaptureMode: 'Input' as const }],
      CaptureContentTypeHeader: { CsvContentTypes: ['text/csv'] },
    };
    await sagemaker.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: 'kept',
        ProductionVariants: [variant],
        DataCaptureConfig,
      }),
    );
    await sagemaker.send(new CreateEndpointCommand({ EndpointName: 'kept', EndpointConfigName: 'kept' }));
    await eventually(async () => {
      const { EndpointStatus } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: 'kept' }));
      return EndpointStatus === 'InService' ? true : undefined;
    });
    await sagemaker.send(
      new CreateTrainingJobCommand({
        TrainingJobName: 'spinning',
        RoleArn: ROLE,
        HyperParameters: { mode: 'spin-once', pidFile },
        AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: 'File' },
        OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/models` },
      }),
    );
    const [trainer] = await eventually(() => {
      try {
        return pids();
      } catch {
        return undefined;
      }
    });
    const invoke = (body: string) =>
      new InvokeEndpointCommand({
        EndpointName: 'kept',
        Body: body,
        ContentType: 'text/csv',
        InferenceId: `id-${body}`,
      });
    const server = Number(Buffer.from((await runtime.send(invoke('pid'))).Body).toString());

    killed?.kill('SIGKILL');
    await eventually(() => (alive(trainer!) || alive(server) ? undefined : true));
    for (const client of [sagemaker, runtime, s3]) client.destroy();

    const cloud = await startTestCloud({ dir });
    const answer = await cloud.runtime.send(invoke('1'));
    expect(Buffer.from(answer.Body).toString()).toBe('kept:1');
    const job = await eventually(async () => {
      const found = await cloud.sagemaker.send(
        new DescribeTrainingJobCommand({ TrainingJobName: 'spinning' }),
      );
      return found.TrainingJobStatus === 'InProgress' ? undefined : found;
    });
    expect(job.TrainingJobStatus).toBe('Completed');
    expect(job.SecondaryStatusTransitions?.map((each) => each.Status)).toContain('Restarting');
    expect(await cloud.keys('models/')).toContain('models/spinning/output/model.tar.gz');
    const captured = await eventually(async () => {
      const bodies = await Promise.all((await cloud.keys('captures/')).map(cloud.get));
      const text = bodies.join('');
      return text.includes('id-pid') && text.includes('id-1') ? text : undefined;
    });
    expect(captured.trim().split('\n')).toHaveLength(2);
    await cloud.stop();
    expect(pids().some(alive)).toBe(false);
  });

  it('takes up what was half done: a batch, an update, a deletion, a stop, a spot job with its checkpoints', async () => {
    const { sagemaker, runtime, s3 } = await startDoomed();
    const put = (Key: string, Body: string | Buffer) =>
      s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    await put('rows/a.csv', 'slow\n'.repeat(10));
    for (const name of ['kept', 'lazy', 'broken']) {
      await put(`${name}.tar.gz`, await modelArchive(name));
      await sagemaker.send(createModel(name));
      await sagemaker.send(createConfig(name));
    }
    for (const EndpointName of ['growing', 'doomed', 'leaving'])
      await sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName: 'kept' }));
    for (const name of ['growing', 'doomed', 'leaving'])
      await eventually(async () =>
        (await describeEndpoint(sagemaker, name)).EndpointStatus === 'InService' ? true : undefined,
      );
    await sagemaker.send(train('counting', { mode: 'checkpoint' }));
    await eventually(() => get(s3, 'checkpoints/counting/starts.txt').catch(() => undefined));
    await sagemaker.send(train('stubborn', { mode: 'stubborn', pidFile }));
    await eventually(() => existsSync(pidFile) || undefined);
    await sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: 'stubborn' }));
    await sagemaker.send(transform('batch'));
    await sagemaker.send(new UpdateEndpointCommand({ EndpointName: 'growing', EndpointConfigName: 'lazy' }));
    await sagemaker.send(new UpdateEndpointCommand({ EndpointName: 'doomed', EndpointConfigName: 'broken' }));
    await sagemaker.send(new DeleteEndpointCommand({ EndpointName: 'leaving' }));

    killed?.kill('SIGKILL');
    for (const client of [sagemaker, runtime, s3]) client.destroy();
    await eventually(() => (pids().some(alive) ? undefined : true));

    const cloud = await startTestCloud({ dir });
    const served = (name: string) =>
      eventually(async () => {
        const found = await describeEndpoint(cloud.sagemaker, name);
        return found.EndpointStatus === 'InService' ? found : undefined;
      });
    expect((await served('growing')).EndpointConfigName).toBe('lazy');
    expect(await served('doomed')).toMatchObject({
      EndpointConfigName: 'kept',
      FailureReason: expect.stringMatching(/did not pass the ping health check/),
    });
    await waitUntilEndpointDeleted(
      { client: cloud.sagemaker, maxWaitTime: 20, minDelay: 0.02, maxDelay: 0.05 } as never,
      { EndpointName: 'leaving' },
    );
    const { TrainingJobStatus } = await cloud.sagemaker.send(
      new DescribeTrainingJobCommand({ TrainingJobName: 'stubborn' }),
    );
    expect(TrainingJobStatus).toBe('Stopped');
    await eventually(async () =>
      String(await cloud.get('checkpoints/counting/starts.txt')) === '2' ? true : undefined,
    );
    const batch = await eventually(async () => {
      const job = await cloud.sagemaker.send(new DescribeTransformJobCommand({ TransformJobName: 'batch' }));
      return job.TransformJobStatus === 'InProgress' ? undefined : job;
    });
    expect(batch.TransformJobStatus).toBe('Completed');
    expect(String(await cloud.get('out/a.csv.out'))).toBe('slow answer\n'.repeat(10));
    await cloud.stop();
  });

  it('starts a processing job again', async () => {
    const { sagemaker, runtime, s3 } = await startDoomed();
    await sagemaker.send(processing('again', ['second-time', pidFile]));
    await eventually(() => existsSync(pidFile) || undefined);

    killed?.kill('SIGKILL');
    for (const client of [sagemaker, runtime, s3]) client.destroy();
    await eventually(() => (pids().some(alive) ? undefined : true));

    const cloud = await startTestCloud({ dir });
    const job = await eventually(async () => {
      const found = await cloud.sagemaker.send(
        new DescribeProcessingJobCommand({ ProcessingJobName: 'again' }),
      );
      return found.ProcessingJobStatus === 'InProgress' ? undefined : found;
    });
    expect(job.ProcessingJobStatus).toBe('Completed');
    expect(String(await cloud.get('processed/done.txt'))).toBe('done');
    await cloud.stop();
  });

  it('loses no job that was acknowledged, at whatever moment', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      const { sagemaker, runtime, s3 } = await startDoomed();
      setTimeout(() => killed?.kill('SIGKILL'), 50 + Math.random() * 500);
      for (let job = 0; job < 3; job += 1) {
        const name = `job-${round}-${job}`;
        const created = await sagemaker.send(train(name, { pidFile })).catch(() => undefined);
        if (created) acknowledged.push(name);
      }
      await eventually(() => (killed?.signalCode ? true : undefined));
      for (const client of [sagemaker, runtime, s3]) client.destroy();
    }
    const cloud = await startTestCloud({ dir });
    for (const TrainingJobName of acknowledged) {
      const job = await eventually(async () => {
        const found = await cloud.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
        return found.TrainingJobStatus === 'InProgress' ? undefined : found;
      });
      expect(job).toMatchObject({ TrainingJobName, TrainingJobStatus: 'Completed' });
      expect(await cloud.keys(`models/${TrainingJobName}/`)).toContain(
        `models/${TrainingJobName}/output/model.tar.gz`,
      );
    }
    await cloud.stop();
    await eventually(() => (existsSync(pidFile) && pids().some(alive) ? undefined : true));
  }, 60_000);
});

const createModel = (name: string) =>
  new CreateModelCommand({
    ModelName: name,
    PrimaryContainer: { Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/${name}.tar.gz` },
  });

const createConfig = (name: string) =>
  new CreateEndpointConfigCommand({
    EndpointConfigName: name,
    ProductionVariants: [
      { VariantName: name, ModelName: name, InitialInstanceCount: 1, InstanceType: 'ml.m5.large' },
    ],
  });

const describeEndpoint = (client: SageMakerClient, name: string) =>
  client.send(new DescribeEndpointCommand({ EndpointName: name }));

const train = (name: string, HyperParameters: Record<string, string>) =>
  new CreateTrainingJobCommand({
    TrainingJobName: name,
    RoleArn: ROLE,
    HyperParameters,
    AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: 'File' },
    OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/models` },
    EnableManagedSpotTraining: true,
    CheckpointConfig: { S3Uri: `s3://${BUCKET}/checkpoints/${name}` },
    StoppingCondition: { MaxRuntimeInSeconds: 60, MaxWaitTimeInSeconds: 60 },
  });

const transform = (name: string) =>
  new CreateTransformJobCommand({
    TransformJobName: name,
    ModelName: 'kept',
    BatchStrategy: 'SingleRecord',
    TransformInput: {
      DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${BUCKET}/rows/` } },
      SplitType: 'Line',
    },
    TransformOutput: { S3OutputPath: `s3://${BUCKET}/out`, AssembleWith: 'Line' },
    TransformResources: { InstanceType: 'ml.m5.large', InstanceCount: 1 },
  });

const processing = (ProcessingJobName: string, words: string[]) =>
  new CreateProcessingJobCommand({
    ProcessingJobName,
    RoleArn: ROLE,
    AppSpecification: { ImageUri: IMAGE, ContainerArguments: ['process', ...words] },
    ProcessingOutputConfig: {
      Outputs: [
        {
          OutputName: 'out',
          S3Output: {
            S3Uri: `s3://${BUCKET}/processed`,
            LocalPath: '/opt/ml/processing/output',
            S3UploadMode: 'EndOfJob',
          },
        },
      ],
    },
    ProcessingResources: {
      ClusterConfig: { InstanceCount: 1, InstanceType: 'ml.m5.large', VolumeSizeInGB: 1 },
    },
  });

async function get(s3: S3Client, Key: string): Promise<string | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  return Body?.transformToString();
}
