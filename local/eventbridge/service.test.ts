import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import fc from 'fast-check';
import { AwsError } from '../aws-error.ts';
import type { Disturb } from './disturbance.ts';
import type { Target } from './rule.ts';
import { createEventBridge, type EventBridgeService } from './service.ts';

const identity = { account: '000000000000', region: 'eu-central-1' };
const queue = (name: string): string => `arn:aws:sqs:eu-central-1:000000000000:${name}`;
const lambda = (name: string): string => `arn:aws:lambda:eu-central-1:000000000000:function:${name}`;

/** A target double that keeps what it took and refuses while told to. */
class Sink {
  readonly taken: { to: string; text: string; attributes?: Readonly<Record<string, string>> }[] = [];
  refuse: (to: string) => Error | undefined = () => undefined;
  readonly attempts: string[] = [];
  #wake: () => void = () => {};

  readonly take = async (
    to: string,
    text: string,
    attributes?: Readonly<Record<string, string>>,
  ): Promise<void> => {
    this.attempts.push(to);
    const error = this.refuse(to);
    this.#wake();
    if (error) throw error;
    this.taken.push({ to, text, ...(attributes && { attributes }) });
    this.#wake();
  };

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

let dir: string;
let sink: Sink;
let service: EventBridgeService;
let server: Server;
let client: EventBridgeClient;

async function open(scale = 1000, disturb?: Disturb): Promise<void> {
  const clock = { now: Date.now, scale };
  const deliver = { invokeAsync: sink.take, sendToQueue: sink.take };
  service = createEventBridge({ dir, clock, identity, ...deliver, disturb });
  server = createServer((req, res) => {
    void service.handle({
      req,
      res,
      url: new URL(req.url ?? '/', 'http://localhost'),
      accessKeyId: 'k',
      requestId: 'r',
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new EventBridgeClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: identity.region,
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
    maxAttempts: 1,
  });
}

async function shut(): Promise<void> {
  client.destroy();
  await service.close();
  await new Promise((resolve) => server.close(resolve));
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'eventbridge-'));
  sink = new Sink();
  await open();
});

afterEach(async () => {
  await shut();
  rmSync(dir, { recursive: true });
});

const put = (...entries: Record<string, unknown>[]) =>
  client.send(
    new PutEventsCommand({
      Entries: entries.map((entry) => ({ Source: 's', DetailType: 'T.v1', Detail: '{}', ...entry })),
    }),
  );

