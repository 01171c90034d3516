/** The cloud with signatures that must be right: the loop runs, outside clients with the key are served, and nobody else. */
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { createApi } from '../../cli/api.ts';
import { points, pointsCsv } from '../e2e/support/specifications.ts';
import { createStory } from '../e2e/support/story.ts';
import { startTestCloud, type TestCloud } from '../e2e/support/test-cloud.ts';
import { describeWith } from '../support/outside-client.ts';
import { AWS_CLI, type AwsCli, createAwsCli } from './support/aws-cli.ts';
import { describeBoto3 } from './support/python.ts';

let cloud: TestCloud;
const key = () => cloud.info.credentials!;

beforeAll(async () => {
  cloud = await startTestCloud({ strict: true });
}, 120_000);

afterAll(() => cloud?.close());

describe('the services, strict', () => {
  it('turn the loop: each function signs with its own role’s key', async () => {
    await cloud.api.send('PUT', '/v1/pipelines/points', JSON.stringify(points()));
    await cloud.drop('incoming/points/a.csv', pointsCsv(300, 1));
    const story = createStory(cloud.api, 'points');
    const run = await story.reaches(1, 'promoted', 60);
    await story.servesOnly(run.model as string, 60);
    const runtime = new SageMakerRuntimeClient(cloud.client);
    const request = { EndpointName: 'ratchet-dev-points', ContentType: 'text/csv', Body: '0.1,0.9' };
    expect((await runtime.send(new InvokeEndpointCommand(request))).$metadata.httpStatusCode).toBe(200);
    runtime.destroy();
  }, 120_000);

  it('answer the HTTP API’s signed requests, and nobody else’s', async () => {
    expect((await fetch(`${cloud.info.apiUrl}/v1/health`)).status).toBe(403);
    const stranger = createApi({ ...cloud.info, credentials: { ...key(), secretAccessKey: 'guess' } });
    await expect(stranger.get('/v1/health')).rejects.toMatchObject({ status: 403 });
    expect(await cloud.api.get('/v1/health')).toEqual({ status: 'ok' });
  });

  it('take AWS SDK v3 with the key, streaming and not, and refuse it with a guess', async () => {
    const config = { ...cloud.client, forcePathStyle: true };
    const s3 = new S3Client(config);
    const object = { Bucket: cloud.info.artifactsBucket, Key: "build/k (1)!*'.txt" };
    await s3.send(new PutObjectCommand({ ...object, Body: 'text' }));
    expect(await (await s3.send(new GetObjectCommand(object))).Body?.transformToString()).toBe('text');
    s3.destroy();
    const dynamo = new DynamoDBClient({ ...config, credentials: { ...key(), secretAccessKey: 'guess' } });
    await expect(dynamo.send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      message: expect.stringContaining('Check your AWS Secret Access Key and signing method'),
    });
    dynamo.destroy();
  });

  it('refuse what is not signed at all', async () => {
    expect((await fetch(`${cloud.info.awsEndpoint}/${cloud.info.dropBucket}`)).status).toBe(403);
    const headers = { 'x-amz-target': 'DynamoDB_20120810.ListTables' };
    const answer = await fetch(cloud.info.awsEndpoint, { method: 'POST', headers, body: '{}' });
    expect(await answer.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });
});

describeWith(AWS_CLI, 'strict', () => {
  let mine: AwsCli;
  let stranger: AwsCli;

  beforeAll(() => {
    mine = createAwsCli(cloud.info.awsEndpoint, key());
    stranger = createAwsCli(cloud.info.awsEndpoint, { ...key(), secretAccessKey: 'guess' });
  });

  afterAll(() => {
    mine.close();
    stranger.close();
  });

  it('is served with the key', async () => {
    expect(await mine.run('s3', 'ls')).toContain(cloud.info.dropBucket);
    expect(await mine.json('sqs', 'list-queues')).toMatchObject({ QueueUrls: expect.any(Array) });
    expect(await mine.json('events', 'list-rules')).toMatchObject({ Rules: expect.any(Array) });
  });

  it('is refused with a guess', async () => {
    await expect(stranger.run('s3', 'ls')).rejects.toMatchObject({
      stderr: expect.stringContaining('SignatureDoesNotMatch'),
    });
    await expect(stranger.run('events', 'list-rules')).rejects.toMatchObject({
      stderr: expect.stringContaining('InvalidSignatureException'),
    });
  });
});

describeBoto3('strict', `${import.meta.dirname}/strict.boto3.py`, () => ({
  ENDPOINT: cloud.info.awsEndpoint,
  ACCESS_KEY: key().accessKeyId,
  SECRET_KEY: key().secretAccessKey,
  BUCKET: cloud.info.artifactsBucket,
}));
