import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, type CloudInfo, startCloud } from './cloud.ts';
import { writePackage } from './plan/package-fixture.ts';

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const ref = (id: string) => ({ Ref: id });
const resource = (type: string, Properties: object) => ({ Type: `AWS::${type}`, Properties });

/** The functions reach the cloud as all do, by AWS_ENDPOINT_URL; to keep the bundle small they sign by hand. */
const HANDLERS = `
const call = async (service, target, body) => {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target, 'x-amz-date': '20260101T000000Z',
    authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/' + service + '/aws4_request, SignedHeaders=host, Signature=0' };
  const response = await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
};
export const onDrop = async ({ Records }) => {
  for (const { body } of Records) {
    const { detail } = JSON.parse(body);
    await call('dynamodb', 'DynamoDB_20120810.PutItem', { TableName: process.env.TABLE, Item: { pk: { S: detail.object.key }, size: { N: String(detail.object.size) } } });
  }
  return { batchItemFailures: [] };
};
export const onLife = async () => { throw new Error('given up'); };
export const onRequest = async ({ pathParameters }) => {
  const { Item } = await call('dynamodb', 'DynamoDB_20120810.GetItem', { TableName: process.env.TABLE, Key: { pk: { S: pathParameters.key } } });
  return Item ? { size: Number(Item.size.N) } : { statusCode: 404, body: '' };
};
`;

const fn = (name: string) =>
  resource('Lambda::Function', {
    Code: { S3Bucket: 'zips', S3Key: 'x/bundle.zip' },
    FunctionName: name,
    Handler: `handlers.${name}`,
    Runtime: 'nodejs24.x',
    Environment: { Variables: { TABLE: ref('Table') } },
    Role: arn('Role'),
  });
const life = { source: 'test', 'detail-type': 'Life.v1' };
const RESOURCES = {
  Drop: resource('S3::Bucket', {
    BucketName: 'drop',
    NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
  }),
  Artifacts: resource('S3::Bucket', { BucketName: 'artifacts' }),
  Table: resource('DynamoDB::Table', {
    TableName: 'table',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  }),
  Bus: resource('Events::EventBus', { Name: 'life' }),
  Drops: resource('SQS::Queue', { QueueName: 'drops' }),
  Failed: resource('SQS::Queue', { QueueName: 'failed' }),
  DropsRule: resource('Events::Rule', {
    EventPattern: {
      source: ['aws.s3'],
      detail: { bucket: { name: [ref('Drop')] }, object: { key: [{ prefix: 'incoming/' }] } },
    },
    Targets: [{ Id: 'drops', Arn: arn('Drops') }],
  }),
  LifeRule: resource('Events::Rule', {
    EventBusName: ref('Bus'),
    EventPattern: { source: ['test'] },
    Targets: [{ Id: 'f', Arn: arn('OnLife') }],
  }),
  Role: resource('IAM::Role', {
    RoleName: 'role',
    AssumeRolePolicyDocument: {},
    Policies: [
      {
        PolicyName: 'items',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: ['dynamodb:PutItem', 'dynamodb:GetItem'], Resource: arn('Table') },
          ],
        },
      },
    ],
  }),
  OnDrop: fn('onDrop'),
  OnLife: fn('onLife'),
  OnRequest: fn('onRequest'),
  LifeConfig: resource('Lambda::EventInvokeConfig', {
    FunctionName: ref('OnLife'),
    Qualifier: '$LATEST',
    DestinationConfig: { OnFailure: { Destination: arn('Failed') } },
  }),
  Mapping: resource('Lambda::EventSourceMapping', {
    EventSourceArn: arn('Drops'),
    FunctionName: arn('OnDrop'),
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  }),
  Api: resource('ApiGatewayV2::Api', { Name: 'api', ProtocolType: 'HTTP' }),
  Integration: resource('ApiGatewayV2::Integration', {
    ApiId: ref('Api'),
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: arn('OnRequest'),
    PayloadFormatVersion: '2.0',
  }),
  Route: resource('ApiGatewayV2::Route', {
    ApiId: ref('Api'),
    RouteKey: 'GET /v1/files/{key+}',
    Target: { 'Fn::Join': ['/', ['integrations', ref('Integration')]] },
  }),
};
const OUTPUTS = {
  DropBucket: { Value: ref('Drop') },
  ArtifactsBucket: { Value: ref('Artifacts') },
  BusName: { Value: ref('Bus') },
  TableName: { Value: ref('Table') },
};

let root: string;
let dir: string;
let packageDir: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cloud-'));
  packageDir = writePackage(join(root, 'package'), {
    resources: RESOURCES,
    outputs: OUTPUTS,
    bundles: { 'bundle.zip': { 'handlers.mjs': HANDLERS } },
  });
  dir = join(root, 'state');
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const options = () => ({ dir, packageDir, port: 0, apiPort: 0, scale: 600, maxWarm: 3 });
const client = (info: CloudInfo) => ({
  endpoint: info.awsEndpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
});

