/** The Spark image as a Processing job of the embedded cloud: it reads the exact versions that it is asked for with its
 * role's credentials, and leaves a dataset. */
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateProcessingJobCommand,
  DescribeProcessingJobCommand,
  SageMakerClient,
  waitUntilProcessingJobCompletedOrStopped,
} from '@aws-sdk/client-sagemaker';
import { dataOf } from '../../shared/preparation/testing/data-of.ts';
import { type BareCloud, bucket, startBareCloud } from '../conformance/support/bare-cloud.ts';
import { describeWith } from '../support/outside-client.ts';
import { sparkPython } from './support/spark.ts';

const python = sparkPython();
const BUCKET = 'spark-drops';
const ROLE = 'spark';
const IMAGE = '000000000000.dkr.ecr.us-east-1.amazonaws.com/ratchet-dev-spark:latest';

const DATA = dataOf({
  columns: [
    { name: 'x', type: 'number', missing: 'median' },
    { name: 'y', type: 'integer' },
  ],
  target: 'y',
  quality: { minimumRows: 1 },
});

const role = {
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: ROLE,
    AssumeRolePolicyDocument: {},
    Policies: [
      {
        PolicyName: 'read',
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: ['s3:GetObject', 's3:GetObjectVersion'],
              Resource: `arn:aws:s3:::${BUCKET}/incoming/*`,
            },
          ],
        },
      },
    ],
  },
};

describeWith(python, 'a Processing job', () => {
  let cloud: BareCloud;
  let s3: S3Client;
  let sagemaker: SageMakerClient;

  beforeAll(async () => {
    cloud = await startBareCloud({ Data: bucket(BUCKET, { versioned: true }), Role: role });
    s3 = new S3Client(cloud.client);
    sagemaker = new SageMakerClient(cloud.client);
  });
  afterAll(async () => {
    for (const client of [s3, sagemaker]) client?.destroy();
    await cloud?.close();
  });

  const put = async (Key: string, Body: string) =>
    (await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }))).VersionId!;
  const text = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    return await Body!.transformToString();
  };

  async function prepared(name: string, key: string, versionId: string) {
    const parts = [{ bucket: BUCKET, key, versionId, size: 1000, fresh: true }];
    await put(`work/${name}/request/request.json`, JSON.stringify({ data: DATA, parts }));
    await sagemaker.send(
      new CreateProcessingJobCommand({
        ProcessingJobName: name,
        RoleArn: `arn:aws:iam::000000000000:role/${ROLE}`,
        AppSpecification: { ImageUri: IMAGE },
        ProcessingInputs: [
          {
            InputName: 'request',
            S3Input: {
              S3Uri: `s3://${BUCKET}/work/${name}/request/`,
              LocalPath: '/opt/ml/processing/input/request',
              S3DataType: 'S3Prefix',
              S3InputMode: 'File',
            },
          },
        ],
        ProcessingOutputConfig: {
          Outputs: [
            {
              OutputName: 'dataset',
              S3Output: {
                S3Uri: `s3://${BUCKET}/work/${name}/output/`,
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
    const patience = { client: sagemaker, maxWaitTime: 240, minDelay: 1, maxDelay: 1 };
    await waitUntilProcessingJobCompletedOrStopped(patience, { ProcessingJobName: name }).catch(
      () => undefined,
    );
    return sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: name }));
  }

  it('prepares the version that it is asked for, though a newer one is there', async () => {
    const rows = Array.from({ length: 40 }, (_, at) => `${at},${at % 2}\n`);
    const version = await put('incoming/a.csv', `x,y\n${rows.join('')}`);
    await put('incoming/a.csv', 'nothing of the kind');

    const job = await prepared('versions', 'incoming/a.csv', version);

    expect(job).toMatchObject({
      ProcessingJobStatus: 'Completed',
      ExitMessage: expect.stringMatching(/^prepared: \d+ train, \d+ validation, \d+ test$/),
    });
    const result = JSON.parse(await text('work/versions/output/result.json'));
    expect(result.rows.train + result.rows.validation + result.rows.test).toBe(40);
    const lines = (await text('work/versions/output/train/data.csv')).trim().split('\n');
    expect(lines).toHaveLength(result.rows.train);
  });

  it('fails with what AWS says where its role may not read', async () => {
    const version = await put('elsewhere/a.csv', 'x,y\n1,1\n');
    const job = await prepared('forbidden', 'elsewhere/a.csv', version);
    expect(job).toMatchObject({
      ProcessingJobStatus: 'Failed',
      ExitMessage: expect.stringMatching(/AccessDenied.*spark.*s3:GetObject/s),
    });
  });
});