describe('PutEvents', () => {
  it('delivers the envelope to a function, its detail as it came', async () => {
    service.putRule({
      name: 'r',
      bus: 'default',
      pattern: { source: ['s'] },
      enabled: true,
      targets: [{ Id: 't', Arn: lambda('f') }],
    });
    service.start();
    const answer = await put({
      Detail: '{ "big": 12345678901234567890 }',
      Resources: ['arn:x'],
      Time: new Date('2026-01-01T00:00:00.789Z'),
    });
    await sink.until(() => sink.taken.length === 1);
    const id = answer.Entries?.[0]?.EventId;
    expect(answer.FailedEntryCount).toBe(0);
    expect(sink.taken[0]).toEqual({
      to: 'f',
      text: `{"version":"0","id":"${id}","detail-type":"T.v1","source":"s","account":"000000000000","time":"2026-01-01T00:00:00Z","region":"eu-central-1","resources":["arn:x"],"detail":{ "big": 12345678901234567890 }}`,
    });
  });

  it('refuses bad entries one by one', async () => {
    service.putRule({
      name: 'r',
      bus: 'default',
      pattern: { source: [{ prefix: '' }] },
      enabled: true,
      targets: [{ Id: 't', Arn: queue('q') }],
    });
    service.start();
    const deep = `{"a":${'['.repeat(1101)}${']'.repeat(1101)}}`;
    const answer = await put(
      {},
      { Detail: '{' },
      { Detail: '[]' },
      { Source: 'aws.s3' },
      { Source: undefined },
      { Detail: undefined },
      { DetailType: undefined },
      { Detail: deep },
      { EventBusName: 'nowhere' },
      {},
    );
    expect(answer.FailedEntryCount).toBe(7);
    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'MalformedDetail',
      'MalformedDetail',
      'NotAuthorizedForSourceException',
      'InvalidArgument',
      'InvalidArgument',
      'InvalidArgument',
      'MalformedDetail',
      undefined,
      undefined,
    ]);
    expect(answer.Entries?.[5]?.ErrorMessage).toBe(
      'Parameter Detail is not valid. Reason: Detail is a required argument.',
    );
    await sink.until(() => sink.taken.length === 2);
  });

  it('refuses more than ten entries and more than 1 MB', async () => {
    await expect(put(...Array.from({ length: 11 }, () => ({})))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    const half = JSON.stringify({ text: 'x'.repeat(600_000) });
    expect((await put({ Detail: half })).FailedEntryCount).toBe(0);
    await expect(put({ Detail: half }, { Detail: half })).rejects.toThrow('Total size of the entries');
  });

  it('keeps buses apart', async () => {
    service.createBus('ratchet');
    for (const bus of ['default', 'ratchet']) {
      service.putRule({
        name: 'all',
        bus,
        pattern: { source: ['s', 'aws.s3'] },
        enabled: true,
        targets: [{ Id: 't', Arn: queue(bus) }],
      });
    }
    service.start();
    await put({ EventBusName: 'ratchet', Detail: '{"n":1}' });
    await put({
      EventBusName: 'arn:aws:events:eu-central-1:000000000000:event-bus/ratchet',
      Detail: '{"n":2}',
    });
    await put({ Detail: '{"n":3}' });
    await service.publish({ source: 'aws.s3', detailType: 'Object Created', detail: { n: 4 } });
    await sink.until(() => sink.taken.length === 4);
    const seen = sink.taken.map(({ to, text }) => `${to.split(':').at(-1)} ${JSON.parse(text).detail.n}`);
    expect(seen.sort()).toEqual(['default 3', 'default 4', 'ratchet 1', 'ratchet 2']);
  });
});

