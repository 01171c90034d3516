/** The ledger's calls: how each kind is written, and how one asks for it again. */
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { imageUri } from '../../shared/contracts/images.ts';
import { pointsCsv } from '../e2e/support/specifications.ts';
import { STAGE, type TestCloud } from '../e2e/support/test-cloud.ts';

export type Cloud = Pick<TestCloud, 'client' | 'info'>;
export const KINDS = ['object', 'item', 'event', 'message', 'job'] as const;
export type Kind = (typeof KINDS)[number];

const FOLDER = 'ledger/';
const SOURCE = 'ledger';
const ACCOUNT = '000000000000';

export type Clients = ReturnType<typeof connect>;
export type Writes = Readonly<Record<Kind, (turn: number, id: string) => Promise<unknown>>>;

/** A client that asks once: a repeated write would hide that the first was lost. */
export function connect({ client }: Cloud) {
  const once = { ...client, maxAttempts: 1 };
  return {
    s3: new S3Client(once),
    dynamo: new DynamoDBClient(once),
    events: new EventBridgeClient(once),
    sqs: new SQSClient(once),
    sagemaker: new SageMakerClient(once),
  };
}

export function close(clients: Clients): void {
  for (const client of Object.values(clients)) client.destroy();
}

/** Beside the services' own items, in their table. */
const partitionOf = (turn: number): string => `LEDGER#${turn}`;
const queueOf = (kind: 'event' | 'message'): string => `ledger-${kind}s`;
const queueUrl = ({ info }: Cloud, kind: 'event' | 'message'): string =>
  `${info.awsEndpoint}/${ACCOUNT}/${queueOf(kind)}`;
const jobName = (id: string): string => `ledger-${id}`;

/** Makes the queues and the rule; they too must survive. */
export async function prepare(cloud: Cloud): Promise<void> {
  const clients = connect(cloud);
  const { sqs, events, s3 } = clients;
  await sqs.send(new CreateQueueCommand({ QueueName: queueOf('message') }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queueOf('event') }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const rule = { EventBusName: cloud.info.busName };
  const EventPattern = JSON.stringify({ source: [SOURCE] });
  await events.send(new PutRuleCommand({ ...rule, Name: SOURCE, EventPattern }));
  await events.send(
    new PutTargetsCommand({ ...rule, Rule: SOURCE, Targets: [{ Id: 'queue', Arn: Attributes?.QueueArn }] }),
  );
  // What the jobs train on: the label comes first.
  const Body = pointsCsv(50, 1)
    .replace(/^.*\n/, '')
    .replace(/^(.*),(.*),(.*)$/gm, '$3,$1,$2');
  await s3.send(
    new PutObjectCommand({ Bucket: cloud.info.artifactsBucket, Key: 'ledger-training/data.csv', Body }),
  );
  close(clients);
}

/** Each resolves when its write is acknowledged. */
export function writesOf(cloud: Cloud, { s3, dynamo, events, sqs, sagemaker }: Clients): Writes {
  const { info } = cloud;
  const Bucket = info.artifactsBucket;
  return {
    object: (turn, id) =>
      s3.send(new PutObjectCommand({ Bucket, Key: `${FOLDER}${turn}/${id}`, Body: `object ${id}` })),
    item: (turn, id) =>
      dynamo.send(
        new PutItemCommand({
          TableName: info.tableName,
          Item: { pk: { S: partitionOf(turn) }, sk: { S: id } },
        }),
      ),
    event: async (_, id) => {
      const { FailedEntryCount } = await events.send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName: info.busName,
              Source: SOURCE,
              DetailType: 'Written',
              Detail: JSON.stringify({ id }),
            },
          ],
        }),
      );
      if (FailedEntryCount) throw new Error('The entry failed');
    },
    message: (_, id) =>
      sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl(cloud, 'message'),
          MessageBody: JSON.stringify({ detail: { id } }),
        }),
      ),
    job: (_, id) => sagemaker.send(new CreateTrainingJobCommand(jobRequest(info, id))),
  };
}

function jobRequest({ artifactsBucket }: Cloud['info'], id: string): CreateTrainingJobCommand['input'] {
  const place = { account: ACCOUNT, region: 'us-east-1', stage: STAGE };
  return {
    TrainingJobName: jobName(id),
    RoleArn: `arn:aws:iam::${ACCOUNT}:role/ledger`,
    AlgorithmSpecification: { TrainingImage: imageUri('xgboost', place), TrainingInputMode: 'File' },
    HyperParameters: { objective: 'binary:logistic', num_round: '5' },
    InputDataConfig: [
      {
        ChannelName: 'train',
        ContentType: 'text/csv',
        DataSource: {
          S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${artifactsBucket}/ledger-training/` },
        },
      },
    ],
    OutputDataConfig: { S3OutputPath: `s3://${artifactsBucket}/ledger-models` },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
    StoppingCondition: { MaxRuntimeInSeconds: 600 },
  };
}

/** Ids of the objects that are there, of one turn or of all. */
export async function listObjects({ info }: Cloud, { s3 }: Clients, turn?: number): Promise<Set<string>> {
  const objects = new Set<string>();
  const Prefix = turn === undefined ? FOLDER : `${FOLDER}${turn}/`;
  let ContinuationToken: string | undefined;
  do {
    const page: ListObjectsV2CommandOutput = await s3.send(
      new ListObjectsV2Command({ Bucket: info.artifactsBucket, Prefix, ContinuationToken }),
    );
    for (const { Key = '' } of page.Contents ?? []) objects.add(Key.split('/').at(-1) as string);
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  return objects;
}

export async function listItems(
  { info }: Cloud,
  { dynamo }: Clients,
  turns: readonly number[],
): Promise<Set<string>> {
  const items = new Set<string>();
  for (const turn of turns) {
    const { Items = [] } = await dynamo.send(
      new QueryCommand({
        TableName: info.tableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :turn',
        ExpressionAttributeValues: { ':turn': { S: partitionOf(turn) } },
      }),
    );
    for (const { sk } of Items) items.add(sk?.S ?? '');
  }
  return items;
}

/** Takes what is in the queue now. A message is deleted only after it was noted. */
export async function receive(
  cloud: Cloud,
  { sqs }: Clients,
  kind: 'event' | 'message',
  into: Set<string>,
): Promise<void> {
  const QueueUrl = queueUrl(cloud, kind);
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
  );
  if (Messages.length === 0) return;
  for (const { Body = '' } of Messages) into.add((JSON.parse(Body) as { detail: { id: string } }).detail.id);
  const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
}

/** The status of each job that is there. */
export async function statuses(
  { sagemaker }: Clients,
  ids: readonly string[],
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const id of ids) {
    try {
      const job = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: jobName(id) }));
      found[id] = String(job.TrainingJobStatus);
    } catch (error) {
      if ((error as Error).name !== 'ValidationException') throw error;
    }
  }
  return found;
}
