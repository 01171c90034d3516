/** Rules of users and their events, by AWS SDK v3. */
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type BareCloud, bucket, startBareCloud } from './support/bare-cloud.ts';

const BUS = 'ratchet-dev';
/** A minute of AWS's takes a tenth of a second here. */
const SCALE = 600;

let cloud: BareCloud;
let events: EventBridgeClient;
let sqs: SQSClient;

beforeAll(async () => {
  const bus = { Type: 'AWS::Events::EventBus', Properties: { Name: BUS } };
  cloud = await startBareCloud({ Bus: bus, Drop: bucket('drop') }, { scale: SCALE });
  const config = { ...cloud.client, maxAttempts: 1 };
  events = new EventBridgeClient(config);
  sqs = new SQSClient(config);
});

afterAll(async () => {
  events?.destroy();
  sqs?.destroy();
  await cloud?.close();
});

interface Queue {
  readonly url: string;
  readonly arn: string;
}

async function createQueue(name: string): Promise<Queue> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  return { url: QueueUrl, arn: `arn:aws:sqs:us-east-1:000000000000:${name}` };
}

/** Takes this many messages, each once. */
async function receive(queue: Queue, count: number): Promise<Message[]> {
  const taken: Message[] = [];
  while (taken.length < count) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queue.url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 1,
        MessageAttributeNames: ['All'],
      }),
    );
    for (const { ReceiptHandle } of Messages)
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle }));
    taken.push(...Messages);
  }
  return taken;
}

const bodies = async (queue: Queue, count: number) =>
  (await receive(queue, count)).map(({ Body = '' }) => JSON.parse(Body));

/** A rule with its targets; `EventPattern` is the object. */
async function putRule(Name: string, pattern: object, targets: readonly Target[], EventBusName = BUS) {
  const { RuleArn } = await events.send(
    new PutRuleCommand({ Name, EventBusName, EventPattern: JSON.stringify(pattern) }),
  );
  await events.send(new PutTargetsCommand({ Rule: Name, EventBusName, Targets: [...targets] }));
  return RuleArn;
}

const put = (...entries: Partial<PutEventsRequestEntry>[]) =>
  events.send(
    new PutEventsCommand({
      Entries: entries.map((entry) => ({
        EventBusName: BUS,
        Source: 'app',
        DetailType: 'Done.v1',
        Detail: '{}',
        ...entry,
      })),
    }),
  );