describe('rules of users', () => {
  it('are put, listed, used and removed through the API', async () => {
    service.createBus('ratchet');
    service.start();
    const EventBusName = 'ratchet';
    const rule = await client.send(
      new PutRuleCommand({
        Name: 'mine',
        EventBusName,
        EventPattern: '{"detail":{"model":[{"prefix":"m"}]}}',
      }),
    );
    expect(rule.RuleArn).toBe('arn:aws:events:eu-central-1:000000000000:rule/ratchet/mine');
    const target = {
      Id: 't',
      Arn: queue('mine'),
      InputTransformer: { InputPathsMap: { m: '$.detail.model' }, InputTemplate: '{"m": <m>}' },
    };
    await client.send(new PutTargetsCommand({ Rule: 'mine', EventBusName, Targets: [target] }));
    expect((await client.send(new ListTargetsByRuleCommand({ Rule: 'mine', EventBusName }))).Targets).toEqual(
      [target],
    );
    await put({ EventBusName, Detail: '{"model":"m1"}' }, { EventBusName, Detail: '{"model":"n1"}' });
    await sink.until(() => sink.taken.length === 1);
    expect(sink.taken).toEqual([{ to: queue('mine'), text: '{"m": "m1"}' }]);

    await expect(client.send(new DeleteRuleCommand({ Name: 'mine', EventBusName }))).rejects.toThrow(
      'has targets',
    );
    await client.send(new RemoveTargetsCommand({ Rule: 'mine', EventBusName, Ids: ['t'] }));
    await client.send(new DeleteRuleCommand({ Name: 'mine', EventBusName }));
    expect((await client.send(new ListRulesCommand({ EventBusName }))).Rules).toEqual([]);
  });

  it('are listed in pages, by prefix', async () => {
    for (const name of ['b', 'a2', 'a1'])
      await client.send(new PutRuleCommand({ Name: name, EventPattern: '{"source":["s"]}' }));
    const first = await client.send(new ListRulesCommand({ NamePrefix: 'a', Limit: 1 }));
    expect(first.Rules).toEqual([
      {
        Name: 'a1',
        Arn: 'arn:aws:events:eu-central-1:000000000000:rule/a1',
        EventPattern: '{"source":["s"]}',
        State: 'ENABLED',
        EventBusName: 'default',
      },
    ]);
    const second = await client.send(
      new ListRulesCommand({ NamePrefix: 'a', Limit: 1, NextToken: first.NextToken }),
    );
    expect(second.Rules?.map(({ Name }) => Name)).toEqual(['a2']);
    expect(second.NextToken).toBeUndefined();
  });

  it.each([
    [new PutRuleCommand({ Name: 'r', EventPattern: '{"a":1}' }), 'InvalidEventPatternException'],
    [new PutRuleCommand({ Name: 'r' }), 'ValidationException'],
    [new PutRuleCommand({ Name: 'no space', EventPattern: '{"a":[1]}' }), 'ValidationException'],
    [new PutRuleCommand({ Name: 'r', ScheduleExpression: 'rate(1 minutes)' }), 'ValidationException'],
    [
      new PutRuleCommand({ Name: 'r', EventBusName: 'nowhere', EventPattern: '{"a":[1]}' }),
      'ResourceNotFoundException',
    ],
    [
      new PutTargetsCommand({ Rule: 'none', Targets: [{ Id: 't', Arn: queue('q') }] }),
      'ResourceNotFoundException',
    ],
    [new TestEventPatternCommand({ EventPattern: '{"a":[1]}', Event: '[]' }), 'ValidationException'],
  ])('refuses bad input %#', async (command, name) => {
    await expect(client.send(command as PutRuleCommand)).rejects.toMatchObject({ name });
  });

  it.each([
    [[{ Id: 't', Arn: 'arn:aws:sns:eu-central-1:000000000000:topic' }], 'ValidationException'],
    [[{ Id: 't', Arn: queue('q'), SqsParameters: { MessageGroupId: 'g' } }], 'ValidationException'],
    [
      Array.from({ length: 6 }, (_, index) => ({ Id: `t${index}`, Arn: queue('q') })),
      'LimitExceededException',
    ],
  ])('refuses bad targets %#', async (Targets, name) => {
    await client.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source":["s"]}' }));
    await expect(client.send(new PutTargetsCommand({ Rule: 'r', Targets }))).rejects.toMatchObject({ name });
    expect((await client.send(new ListTargetsByRuleCommand({ Rule: 'r' }))).Targets).toEqual([]);
  });

  it('tests a pattern', async () => {
    const Event = JSON.stringify({ id: '1', source: 's', 'detail-type': 'T', detail: { n: 5 } });
    const result = (n: number) =>
      client.send(
        new TestEventPatternCommand({
          Event,
          EventPattern: JSON.stringify({ detail: { n: [{ numeric: ['>', n] }] } }),
        }),
      );
    expect((await result(4)).Result).toBe(true);
    expect((await result(5)).Result).toBe(false);
  });

  it('delivers nothing of a disabled rule', async () => {
    service.putRule({
      name: 'off',
      bus: 'default',
      pattern: { source: ['s'] },
      enabled: false,
      targets: [{ Id: 't', Arn: queue('off') }],
    });
    service.putRule({
      name: 'on',
      bus: 'default',
      pattern: { source: ['s'] },
      enabled: true,
      targets: [{ Id: 't', Arn: queue('on') }],
    });
    service.start();
    await put({});
    await sink.until(() => sink.taken.length === 1);
    expect(sink.attempts).toEqual([queue('on')]);
  });
});

