import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateTrainingJobCommand,
  DescribeEndpointCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { BUCKET, eventually, IMAGE, modelArchive, ROLE, startTestCloud } from './test-cloud.ts';

const MAIN = fileURLToPath(new URL('./test-cloud-main.ts', import.meta.url));

const dir = mkdtempSync(join(tmpdir(), 'ratchet-restart-'));
const pidFile = join(dir, 'pids');
const pids = () => readFileSync(pidFile, 'utf8').trim().split('\n').map(Number);
let killed: ChildProcess | undefined;

afterAll(() => {
  killed?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

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
});