describe('a rule of a user', () => {
  it('with a queue on the lifecycle bus receives the events that it asks for, in their envelope', async () => {
    const queue = await createQueue('promotions');
    await putRule(
      'promotions',
      {
        source: [{ prefix: 'ratchet.' }],
        'detail-type': ['ModelPromoted.v1'],
        detail: { pipeline: ['digits'] },
      },
      [{ Id: 'mine', Arn: queue.arn }],
    );
    const promoted = { Source: 'ratchet.deployment', DetailType: 'ModelPromoted.v1' };
    const answer = await put(
      { ...promoted, Detail: '{"pipeline":"iris"}' },
      {
        ...promoted,
        Detail: '{"pipeline":"digits","accuracy":0.93}',
        Resources: ['arn:x'],
        Time: new Date('2026-11-24T18:43:48Z'),
      },
      { Source: 'ratchet.training', DetailType: 'ModelTrained.v1', Detail: '{"pipeline":"digits"}' },
    );
    expect(await bodies(queue, 1)).toEqual([
      {
        version: '0',
        id: answer.Entries?.[1]?.EventId,
        'detail-type': 'ModelPromoted.v1',
        source: 'ratchet.deployment',
        account: '000000000000',
        time: '2026-11-24T18:43:48Z',
        region: 'us-east-1',
        resources: ['arn:x'],
        detail: { pipeline: 'digits', accuracy: 0.93 },
      },
    ]);
  });

  it('receives what its input transformer makes of them', async () => {
    const queue = await createQueue('transformed');
    const RuleArn = await putRule('transformed', { source: ['transformed'] }, [
      { Id: 'part', Arn: queue.arn, InputPath: '$.detail.run' },
      { Id: 'constant', Arn: queue.arn, Input: '{"fixed":true}' },
      {
        Id: 'template',
        Arn: queue.arn,
        InputTransformer: {
          InputPathsMap: { run: '$.detail.run', tags: '$.detail.tags', none: '$.detail.none' },
          InputTemplate:
            '{"text": "run <run>", "run": <run>, "tags": <tags>, "none": <none>, "rule": <aws.events.rule-arn>, "event": <aws.events.event.json>}',
        },
      },
    ]);
    await put({ Source: 'transformed', Detail: '{"run":"say \\"r1\\"","tags":["a","b"]}' });
    const received = await bodies(queue, 3);
    expect(received).toContainEqual('say "r1"');
    expect(received).toContainEqual({ fixed: true });
    expect(received).toContainEqual({
      text: 'run say "r1"',
      run: 'say "r1"',
      tags: ['a', 'b'],
      none: '',
      rule: RuleArn,
      event: expect.objectContaining({
        source: 'transformed',
        detail: { run: 'say "r1"', tags: ['a', 'b'] },
      }),
    });
  });

  it('on the default bus receives what S3 tells', async () => {
    const queue = await createQueue('created');
    const pattern = {
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: ['drop'] } },
    };
    await putRule('created', pattern, [{ Id: 'mine', Arn: queue.arn }], 'default');
    const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: 'drop', Key: 'incoming/a +%2F.csv', Body: 'x' }));
    s3.destroy();
    const [event] = await bodies(queue, 1);
    expect(event).toMatchObject({
      source: 'aws.s3',
      resources: ['arn:aws:s3:::drop'],
      detail: { object: { key: 'incoming/a +%2F.csv', size: 1 } },
    });
  });

  it('fires by its schedule, again and again', async () => {
    const queue = await createQueue('scheduled');
    const put = await events.send(
      new PutRuleCommand({ Name: 'minutely', ScheduleExpression: 'rate(1 minute)' }),
    );
    await events.send(new PutTargetsCommand({ Rule: 'minutely', Targets: [{ Id: 'mine', Arn: queue.arn }] }));
    for (const event of await bodies(queue, 2)) {
      expect(event).toMatchObject({
        source: 'aws.events',
        'detail-type': 'Scheduled Event',
        resources: [put.RuleArn],
        detail: {},
      });
    }
    await events.send(new DisableRuleCommand({ Name: 'minutely' }));
  });

  it('is silent while it is disabled', async () => {
    const queue = await createQueue('switched');
    await putRule('switched', { source: ['switched'] }, [{ Id: 'mine', Arn: queue.arn }]);
    const rule = { Name: 'switched', EventBusName: BUS };
    await events.send(new DisableRuleCommand(rule));
    expect(await events.send(new DescribeRuleCommand(rule))).toMatchObject({ State: 'DISABLED' });
    await put({ Source: 'switched', Detail: '{"n":1}' });
    await events.send(new EnableRuleCommand(rule));
    await put({ Source: 'switched', Detail: '{"n":2}' });
    expect((await bodies(queue, 1)).map(({ detail }) => detail)).toEqual([{ n: 2 }]);
  });

  it('is described, listed in pages, and removed after its targets', async () => {
    const { arn } = await createQueue('listed');
    const pattern = { source: ['listed'] };
    for (const name of ['list-a', 'list-b']) await putRule(name, pattern, [{ Id: 't', Arn: arn }]);
    const rule = {
      Name: 'list-a',
      Arn: `arn:aws:events:us-east-1:000000000000:rule/${BUS}/list-a`,
      EventPattern: JSON.stringify(pattern),
      State: 'ENABLED',
      EventBusName: BUS,
    };
    expect(await events.send(new DescribeRuleCommand({ Name: 'list-a', EventBusName: BUS }))).toMatchObject(
      rule,
    );
    const page = { NamePrefix: 'list-', EventBusName: BUS, Limit: 1 };
    const first = await events.send(new ListRulesCommand(page));
    expect(first.Rules).toEqual([rule]);
    const second = await events.send(new ListRulesCommand({ ...page, NextToken: first.NextToken }));
    expect(second.Rules?.map(({ Name }) => Name)).toEqual(['list-b']);
    const ofRule = { Rule: 'list-a', EventBusName: BUS };
    const { Targets } = await events.send(new ListTargetsByRuleCommand(ofRule));
    expect(Targets).toEqual([{ Id: 't', Arn: arn }]);
    const remove = () => events.send(new DeleteRuleCommand({ Name: 'list-a', EventBusName: BUS }));
    await expect(remove()).rejects.toThrow("Rule can't be deleted since it has targets.");
    await events.send(new RemoveTargetsCommand({ ...ofRule, Ids: ['t'] }));
    await remove();
    await expect(
      events.send(new DescribeRuleCommand({ Name: 'list-a', EventBusName: BUS })),
    ).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Rule list-a does not exist on EventBus ${BUS}.`,
    });
  });

  it('finds the bus', async () => {
    const { EventBuses } = await events.send(new ListEventBusesCommand({}));
    expect(EventBuses).toEqual([
      { Name: 'default', Arn: 'arn:aws:events:us-east-1:000000000000:event-bus/default' },
      { Name: BUS, Arn: `arn:aws:events:us-east-1:000000000000:event-bus/${BUS}` },
    ]);
  });

  it.each<[string, object, string, string]>([
    [
      'no trigger',
      { Name: 'bad' },
      'ValidationException',
      'EventPattern or ScheduleExpression must be specified',
    ],
    [
      'a bad pattern',
      { Name: 'bad', EventPattern: '{"source":"app"}' },
      'InvalidEventPatternException',
      'Event pattern is not valid. Reason: "source" must be an object or an array',
    ],
    [
      'a bad schedule',
      { Name: 'bad', ScheduleExpression: 'cron(0 0 * * * *)' },
      'ValidationException',
      'Parameter ScheduleExpression is not valid.',
    ],
    [
      'a schedule on another bus',
      { Name: 'bad', EventBusName: BUS, ScheduleExpression: 'rate(1 day)' },
      'ValidationException',
      'ScheduleExpression is supported only on the default event bus.',
    ],
    [
      'a bad name and a long description',
      { Name: 'no space', EventPattern: '{"a":[1]}', Description: 'x'.repeat(513) },
      'ValidationException',
      "2 validation errors detected: Value 'no space' at 'name' failed to satisfy constraint",
    ],
    [
      'a bus that there is not',
      { Name: 'bad', EventBusName: 'nowhere', EventPattern: '{"a":[1]}' },
      'ResourceNotFoundException',
      'Event bus nowhere does not exist.',
    ],
  ])('is refused with %s', async (_, input, name, message) => {
    const command = new PutRuleCommand({ Name: 'bad', ...input });
    await expect(events.send(command)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });

  it.each<[string, Partial<Target>, string]>([
    ['a bad id', { Id: '!' }, "at 'targets.1.member.id' failed to satisfy constraint"],
    ['two inputs', { Input: '{}', InputPath: '$' }, 'Only one of Input, InputPath, or InputTransformer'],
    [
      'an unknown placeholder',
      { InputTransformer: { InputTemplate: '"<other>"' } },
      'InputTemplate for target t contains invalid placeholder other.',
    ],
    [
      'a service that is not offered',
      { Arn: 'arn:aws:sns:us-east-1:000000000000:t' },
      'Provided Arn is not in',
    ],
    ['a message group', { SqsParameters: { MessageGroupId: 'g' } }, 'SqsParameters'],
    ['too long a retry', { RetryPolicy: { MaximumRetryAttempts: 186 } }, 'less than or equal to 185'],
  ])('refuses a target with %s', async (_, part, message) => {
    await putRule('refusing', { source: ['x'] }, [{ Id: 'ok', Arn: 'arn:aws:sqs:us-east-1:000000000000:q' }]);
    const target = { Id: 't', Arn: 'arn:aws:sqs:us-east-1:000000000000:q', ...part };
    const command = new PutTargetsCommand({ Rule: 'refusing', EventBusName: BUS, Targets: [target] });
    await expect(events.send(command)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });
});

describe('PutEvents', () => {
  it('takes the good entries and says of each bad one what is wrong', async () => {
    const queue = await createQueue('partial');
    await putRule('partial', { 'detail-type': ['Partial.v1'] }, [{ Id: 't', Arn: queue.arn }]);
    const { FailedEntryCount, Entries } = await put(
      { DetailType: 'Partial.v1', Detail: '{"n":1}' },
      { Source: 'aws.s3' },
      { Source: undefined },
      { DetailType: undefined },
      { Detail: undefined },
      { Detail: '{' },
      { Detail: '["list"]' },
      { DetailType: 'Partial.v1', Detail: '{"n":2}' },
      { EventBusName: 'nowhere' },
    );
    expect(FailedEntryCount).toBe(6);
    expect(Entries?.map(({ ErrorCode, ErrorMessage }) => ErrorCode && [ErrorCode, ErrorMessage])).toEqual([
      undefined,
      ['NotAuthorizedForSourceException', 'Not authorized for the source.'],
      ['InvalidArgument', 'Parameter Source is not valid. Reason: Source is a required argument.'],
      ['InvalidArgument', 'Parameter DetailType is not valid. Reason: DetailType is a required argument.'],
      ['InvalidArgument', 'Parameter Detail is not valid. Reason: Detail is a required argument.'],
      ['MalformedDetail', 'Detail is malformed.'],
      ['MalformedDetail', 'Detail is malformed.'],
      undefined,
      undefined,
    ]);
    expect((await bodies(queue, 2)).map(({ detail }) => detail.n).sort()).toEqual([1, 2]);
  });

  it('takes 1 MB, counted as AWS counts it, and not a byte more', async () => {
    const queue = await createQueue('large');
    await putRule('large', { source: ['large'] }, [{ Id: 't', Arn: queue.arn, InputPath: '$.source' }]);
    const rest = { Source: 'large', DetailType: 'T', Resources: ['ü'], Time: new Date() };
    const overhead = 5 + 1 + 2 + 14 + '{"x":""}'.length;
    const detail = (size: number) => JSON.stringify({ x: 'x'.repeat(size - overhead) });
    expect((await put({ ...rest, Detail: detail(1024 ** 2) })).FailedEntryCount).toBe(0);
    expect(await bodies(queue, 1)).toEqual(['large']);
    await expect(put({ ...rest, Detail: detail(1024 ** 2 + 1) })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Total size of the entries in the request is over the limit.',
    });
  });

  it('takes ten entries and no more, and at least one', async () => {
    expect((await put(...Array.from({ length: 10 }, () => ({})))).FailedEntryCount).toBe(0);
    await expect(put(...Array.from({ length: 11 }, () => ({})))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(/at 'entries' .*Member must have length less than or equal to 10$/),
    });
    await expect(put()).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('what cannot be handed over', () => {
  it('goes to the dead-letter queue with the reason', async () => {
    const dead = await createQueue('dead');
    const gone = await createQueue('gone');
    const DeadLetterConfig = { Arn: dead.arn };
    const RuleArn = await putRule('undeliverable', { source: ['undeliverable'] }, [
      { Id: 'queue', Arn: gone.arn, DeadLetterConfig },
      { Id: 'function', Arn: 'arn:aws:lambda:us-east-1:000000000000:function:none', DeadLetterConfig },
      {
        Id: 'template',
        Arn: dead.arn,
        InputTransformer: { InputPathsMap: { all: '$' }, InputTemplate: '{"all": "<all>"}' },
        DeadLetterConfig,
      },
    ]);
    await sqs.send(new DeleteQueueCommand({ QueueUrl: gone.url }));
    const { Entries } = await put({ Source: 'undeliverable', Detail: '{"n":1}' });
    const letters = (await receive(dead, 3)).map(({ Body = '', MessageAttributes = {} }) => {
      const { id, detail } = JSON.parse(Body);
      const texts = Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]);
      return { id, detail, ...Object.fromEntries(texts) };
    });
    const letter = (TARGET_ARN: string, ERROR_CODE: string) => ({
      id: Entries?.[0]?.EventId,
      detail: { n: 1 },
      RULE_ARN: RuleArn,
      TARGET_ARN,
      ERROR_CODE,
      ERROR_MESSAGE: expect.stringMatching(/\w/),
      RETRY_ATTEMPTS: '0',
    });
    expect(letters).toHaveLength(3);
    expect(letters).toContainEqual(letter(gone.arn, 'NO_RESOURCE'));
    expect(letters).toContainEqual(
      letter('arn:aws:lambda:us-east-1:000000000000:function:none', 'NO_RESOURCE'),
    );
    expect(letters).toContainEqual(letter(dead.arn, 'INVALID_JSON'));
  });
});

describe('TestEventPattern', () => {
  const Event = JSON.stringify({
    id: '1',
    source: 's',
    account: '1',
    time: '2026-01-01T00:00:00Z',
    region: 'us-east-1',
    resources: [],
    'detail-type': 'T',
    detail: { ip: '10.0.0.33', name: 'Digits', n: 5 },
  });
  const test = (pattern: unknown, event = Event) =>
    events.send(new TestEventPatternCommand({ EventPattern: JSON.stringify(pattern), Event: event }));

  it.each([
    [{ detail: { ip: [{ cidr: '10.0.0.0/24' }], n: [{ numeric: ['>', 4, '<=', 5] }] } }, true],
    [{ detail: { name: [{ prefix: { 'equals-ignore-case': 'DIG' } }] } }, true],
    [{ detail: { $or: [{ n: [6] }, { name: [{ wildcard: 'D*s' }] }] } }, true],
    [{ detail: { name: [{ 'anything-but': { suffix: 'its' } }] } }, false],
    [{ detail: { none: [{ exists: true }] } }, false],
  ])('%j: %s', async (pattern, expected) => {
    expect((await test(pattern)).Result).toBe(expected);
  });

  it('refuses a bad pattern and a bad event', async () => {
    await expect(test({ a: [{ wildcard: '**' }] })).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
      message: 'Event pattern is not valid. Reason: Consecutive wildcard characters at pos 1',
    });
    await expect(test({ a: [1] }, '[]')).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Parameter Event is not valid.',
    });
  });
});