describe('a request of any form', () => {
  const send = async (action: string, body: string) => {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}`, {
      method: 'POST',
      headers: { 'x-amz-target': `AWSEvents.${action}`, 'content-type': 'application/x-amz-json-1.1' },
      body,
    });
    return { status: response.status, ...((await response.json()) as object) };
  };

  it.each([
    ['PutEvents', '{"Entries":', 'SerializationException'],
    ['PutEvents', '[]', 'SerializationException'],
    ['PutEvents', '{"Entries":{}}', 'SerializationException'],
    ['PutEvents', '{"Entries":[null]}', 'SerializationException'],
    ['PutEvents', '{"Entries":[{"Detail":{}}]}', 'SerializationException'],
    ['PutEvents', '{"Entries":[{"Time":1e300}]}', 'ValidationException'],
    ['PutTargets', '{"Rule":"r","Targets":[{"Id":5,"Arn":"a"}]}', 'SerializationException'],
    ['PutRule', '{"Name":null}', 'SerializationException'],
    ['PutRule', '{}', 'ValidationException'],
    ['CreateArchive', '{}', 'UnknownOperationException'],
  ])('%s %s: %s', async (action, body, code) => {
    expect(await send(action, body)).toMatchObject({ status: 400, __type: code });
  });

  it('is answered or refused, never failed on', async () => {
    const name = fc.oneof(fc.constant('r'), fc.string(), fc.jsonValue());
    const named = { Name: name, EventBusName: fc.oneof(fc.constant('default'), fc.string()) };
    const ofRule = { Rule: name, EventBusName: named.EventBusName };
    const page = { Limit: fc.oneof(fc.integer(), fc.jsonValue()), NextToken: fc.string() };
    const pattern = fc.oneof(fc.json(), fc.constantFrom('{"source":["s"]}', '{"a":[{"wildcard":"a*"}]}'));
    const some = { requiredKeys: [] };
    const entry = fc.record({ Source: fc.string(), DetailType: fc.string(), Detail: fc.json() });
    const transformer = fc.record({ InputTemplate: fc.string(), InputPathsMap: fc.object() }, some);
    const target = fc.record({
      Id: fc.constantFrom('a', 'b', '!'),
      Arn: fc.constantFrom(queue('q'), lambda('f'), 'arn:'),
      InputTransformer: transformer,
    });
    const members: Record<string, Record<string, fc.Arbitrary<unknown>>> = {
      PutEvents: { Entries: fc.oneof(fc.array(entry), fc.jsonValue()) },
      PutRule: {
        ...named,
        EventPattern: pattern,
        ScheduleExpression: fc.oneof(fc.constant('rate(1 day)'), fc.string()),
        State: fc.oneof(fc.constant('ENABLED'), fc.string()),
      },
      PutTargets: { ...ofRule, Targets: fc.oneof(fc.array(target), fc.jsonValue()) },
      RemoveTargets: { ...ofRule, Ids: fc.oneof(fc.array(fc.string()), fc.jsonValue()) },
      ListRules: { ...page, NamePrefix: fc.string() },
      ListTargetsByRule: { ...ofRule, ...page },
      ListEventBuses: page,
      TestEventPattern: { EventPattern: pattern, Event: fc.json() },
    };
    const requests = service.actions.map((action) =>
      fc.tuple(fc.constant(action), fc.record(members[action] ?? named, some)),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(...requests), async ([action, request]) => {
        const { status } = await send(action, JSON.stringify(request));
        expect([200, 400]).toContain(status);
      }),
      { numRuns: 150 },
    );
  });
});

describe('delivery', () => {
  const declare = (RetryPolicy: Target['RetryPolicy'] = {}) =>
    service.putRule({
      name: 'r',
      bus: 'default',
      pattern: { 'detail-type': ['T.v1'] },
      enabled: true,
      targets: [{ Id: 't', Arn: lambda('f'), DeadLetterConfig: { Arn: queue('dead') }, RetryPolicy }],
    });

  it('retries a target that refuses, until it takes', async () => {
    declare();
    let refusals = 3;
    sink.refuse = () => (refusals-- > 0 ? new Error('busy') : undefined);
    service.start();
    await put({});
    await sink.until(() => sink.taken.length === 1);
    expect(sink.attempts).toEqual(['f', 'f', 'f', 'f']);
  });

  it('gives the event to the dead-letter queue after the last retry, even when that queue is busy', async () => {
    declare({ MaximumRetryAttempts: 2 });
    let queueRefusals = 1;
    sink.refuse = (to) => (to === 'f' || queueRefusals-- > 0 ? new Error('busy') : undefined);
    service.start();
    await put({ Detail: '{"n":1}' });
    await sink.until(() => sink.taken.length === 1);
    expect(sink.attempts).toEqual(['f', 'f', 'f', queue('dead'), queue('dead')]);
    expect(JSON.parse(sink.taken[0]!.text).detail).toEqual({ n: 1 });
    expect(sink.taken[0]!.attributes).toEqual({
      RULE_ARN: 'arn:aws:events:eu-central-1:000000000000:rule/r',
      TARGET_ARN: lambda('f'),
      ERROR_CODE: 'ERROR_FROM_TARGET',
      ERROR_MESSAGE: 'busy',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: '2',
    });
  });

  it('gives up on an event that is too old', async () => {
    declare({ MaximumEventAgeInSeconds: 60 });
    sink.refuse = (to) => (to === 'f' ? new Error('busy') : undefined);
    service.start();
    await put({});
    await sink.until(() => sink.taken.length === 1);
    const { attributes } = sink.taken[0]!;
    expect(attributes).toMatchObject({ EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' });
    // Retries after 1, 2, 4, 8, 16 and 32 s reach the minute.
    expect(Number(attributes?.RETRY_ATTEMPTS)).toBeGreaterThan(0);
    expect(Number(attributes?.RETRY_ATTEMPTS)).toBeLessThanOrEqual(6);
  });

  it('does not retry what cannot succeed', async () => {
    declare();
    sink.refuse = (to) =>
      to === 'f' ? new AwsError('ResourceNotFoundException', 'Function not found: f', 404) : undefined;
    service.start();
    await put({});
    await sink.until(() => sink.taken.length === 1);
    expect(sink.attempts).toEqual(['f', queue('dead')]);
    expect(sink.taken[0]!.attributes).toEqual({
      RULE_ARN: 'arn:aws:events:eu-central-1:000000000000:rule/r',
      TARGET_ARN: lambda('f'),
      ERROR_CODE: 'NO_RESOURCE',
      ERROR_MESSAGE: 'Function not found: f',
      RETRY_ATTEMPTS: '0',
    });
  });

  it('keeps accepted events, rules and failed attempts over a restart, and hands each over once', async () => {
    declare();
    await put({ Detail: '{"n":1}' }, { Detail: '{"n":2}' });
    expect(sink.attempts).toEqual([]);
    await shut();
    await open();
    service.start();
    await sink.until(() => sink.taken.length === 2);
    await shut();
    await open();
    service.start();
    await put({ Detail: '{"n":3}' });
    await sink.until(() => sink.taken.length === 3);
    expect(sink.taken.map(({ text }) => JSON.parse(text).detail.n)).toEqual([1, 2, 3]);
  });

  it('after kill -9 delivers every event that was acknowledged', async () => {
    declare();
    await shut();
    const script = `
      import { createEventBridge } from ${JSON.stringify(new URL('./service.ts', import.meta.url).href)};
      const never = () => new Promise(() => {});
      const events = createEventBridge({ dir: ${JSON.stringify(dir)}, clock: { now: Date.now, scale: 1 },
        identity: ${JSON.stringify(identity)}, invokeAsync: never, sendToQueue: never });
      events.start();
      for (let n = 0; ; n++) {
        await events.publish({ source: 'aws.test', detailType: 'T.v1', detail: { n } });
        await new Promise((resolve) => process.stdout.write(n + '\\n', resolve));
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    for await (const chunk of child.stdout) {
      output += String(chunk);
      if (output.split('\n').length > 100) child.kill('SIGKILL');
    }
    const acknowledged = output.split('\n').filter((line) => line !== '');
    await open();
    service.start();
    await sink.until(() => sink.taken.length >= acknowledged.length);
    const delivered = new Set(sink.taken.map(({ text }) => String(JSON.parse(text).detail.n)));
    expect(acknowledged.filter((n) => !delivered.has(n))).toEqual([]);
  });

  it('takes a burst larger than what it hands over at once', async () => {
    declare();
    service.start();
    await Promise.all(
      Array.from({ length: 30 }, (_, batch) =>
        put(...Array.from({ length: 10 }, (_, n) => ({ Detail: `{"n":${batch * 10 + n}}` }))),
      ),
    );
    await sink.until(() => sink.taken.length === 300);
    expect(new Set(sink.taken.map(({ text }) => JSON.parse(text).detail.n)).size).toBe(300);
  });
});

