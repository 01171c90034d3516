/** Functions as the targets of rules, by AWS SDK v3: what a handler throws is Lambda's affair, not the rule's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { writePackage } from '../../local/plan/package-fixture.ts';
import { type BareCloud, startBareCloud } from './support/bare-cloud.ts';

const HANDLERS = `
export const refuse = async (event) => { throw new Error(event.why ?? 'no reason'); };
`;
const arn = (service: string, name: string) => `arn:aws:${service}:us-east-1:000000000000:${name}`;
const queue = (QueueName: string) => ({ Type: 'AWS::SQS::Queue', Properties: { QueueName } });

const RESOURCES = {
  Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'role', AssumeRolePolicyDocument: {} } },
  Failed: queue('failed'),
  Dead: queue('dead'),
  Refuse: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'refuse',
      Code: { S3Bucket: 'zips', S3Key: 'x/bundle.zip' },
      Handler: 'handlers.refuse',
      Runtime: 'nodejs24.x',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    },
  },
  RefuseConfig: {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: {
      FunctionName: { Ref: 'Refuse' },
      Qualifier: '$LATEST',
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Failed', 'Arn'] } } },
    },
  },
};

let packageDir: string;
let cloud: BareCloud;
let events: EventBridgeClient;
let sqs: SQSClient;

beforeAll(async () => {
  packageDir = mkdtempSync(join(tmpdir(), 'ratchet-events-'));
  writePackage(packageDir, { resources: {}, bundles: { 'bundle.zip': { 'handlers.mjs': HANDLERS } } });
  cloud = await startBareCloud(RESOURCES, { packageDir, scale: 1_000 });
  events = new EventBridgeClient(cloud.client);
  sqs = new SQSClient(cloud.client);
  await events.send(new PutRuleCommand({ Name: 'refused', EventPattern: '{"source":["app"]}' }));
  const transformer = { InputPathsMap: { n: '$.detail.n' }, InputTemplate: '{"why": "n is <n>"}' };
  const target = { Arn: arn('lambda', 'function:refuse'), DeadLetterConfig: { Arn: arn('sqs', 'dead') } };
  const Targets = [
    { ...target, Id: 'whole' },
    { ...target, Id: 'transformed', InputTransformer: transformer },
  ];
  await events.send(new PutTargetsCommand({ Rule: 'refused', Targets }));
});

afterAll(async () => {
  events?.destroy();
  sqs?.destroy();
  await cloud?.close();
  rmSync(packageDir, { recursive: true, force: true });
});

it('a function gets the event or what the transformer makes of it; its error goes to its own destination', async () => {
  const entry = { Source: 'app', DetailType: 'Done.v1', Detail: '{"n":7}' };
  const { Entries } = await events.send(new PutEventsCommand({ Entries: [entry] }));
  const QueueUrl = `${cloud.endpoint}/000000000000/failed`;
  const records: { requestPayload: unknown; responsePayload: { errorMessage: string } }[] = [];
  while (records.length < 2) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, VisibilityTimeout: 600 }),
    );
    records.push(...Messages.map(({ Body = '' }) => JSON.parse(Body)));
  }
  expect(records).toContainEqual(
    expect.objectContaining({
      requestContext: expect.objectContaining({ approximateInvokeCount: 3 }),
      requestPayload: expect.objectContaining({ id: Entries?.[0]?.EventId, source: 'app', detail: { n: 7 } }),
      responsePayload: expect.objectContaining({ errorMessage: 'no reason' }),
    }),
  );
  expect(records).toContainEqual(
    expect.objectContaining({
      requestPayload: { why: 'n is 7' },
      responsePayload: expect.objectContaining({ errorMessage: 'n is 7' }),
    }),
  );
  const dead = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: `${cloud.endpoint}/000000000000/dead`,
      AttributeNames: ['ApproximateNumberOfMessages'],
    }),
  );
  expect(dead.Attributes).toEqual({ ApproximateNumberOfMessages: '0' });
});