async function drop(info: CloudInfo, key: string): Promise<void> {
  const s3 = new S3Client({ ...client(info), forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: info.dropBucket, Key: key, Body: 'four' }));
  s3.destroy();
}

async function handled(info: CloudInfo, key: string): Promise<void> {
  const dynamo = new DynamoDBClient(client(info));
  const get = new GetItemCommand({
    TableName: info.tableName,
    Key: { pk: { S: key } },
    ConsistentRead: true,
  });
  while (!(await dynamo.send(get)).Item) await sleep(20);
  dynamo.destroy();
}

describe('a cloud', () => {
  let cloud: Cloud;

  beforeAll(async () => {
    cloud = await startCloud(options());
  });

  afterAll(() => cloud.close());

  it('carries a dropped file through S3, EventBridge, SQS, Lambda and DynamoDB to the HTTP API', async () => {
    await drop(cloud.info, 'incoming/a.csv');
    await handled(cloud.info, 'incoming/a.csv');
    const answer = await fetch(`${cloud.info.apiUrl}/v1/files/incoming/a.csv`);
    expect([answer.status, await answer.json()]).toEqual([200, { size: 4 }]);
    expect((await fetch(`${cloud.info.apiUrl}/v1/files/other`)).status).toBe(404);
    expect(cloud.pids().length).toBeGreaterThan(0);
  });

  it('retries a failing handler and hands the event to its destination', async () => {
    const events = new EventBridgeClient(client(cloud.info));
    const entry = {
      EventBusName: cloud.info.busName,
      Source: life.source,
      DetailType: life['detail-type'],
      Detail: '{"n":1}',
    };
    await events.send(new PutEventsCommand({ Entries: [entry] }));
    const sqs = new SQSClient(client(cloud.info));
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'failed' }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    expect(JSON.parse(Messages?.[0]?.Body ?? '{}')).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: { ...life, detail: { n: 1 } },
      responsePayload: { errorMessage: 'given up' },
    });
    events.destroy();
    sqs.destroy();
  });

  it('refuses a folder whose state another version has made, saying what to do', async () => {
    const old = join(root, 'old');
    mkdirSync(join(old, 's3'), { recursive: true });
    await expect(startCloud({ ...options(), dir: old })).rejects.toMatchObject({
      code: 'FOLDER_FORMAT',
      message: expect.stringContaining('--dir'),
    });
  });

  it.each(['awsEndpoint', 'apiUrl'] as const)(
    'listens for its %s on 127.0.0.1 and nowhere else',
    async (door) => {
      const { port } = new URL(cloud.info[door]);
      // On Linux every address of 127.0.0.0/8 is this machine, but for a server that is bound to one of them.
      const knock = (host: string) =>
        new Promise((resolve) => {
          const socket = connect({ host, port: Number(port) }, () => resolve('open')).once('error', resolve);
          socket.once('connect', () => socket.destroy());
        });
      expect(await knock('127.0.0.1')).toBe('open');
      expect(await knock('127.0.0.2')).not.toBe('open');
    },
  );

  it('has its folder for itself, and tells there where it is', async () => {
    await expect(startCloud(options())).rejects.toMatchObject({ code: 'FOLDER_IN_USE' });
    expect(JSON.parse(readFileSync(join(dir, 'cloud.json'), 'utf8'))).toEqual({
      ...cloud.info,
      pid: process.pid,
    });
    expect(cloud.info).toMatchObject({
      dropBucket: 'drop',
      artifactsBucket: 'artifacts',
      busName: 'life',
      tableName: 'table',
    });
  });
});

describe('local/main.ts', () => {
  const children: ChildProcess[] = [];

  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  async function main(): Promise<{ child: ChildProcess; info: CloudInfo }> {
    const script = fileURLToPath(new URL('./main.ts', import.meta.url));
    const args = ['--dir', dir, '--package', packageDir, '--port', '0', '--api-port', '0', '--scale', '600'];
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return { child, info: JSON.parse(line) as CloudInfo };
  }

  it('loses nothing acknowledged when it is killed, and ends on SIGTERM', async () => {
    const first = await main();
    for (const key of ['incoming/1', 'incoming/2', 'incoming/3']) await drop(first.info, key);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = await main();
    for (const key of ['incoming/1', 'incoming/2', 'incoming/3', 'incoming/a.csv'])
      await handled(second.info, key);
    second.child.kill('SIGTERM');
    expect(await once(second.child, 'exit')).toEqual([0, null]);
    expect(existsSync(join(dir, 'cloud.json'))).toBe(false);
  });
});