describe('disturbance', () => {
  it('loses, doubles and delays what it is told to, and leaves schedules alone', async () => {
    await shut();
    const delays: Record<string, readonly number[]> = { Lost: [], Twice: [0, 0], Late: [200], Plain: [0] };
    const seen: unknown[] = [];
    await open(60_000, (handover) => {
      seen.push(handover);
      return delays[handover.detailType] ?? [0];
    });
    service.putRule({
      name: 'all',
      bus: 'default',
      pattern: { source: ['s'] },
      enabled: true,
      targets: [{ Id: 'q', Arn: queue('q') }],
    });
    service.start();
    const publish = (detailType: string) => service.publish({ source: 's', detailType, detail: {} });
    for (const detailType of ['Lost', 'Late', 'Twice', 'Plain']) await publish(detailType);
    await sink.until(() => sink.taken.length === 4);
    const order = sink.taken.map(({ text }) => (JSON.parse(text) as Record<string, string>)['detail-type']);
    expect(order.toSorted()).toEqual(['Late', 'Plain', 'Twice', 'Twice']);
    expect(order.at(-1)).toBe('Late');
    expect(seen[0]).toEqual({
      bus: 'default',
      rule: 'all',
      target: queue('q'),
      source: 's',
      detailType: 'Lost',
    });
    delays['Scheduled Event'] = [];
    service.putRule({
      name: 'minutely',
      bus: 'default',
      schedule: 'rate(1 minute)',
      enabled: true,
      targets: [{ Id: 'q', Arn: queue('scheduled') }],
    });
    await sink.until(() => sink.taken.some(({ to }) => to === queue('scheduled')));
  });
});

