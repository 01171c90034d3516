/** Event-source mappings from end to end: the SDK sends, a real function receives, the dead-letter queue ends it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetQueueAttributesCommand as GetQueueAttributes,
  ReceiveMessageCommand as ReceiveMessage,
  SendMessageCommand as SendMessage,
  SendMessageBatchCommand as SendMessageBatch,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { writePackage } from '../../local/plan/package-fixture.ts';
import { type BareCloud, startBareCloud } from './support/bare-cloud.ts';

/** Visibility timeouts of 60 s pass in 0.3 s. */
const SCALE = 200;

/** Does what the bodies say, after it has noted what it received. */
const HANDLERS = `
import { appendFileSync } from 'node:fs';
const note = (entry) => appendFileSync(process.env.SEEN, JSON.stringify(entry) + '\\n');
export const work = async (event) => {
  note(event);
  const saying = (word) => event.Records.filter(({ body }) => body.startsWith(word));
  if (saying('throw').length > 0) throw new Error('as told');
  if (saying('nonsense').length > 0) return { batchItemFailures: [{ itemIdentifier: 'nobody' }] };
  return { batchItemFailures: saying('bad').map(({ messageId }) => ({ itemIdentifier: messageId })) };
};
export const slow = async (event) => {
  await new Promise((resolve) => setTimeout(resolve, 150));
  note(event.Records.length);
};
`;

const named = (Type: string, Properties: object) => ({ Type, Properties });
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const queueOf = (QueueName: string) =>
  named('AWS::SQS::Queue', {
    QueueName,
    VisibilityTimeout: 60,
    RedrivePolicy: { deadLetterTargetArn: arnOf('Dead'), maxReceiveCount: 2 },
  });
const mappingOf = (id: string, more: object) =>
  named('AWS::Lambda::EventSourceMapping', {
    EventSourceArn: arnOf(`${id}Queue`),
    FunctionName: { Ref: id },
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ...more,
  });

let packageDir: string;
let cloud: BareCloud;
let sqs: SQSClient;

const seenBy = (name: string): string => join(packageDir, `${name}.seen`);

beforeEach(async () => {
  packageDir = mkdtempSync(join(tmpdir(), 'ratchet-mapping-'));
  writePackage(packageDir, { resources: {}, bundles: { 'bundle.zip': { 'handlers.mjs': HANDLERS } } });
  const functionOf = (name: string) => {
    writeFileSync(seenBy(name), '');
    return named('AWS::Lambda::Function', {
      FunctionName: name,
      Code: { S3Bucket: 'zips', S3Key: 'x/bundle.zip' },
      Handler: `handlers.${name}`,
      Runtime: 'nodejs24.x',
      Timeout: 30,
      Role: arnOf('Role'),
      Environment: { Variables: { SEEN: seenBy(name) } },
    });
  };
  const resources = {
    Role: named('AWS::IAM::Role', { RoleName: 'role', AssumeRolePolicyDocument: {} }),
    Dead: named('AWS::SQS::Queue', { QueueName: 'dead' }),
    WorkQueue: queueOf('work'),
    SlowQueue: queueOf('slow'),
    Work: functionOf('work'),
    Slow: functionOf('slow'),
    WorkMapping: mappingOf('Work', { BatchSize: 10, MaximumBatchingWindowInSeconds: 40 }),
    SlowMapping: mappingOf('Slow', { BatchSize: 2, ScalingConfig: { MaximumConcurrency: 2 } }),
  };
  cloud = await startBareCloud(resources, { packageDir, scale: SCALE });
  sqs = new SQSClient(cloud.client);
});

afterEach(async () => {
  sqs?.destroy();
  await cloud?.close();
  rmSync(packageDir, { recursive: true, force: true });
});

const url = (name: string): string => `${cloud.endpoint}/000000000000/${name}`;
const send = (name: string, bodies: readonly string[]) =>
  sqs.send(
    new SendMessageBatch({
      QueueUrl: url(name),
      Entries: bodies.map((MessageBody, n) => ({ Id: `${n}`, MessageBody })),
    }),
  );

function seen<T>(name: string): T[] {
  const lines = readFileSync(seenBy(name), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as T);
}

const bodiesSeen = (): string[] =>
  seen<SQSEvent>('work').flatMap(({ Records }) => Records.map(({ body }) => body));

async function dead(count: number): Promise<string[]> {
  const bodies: string[] = [];
  while (bodies.length < count) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessage({ QueueUrl: url('dead'), MaxNumberOfMessages: 10, WaitTimeSeconds: 20 }),
    );
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
  return bodies.sort();
}

/** Resolves once nothing is left on a queue; tells again and again how many messages are held. */
async function emptied(name: string, tell: (inFlight: number) => void = () => {}): Promise<void> {
  for (;;) {
    const command = new GetQueueAttributes({ QueueUrl: url(name), AttributeNames: ['All'] });
    const { Attributes = {} } = await sqs.send(command);
    tell(Number(Attributes.ApproximateNumberOfMessagesNotVisible));
    const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: held } = Attributes;
    if (waiting === '0' && held === '0') return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it('hands a message over as AWS does, and deletes it', async () => {
  const sent = await sqs.send(
    new SendMessage({
      QueueUrl: url('work'),
      MessageBody: 'grüße',
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'v' },
        bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 255]) },
      },
    }),
  );
  await emptied('work');
  expect(seen('work')).toEqual([
    {
      Records: [
        {
          messageId: sent.MessageId,
          receiptHandle: expect.any(String),
          body: 'grüße',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: expect.any(String),
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {
            kind: { stringValue: 'v', stringListValues: [], binaryListValues: [], dataType: 'String' },
            bytes: { binaryValue: 'Af8=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
          },
          md5OfBody: sent.MD5OfMessageBody,
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:work',
          awsRegion: 'us-east-1',
        },
      ],
    },
  ]);
});

it('brings back only what failed, after the visibility timeout, and gives it to the dead-letter queue', async () => {
  await send('work', ['good', 'bad', 'fine']);
  expect(await dead(1)).toEqual(['bad']);
  await emptied('work');
  expect(bodiesSeen().sort()).toEqual(['bad', 'bad', 'fine', 'good']);
  const tries = seen<SQSEvent>('work').flatMap(({ Records }) => Records.filter(({ body }) => body === 'bad'));
  expect(tries.map(({ attributes }) => attributes.ApproximateReceiveCount)).toEqual(['1', '2']);
});

it.each(['throw', 'nonsense'])('brings back the whole batch after %s', async (word) => {
  await send('work', ['good', word]);
  expect(await dead(2)).toEqual(['good', word].sort());
  expect(bodiesSeen().sort()).toEqual(['good', 'good', word, word].sort());
});

it('gathers a batch within the window, of no more than its size', async () => {
  const bodies = Array.from({ length: 12 }, (_, n) => `${n}`);
  await send('work', bodies.slice(0, 10));
  await send('work', bodies.slice(10));
  await emptied('work');
  const sizes = seen<SQSEvent>('work').map(({ Records }) => Records.length);
  expect(Math.max(...sizes)).toBe(10);
  expect(bodiesSeen().sort()).toEqual(bodies.sort());
});

it('holds no more than the maximum concurrency of batches', async () => {
  await send('slow', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']);
  const held: number[] = [];
  await emptied('slow', (inFlight) => held.push(inFlight));
  expect(Math.max(...held)).toBe(4);
  expect(seen<number>('slow').reduce((sum, size) => sum + size, 0)).toBe(10);
});
