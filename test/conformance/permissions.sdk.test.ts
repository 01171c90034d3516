/** Calls with a role's credentials, by AWS SDK v3: what its policies allow goes through, everything else is refused in
 * the words of each service. */
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, PutItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateModelCommand, DescribeModelCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type BareCloud, bucket, startBareCloud } from './support/bare-cloud.ts';

const ACCOUNT = '000000000000';
const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/execution`;
const USER = `arn:aws:sts::${ACCOUNT}:assumed-role/worker/job`;

const statements = [
  { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::mine/in/*' },
  { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::mine/in/secret/*' },
  {
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: 'arn:aws:s3:::mine',
    Condition: { StringLike: { 's3:prefix': 'in/*' } },
  },
  {
    Effect: 'Allow',
    Action: ['dynamodb:PutItem', 'dynamodb:Query'],
    Resource: arn('dynamodb', 'table/things'),
  },
  {
    Effect: 'Allow',
    Action: 'events:PutEvents',
    Resource: arn('events', 'event-bus/life'),
    Condition: { StringEquals: { 'events:source': 'worker' } },
  },
  { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arn('sqs', 'work') },
  { Effect: 'Allow', Action: 'sagemaker:*Model', Resource: arn('sagemaker', 'model/mine-*') },
  {
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: ROLE,
    Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
  },
];

const RESOURCES = {
  Mine: bucket('mine'),
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'things',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    },
  },
  Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'life' } },
  Work: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } },
  Worker: {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: 'worker',
      AssumeRolePolicyDocument: {},
      Policies: [{ PolicyName: 'may', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
  },
};

describe('a role', () => {
  let cloud: BareCloud;
  let s3: S3Client;
  let dynamo: DynamoDBClient;
  let events: EventBridgeClient;
  let sqs: SQSClient;
  let sagemaker: SageMakerClient;
  const clients: { destroy(): void }[] = [];

  beforeAll(async () => {
    cloud = await startBareCloud(RESOURCES);
    s3 = new S3Client(config());
    dynamo = new DynamoDBClient(config());
    events = new EventBridgeClient(config());
    sqs = new SQSClient(config());
    sagemaker = new SageMakerClient(config());
    clients.push(s3, dynamo, events, sqs, sagemaker);
  });

  afterAll(async () => {
    for (const client of clients) client.destroy();
    await cloud?.close();
  });

  const config = () => ({
    ...cloud.client,
    forcePathStyle: true,
    credentials: { accessKeyId: 'role.worker', secretAccessKey: 'local', sessionToken: 'session.job' },
  });

  /** How AWS words a refusal. */
  const refusal = (name: string, action: string, resource: string, status = 400) => ({
    name,
    message: `User: ${USER} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    $metadata: expect.objectContaining({ httpStatusCode: status }),
  });

  it('reads and writes the objects that it may, and no others', async () => {
    const object = { Bucket: 'mine', Key: 'in/a b+c.txt' };
    await s3.send(new PutObjectCommand({ ...object, Body: 'text' }));
    const { Body } = await s3.send(new GetObjectCommand(object));
    expect(await Body?.transformToString()).toBe('text');
    const refused = (action: string, path: string) =>
      refusal('AccessDenied', action, `"arn:aws:s3:::${path}"`, 403);
    await expect(s3.send(new GetObjectCommand({ Bucket: 'mine', Key: 'out/a' }))).rejects.toMatchObject(
      refused('s3:GetObject', 'mine/out/a'),
    );
    await expect(s3.send(new GetObjectCommand({ ...object, VersionId: 'x' }))).rejects.toMatchObject(
      refused('s3:GetObjectVersion', 'mine/in/a b+c.txt'),
    );
    await expect(s3.send(new DeleteObjectCommand(object))).rejects.toMatchObject(
      refused('s3:DeleteObject', 'mine/in/a b+c.txt'),
    );
    const copy = new CopyObjectCommand({ Bucket: 'mine', Key: 'in/copy', CopySource: 'other/a' });
    await expect(s3.send(copy)).rejects.toMatchObject(refused('s3:GetObject', 'other/a'));
  });

  it('is refused by an explicit deny, whatever else is allowed', async () => {
    const put = new PutObjectCommand({ Bucket: 'mine', Key: 'in/secret/a', Body: 'text' });
    await expect(s3.send(put)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringMatching(/ with an explicit deny in an identity-based policy$/),
    });
  });

  it('lists under the prefix that its condition names', async () => {
    const list = (Prefix: string) => s3.send(new ListObjectsV2Command({ Bucket: 'mine', Prefix }));
    expect((await list('in/')).KeyCount).toBe(1);
    await expect(list('out/')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('learns that a missing object is missing only if it may list the bucket', async () => {
    const get = new GetObjectCommand({ Bucket: 'mine', Key: 'in/missing' });
    await expect(s3.send(get)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('writes to its table; scanning, or another table, is refused', async () => {
    const Item = { pk: { S: '1' } };
    await dynamo.send(new PutItemCommand({ TableName: 'things', Item }));
    const key = { KeyConditionExpression: 'pk = :k', ExpressionAttributeValues: { ':k': { S: '1' } } };
    expect((await dynamo.send(new QueryCommand({ TableName: 'things', ...key }))).Count).toBe(1);
    await expect(dynamo.send(new ScanCommand({ TableName: 'things' }))).rejects.toMatchObject(
      refusal('AccessDeniedException', 'dynamodb:Scan', arn('dynamodb', 'table/things')),
    );
    const other = new PutItemCommand({ TableName: 'others', Item });
    await expect(dynamo.send(other)).rejects.toMatchObject(
      refusal('AccessDeniedException', 'dynamodb:PutItem', arn('dynamodb', 'table/others')),
    );
    const byIndex = new QueryCommand({ TableName: 'things', IndexName: 'due', ...key });
    await expect(dynamo.send(byIndex)).rejects.toMatchObject({
      message: expect.stringContaining(arn('dynamodb', 'table/things/index/due')),
    });
  });

  it('publishes as the source that it is, on its bus', async () => {
    const put = (Source: string, EventBusName: string) =>
      events.send(
        new PutEventsCommand({ Entries: [{ Source, EventBusName, DetailType: 'Done.v1', Detail: '{}' }] }),
      );
    expect((await put('worker', 'life')).FailedEntryCount).toBe(0);
    const refused = (bus: string) =>
      refusal('AccessDeniedException', 'events:PutEvents', arn('events', `event-bus/${bus}`));
    await expect(put('other', 'life')).rejects.toMatchObject(refused('life'));
    await expect(put('worker', 'default')).rejects.toMatchObject(refused('default'));
    const rule = new PutRuleCommand({ Name: 'r', EventPattern: '{"source":["a"]}', EventBusName: 'life' });
    await expect(events.send(rule)).rejects.toMatchObject(
      refusal('AccessDeniedException', 'events:PutRule', arn('events', 'rule/life/r')),
    );
  });

  it('sends to its queue, and cannot even find another', async () => {
    const QueueUrl = `${cloud.endpoint}/${ACCOUNT}/work`;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'work' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('perform: sqs:getqueueurl on resource'),
    });
  });

  it('hands SageMaker the role that it may pass, and tags only with leave', async () => {
    const model = (ModelName: string, ExecutionRoleArn: string, Tags?: { Key: string; Value: string }[]) =>
      sagemaker.send(new CreateModelCommand({ ModelName, ExecutionRoleArn, ...(Tags && { Tags }) }));
    const name = 'AccessDeniedException';
    await expect(model('mine-1', `${ROLE}s`)).rejects.toMatchObject(
      refusal(name, 'iam:PassRole', `${ROLE}s`),
    );
    await expect(model('yours-1', ROLE)).rejects.toMatchObject(
      refusal(name, 'sagemaker:CreateModel', arn('sagemaker', 'model/yours-1')),
    );
    await expect(model('mine-1', ROLE, [{ Key: 'a', Value: 'b' }])).rejects.toMatchObject(
      refusal(name, 'sagemaker:AddTags', arn('sagemaker', 'model/mine-1')),
    );
    // It gets as far as SageMaker itself, which wants a container.
    await expect(model('mine-1', ROLE)).rejects.toMatchObject({ name: 'ValidationException' });
    const describe = new DescribeModelCommand({ ModelName: 'mine-2' });
    await expect(sagemaker.send(describe)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('is refused by every other service, each in its way', async () => {
    const [cloudwatch, ecr, lambda, runtime] = [
      new CloudWatchClient(config()),
      new ECRClient(config()),
      new LambdaClient(config()),
      new SageMakerRuntimeClient(config()),
    ];
    clients.push(cloudwatch, ecr, lambda, runtime);
    const times = { StartTime: new Date(0), EndTime: new Date(1) };
    await expect(
      cloudwatch.send(new GetMetricDataCommand({ MetricDataQueries: [], ...times })),
    ).rejects.toMatchObject({ message: expect.stringContaining('cloudwatch:GetMetricData') });
    await expect(ecr.send(new DescribeImagesCommand({ repositoryName: 'r' }))).rejects.toMatchObject(
      refusal('AccessDeniedException', 'ecr:DescribeImages', arn('ecr', 'repository/r')),
    );
    await expect(lambda.send(new InvokeCommand({ FunctionName: 'f' }))).rejects.toMatchObject(
      refusal('AccessDeniedException', 'lambda:InvokeFunction', arn('lambda', 'function:f'), 403),
    );
    await expect(
      runtime.send(new InvokeEndpointCommand({ EndpointName: 'e', Body: '' })),
    ).rejects.toMatchObject(
      refusal('AccessDeniedException', 'sagemaker:InvokeEndpoint', arn('sagemaker', 'endpoint/e'), 403),
    );
  });

  it('that the template does not know may nothing', async () => {
    const credentials = { accessKeyId: 'role.stranger', secretAccessKey: 'local' };
    const stranger = new DynamoDBClient({ ...config(), credentials });
    clients.push(stranger);
    await expect(stranger.send(new ScanCommand({ TableName: 'things' }))).rejects.toMatchObject({
      message: expect.stringContaining(`assumed-role/stranger/stranger is not authorized`),
    });
  });
});