describe('schedules', () => {
  it('fire again and again while other requests come in', async () => {
    service.putRule({
      name: 'sweep',
      bus: 'default',
      schedule: 'rate(1 minute)',
      enabled: true,
      targets: [{ Id: 't', Arn: lambda('sweeper') }],
    });
    service.start();
    for (let n = 0; n < 20; n++) await put({});
    await sink.until(() => sink.taken.length >= 3);
    expect(JSON.parse(sink.taken[0]!.text)).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '000000000000',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: 'eu-central-1',
      resources: ['arn:aws:events:eu-central-1:000000000000:rule/sweep'],
      detail: {},
    });
  });

  it('go on over a restart, at the same pace', async () => {
    const declare = () =>
      service.putRule({
        name: 'sweep',
        bus: 'default',
        schedule: 'rate(1 minute)',
        enabled: true,
        targets: [{ Id: 't', Arn: lambda('sweeper') }],
      });
    declare();
    service.start();
    await sink.until(() => sink.taken.length >= 1);
    await shut();
    await open();
    declare();
    service.start();
    const [from, before] = [Date.now(), sink.taken.length];
    await sink.until(() => sink.taken.length >= before + 4);
    // Two schedules at once would need half as long for four.
    expect(Date.now() - from).toBeGreaterThan(120);
  });

  it('stop while the rule is disabled, and go on when it is enabled', async () => {
    await client.send(new PutRuleCommand({ Name: 'sweep', ScheduleExpression: 'rate(1 minute)' }));
    await client.send(
      new PutTargetsCommand({ Rule: 'sweep', Targets: [{ Id: 't', Arn: lambda('sweeper') }] }),
    );
    service.start();
    await sink.until(() => sink.taken.length >= 1);
    await client.send(new DisableRuleCommand({ Name: 'sweep' }));
    const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
    await pause();
    const stopped = sink.taken.length;
    await pause();
    expect(sink.taken.length).toBe(stopped);
    await client.send(new EnableRuleCommand({ Name: 'sweep' }));
    await sink.until(() => sink.taken.length >= stopped + 3);
  });

  it('are only for the default bus', () => {
    service.createBus('ratchet');
    const declare = () =>
      service.putRule({ name: 's', bus: 'ratchet', schedule: 'rate(1 minute)', enabled: true, targets: [] });
    expect(declare).toThrow('ScheduleExpression is supported only on the default event bus.');
  });
});
