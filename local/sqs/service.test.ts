import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { XMLParser } from 'fast-xml-parser';
import type { InvokeResult } from '../ports.ts';
import type { MappingDeclaration } from './mapping.ts';
import { createSqs, type SqsService } from './service.ts';

const identity = { account: '000000000000', region: 'eu-central-1' };
const redrive = (maxReceiveCount: number): string =>
  JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount });
const arn = (name: string): string => `arn:aws:sqs:eu-central-1:000000000000:${name}`;

/** A function double: keeps each event that it was invoked with and answers as it is told to. */
class Handler {
  readonly events: SQSEvent[] = [];
  running = 0;
  peak = 0;
  answer: (event: SQSEvent) => InvokeResult | Promise<InvokeResult> = () => ({ payload: 'null' });
  #wake: () => void = () => {};

  readonly invoke = async (_name: string, payload: string): Promise<InvokeResult> => {
    const event = JSON.parse(payload) as SQSEvent;
    this.events.push(event);
    this.peak = Math.max(this.peak, ++this.running);
    this.#wake();
    try {
      return await this.answer(event);
    } finally {
      this.running--;
    }
  };

  bodies(): string[] {
    return this.events.flatMap(({ Records }) => Records.map(({ body }) => body));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

let dir: string;
let handler: Handler;
let service: SqsService;
let server: Server;
let client: SQSClient;
let base: string;

async function open(): Promise<void> {
  const clock = { now: Date.now, scale: 1000 };
  service = createSqs({ dir, clock, identity, invoke: handler.invoke, endpoint: () => base });
  server = createServer((req, res) => {
    void service.handle({ req, res, url: new URL(req.url ?? '/', base), accessKeyId: 'k', requestId: 'r-1' });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new SQSClient({
    endpoint: base,
    region: identity.region,
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
    maxAttempts: 1,
  });
}

async function shut(): Promise<void> {
  client.destroy();
  await service.close();
  server.closeAllConnections();
  await once(server.close(), 'close');
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sqs-'));
  handler = new Handler();
  await open();
});

afterEach(async () => {
  await shut();
  rmSync(dir, { recursive: true });
});

const url = (name: string): string => `${base}/000000000000/${name}`;
const send = (name: string, MessageBody: string) =>
  client.send(new SendMessageCommand({ QueueUrl: url(name), MessageBody }));
const receive = async (name: string, options: Partial<ReceiveMessageCommandInput> = {}) =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl: url(name), ...options }))).Messages ?? [];
const counts = async (name: string) => {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url(name), AttributeNames: ['All'] }),
  );
  return [Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible].map(
    Number,
  );
};

describe('queues of users', () => {
  it('are created, found, listed, purged and deleted', async () => {
    const made = await client.send(
      new CreateQueueCommand({ QueueName: 'mine', Attributes: { VisibilityTimeout: '5' } }),
    );
    expect(made.QueueUrl).toBe(url('mine'));
    expect(
      (
        await client.send(
          new CreateQueueCommand({ QueueName: 'mine', Attributes: { VisibilityTimeout: '5' } }),
        )
      ).QueueUrl,
    ).toBe(url('mine'));
    await expect(
      client.send(new CreateQueueCommand({ QueueName: 'mine', Attributes: { VisibilityTimeout: '6' } })),
    ).rejects.toMatchObject({
      name: 'QueueNameExists',
    });
    expect((await client.send(new GetQueueUrlCommand({ QueueName: 'mine' }))).QueueUrl).toBe(url('mine'));
    service.createQueue({ name: 'my-2', attributes: {} });
    const first = await client.send(new ListQueuesCommand({ QueueNamePrefix: 'm', MaxResults: 1 }));
    expect(first.QueueUrls).toEqual([url('mine')]);
    const second = await client.send(
      new ListQueuesCommand({ QueueNamePrefix: 'm', MaxResults: 1, NextToken: first.NextToken }),
    );
    expect([second.QueueUrls, second.NextToken]).toEqual([[url('my-2')], undefined]);
    await send('mine', 'x');
    await client.send(new PurgeQueueCommand({ QueueUrl: url('mine') }));
    expect(await counts('mine')).toEqual([0, 0]);
    await client.send(new DeleteQueueCommand({ QueueUrl: url('mine') }));
    await expect(send('mine', 'x')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  it('tell their attributes', async () => {
    service.createQueue({
      name: 'q',
      attributes: { VisibilityTimeout: 90, RedrivePolicy: redrive(3) },
    });
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: url('q'),
        AttributeNames: ['QueueArn', 'VisibilityTimeout', 'RedrivePolicy', 'DelaySeconds'],
      }),
    );
    expect(Attributes).toEqual({
      QueueArn: arn('q'),
      VisibilityTimeout: '90',
      DelaySeconds: '0',
      RedrivePolicy: `{"deadLetterTargetArn":"${arn('dead')}","maxReceiveCount":3}`,
    });
  });

  it.each([
    [
      new CreateQueueCommand({ QueueName: 'q.fifo', Attributes: { FifoQueue: 'true' } }),
      'InvalidParameterValue',
    ],
    [new CreateQueueCommand({ QueueName: 'no space' }), 'InvalidParameterValue'],
    [
      new CreateQueueCommand({ QueueName: 'q', Attributes: { VisibilityTimeout: '-1' } }),
      'InvalidAttributeValue',
    ],
    [
      new CreateQueueCommand({ QueueName: 'q', Attributes: { RedrivePolicy: '{}' } }),
      'InvalidAttributeValue',
    ],
    [
      new CreateQueueCommand({ QueueName: 'q', Attributes: { Colour: 'red' } as never }),
      'InvalidAttributeName',
    ],
    [new GetQueueUrlCommand({ QueueName: 'none' }), 'QueueDoesNotExist'],
  ])('refuse bad input %#', async (command, name) => {
    await expect(client.send(command as CreateQueueCommand)).rejects.toMatchObject({ name });
  });
});

describe('messages', () => {
  beforeEach(() => service.createQueue({ name: 'q', attributes: { VisibilityTimeout: 30 } }));

  it('come back with checksums that the SDK accepts, and their attributes', async () => {
    const MessageAttributes = {
      kind: { DataType: 'String', StringValue: 'ä' },
      'count.total': { DataType: 'Number', StringValue: '3' },
      blob: { DataType: 'Binary.png', BinaryValue: new Uint8Array([0, 255]) },
    };
    const sent = await client.send(
      new SendMessageCommand({ QueueUrl: url('q'), MessageBody: 'grüße\n😀', MessageAttributes }),
    );
    const [message] = await receive('q', {
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'grüße\n😀',
      MD5OfBody: sent.MD5OfMessageBody,
    });
    expect(message?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
    expect(message?.MessageAttributes).toEqual(MessageAttributes);
    expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SenderId: '000000000000' });
    expect(Number(message?.Attributes?.SentTimestamp)).toBeLessThanOrEqual(
      Number(message?.Attributes?.ApproximateFirstReceiveTimestamp),
    );
  });

  it('have the attribute checksum of the SDKs of AWS', async () => {
    // Computed with botocore's and the Java SDK's published algorithm for {"a": String "b"}.
    const sent = await client.send(
      new SendMessageCommand({
        QueueUrl: url('q'),
        MessageBody: 'x',
        MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } },
      }),
    );
    expect(sent.MD5OfMessageAttributes).toBe('bef8bf215374a0a228d67533b1a488be');
  });

  it('are hidden while leased, visible again when given back, gone when deleted', async () => {
    await send('q', 'm');
    const [first] = await receive('q');
    expect(await receive('q')).toEqual([]);
    expect(await counts('q')).toEqual([0, 1]);
    const give = () =>
      client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: url('q'),
          ReceiptHandle: first?.ReceiptHandle,
          VisibilityTimeout: 0,
        }),
      );
    await give();
    await expect(give()).rejects.toMatchObject({ name: 'MessageNotInflight' });
    const [second] = await receive('q', { MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(second?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
    const remove = () =>
      client.send(new DeleteMessageCommand({ QueueUrl: url('q'), ReceiptHandle: second?.ReceiptHandle }));
    await remove();
    expect(await counts('q')).toEqual([0, 0]);
    await remove();
  });

  it('are deleted, hidden or given back with an older receipt too, as AWS does', async () => {
    await send('q', 'm');
    const [first] = await receive('q', { VisibilityTimeout: 0 });
    await receive('q');
    const change = (VisibilityTimeout: number) =>
      client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: url('q'),
          ReceiptHandle: first?.ReceiptHandle,
          VisibilityTimeout,
        }),
      );
    await change(0);
    expect(await counts('q')).toEqual([1, 0]);
    await client.send(new DeleteMessageCommand({ QueueUrl: url('q'), ReceiptHandle: first?.ReceiptHandle }));
    expect(await counts('q')).toEqual([0, 0]);
    await expect(change(30)).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: `Value ${first?.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    });
  });

  it('may be hidden again after their time has run out', async () => {
    await send('q', 'm');
    const [message] = await receive('q', { VisibilityTimeout: 1 });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const Entries = [
      { Id: 'a', ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 30 },
      { Id: 'b', ReceiptHandle: 'garbage', VisibilityTimeout: 30 },
    ];
    const changed = await client.send(
      new ChangeMessageVisibilityBatchCommand({ QueueUrl: url('q'), Entries }),
    );
    expect(changed.Successful).toEqual([{ Id: 'a' }]);
    expect(changed.Failed).toEqual([
      {
        Id: 'b',
        Code: 'ReceiptHandleIsInvalid',
        Message: 'The input receipt handle "garbage" is not a valid receipt handle.',
        SenderFault: true,
      },
    ]);
    expect(await counts('q')).toEqual([0, 1]);
  });

  it('wake a long poll at once', async () => {
    const polling = receive('q', { WaitTimeSeconds: 20 });
    await send('q', 'hello');
    expect((await polling).map(({ Body }) => Body)).toEqual(['hello']);
  }, 10_000);

  it('are not taken by a long poll whose caller has gone', async () => {
    const controller = new AbortController();
    const poll = new ReceiveMessageCommand({ QueueUrl: url('q'), WaitTimeSeconds: 20 });
    const arrived = once(server, 'request');
    const polling = client.send(poll, { abortSignal: controller.signal });
    const [, res] = await arrived;
    controller.abort();
    await expect(polling).rejects.toThrow();
    if (!res.closed) await once(res, 'close');
    await send('q', 'm');
    expect(await counts('q')).toEqual([1, 0]);
  });

  it('wait for their delay', async () => {
    await client.send(new SendMessageCommand({ QueueUrl: url('q'), MessageBody: 'late', DelaySeconds: 1 }));
    expect(await receive('q')).toEqual([]);
    expect((await receive('q', { WaitTimeSeconds: 5 })).map(({ Body }) => Body)).toEqual(['late']);
  });

  it('go in batches, refused one by one', async () => {
    const Entries = [
      { Id: 'a', MessageBody: 'A' },
      { Id: 'b', MessageBody: '\u0001' },
      { Id: 'c', MessageBody: 'C', DelaySeconds: 0 },
    ];
    const sent = await client.send(new SendMessageBatchCommand({ QueueUrl: url('q'), Entries }));
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(sent.Failed).toEqual([
      expect.objectContaining({ Id: 'b', Code: 'InvalidMessageContents', SenderFault: true }),
    ]);
    const received = await receive('q', { MaxNumberOfMessages: 10 });
    const deleted = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: url('q'),
        Entries: [
          ...received.map(({ ReceiptHandle }, n) => ({ Id: `d${n}`, ReceiptHandle })),
          { Id: 'x', ReceiptHandle: 'bm9uZQ==' },
        ],
      }),
    );
    expect(deleted.Successful?.length).toBe(2);
    expect(deleted.Failed).toEqual([expect.objectContaining({ Id: 'x', Code: 'ReceiptHandleIsInvalid' })]);
    expect(await counts('q')).toEqual([0, 0]);
  });

  it.each<[Partial<SendMessageCommandInput>, string]>([
    [{ MessageBody: '' }, 'MissingParameter'],
    [{ MessageBody: 'a\ud800' }, 'InvalidMessageContents'],
    [{ MessageBody: 'x'.repeat(1_048_577) }, 'InvalidParameterValue'],
    [{ MessageBody: 'x', DelaySeconds: 901 }, 'InvalidParameterValue'],
    [{ MessageBody: 'x', QueueUrl: '/111111111111/q' }, 'QueueDoesNotExist'],
    [
      { MessageBody: 'x', MessageAttributes: { a: { DataType: 'Text', StringValue: 'b' } } },
      'InvalidParameterValue',
    ],
  ])('are refused %#', async (input, name) => {
    const QueueUrl = input.QueueUrl ? base + input.QueueUrl : url('q');
    const command = new SendMessageCommand({ MessageBody: 'x', ...input, QueueUrl });
    await expect(client.send(command)).rejects.toMatchObject({ name });
  });

  it.each([
    [[], 'EmptyBatchRequest'],
    [
      Array.from({ length: 11 }, (_, n) => ({ Id: `${n}`, MessageBody: 'x' })),
      'TooManyEntriesInBatchRequest',
    ],
    [
      [
        { Id: 'a', MessageBody: 'x' },
        { Id: 'a', MessageBody: 'y' },
      ],
      'BatchEntryIdsNotDistinct',
    ],
    [[{ Id: 'a b', MessageBody: 'x' }], 'InvalidBatchEntryId'],
    [['a', 'b'].map((Id) => ({ Id, MessageBody: 'x'.repeat(600_000) })), 'BatchRequestTooLong'],
  ])('are refused as a batch %#', async (Entries, name) => {
    await expect(
      client.send(new SendMessageBatchCommand({ QueueUrl: url('q'), Entries })),
    ).rejects.toMatchObject({ name });
  });

  it('move to the dead-letter queue after the last receipt allowed', async () => {
    service.createQueue({ name: 'dead', attributes: {} });
    service.createQueue({
      name: 'q',
      attributes: { VisibilityTimeout: 0, RedrivePolicy: redrive(2) },
    });
    await send('q', 'poison');
    expect((await receive('q')).length).toBe(1);
    expect((await receive('q')).length).toBe(1);
    expect(await receive('q')).toEqual([]);
    const [dead] = await receive('dead', { MessageSystemAttributeNames: ['All'] });
    expect(dead).toMatchObject({
      Body: 'poison',
      // AWS goes on counting.
      Attributes: { DeadLetterQueueSourceArn: arn('q'), ApproximateReceiveCount: '3' },
    });
  });
});

describe('the Query protocol', () => {
  const parser = new XMLParser({ parseTagValue: false });
  const query = async (parameters: Record<string, string>, path = '/') => {
    const response = await fetch(base + path, {
      method: 'POST',
      body: new URLSearchParams({ Version: '2012-11-05', ...parameters }),
    });
    return {
      status: response.status,
      xml: parser.parse(await response.text()) as Record<string, Record<string, Record<string, never>>>,
    };
  };

  it('creates, sends, receives and deletes', async () => {
    const made = await query({
      Action: 'CreateQueue',
      QueueName: 'cli',
      'Attribute.1.Name': 'VisibilityTimeout',
      'Attribute.1.Value': '60',
    });
    expect(made.xml.CreateQueueResponse?.CreateQueueResult).toEqual({ QueueUrl: url('cli') });
    const attribute = {
      'MessageAttribute.1.Name': 'k',
      'MessageAttribute.1.Value.DataType': 'String',
      'MessageAttribute.1.Value.StringValue': 'v',
    };
    await query({ Action: 'SendMessage', QueueUrl: url('cli'), MessageBody: 'a<b>&"c"', ...attribute });
    const received = await query({
      Action: 'ReceiveMessage',
      QueueUrl: url('cli'),
      MaxNumberOfMessages: '10',
      'AttributeName.1': 'ApproximateReceiveCount',
      'MessageAttributeName.1': 'All',
    });
    const message = received.xml.ReceiveMessageResponse?.ReceiveMessageResult?.Message as unknown as Record<
      string,
      string
    >;
    expect(message).toMatchObject({
      Body: 'a<b>&"c"',
      Attribute: { Name: 'ApproximateReceiveCount', Value: '1' },
      MessageAttribute: { Name: 'k', Value: { DataType: 'String', StringValue: 'v' } },
    });
    await query({ Action: 'DeleteMessage', ReceiptHandle: message.ReceiptHandle ?? '' }, '/000000000000/cli');
    expect(await counts('cli')).toEqual([0, 0]);
  });

  it('sends and deletes batches, lists queues and attributes', async () => {
    service.createQueue({ name: 'cli', attributes: {} });
    const entry = (n: number, id: string, body: string) => ({
      [`SendMessageBatchRequestEntry.${n}.Id`]: id,
      [`SendMessageBatchRequestEntry.${n}.MessageBody`]: body,
    });
    const sent = await query({
      Action: 'SendMessageBatch',
      QueueUrl: url('cli'),
      ...entry(1, 'a', 'A'),
      ...entry(2, 'b', '\u0002'),
    });
    expect(sent.xml.SendMessageBatchResponse?.SendMessageBatchResult).toMatchObject({
      SendMessageBatchResultEntry: { Id: 'a' },
      BatchResultErrorEntry: { Id: 'b', Code: 'InvalidMessageContents', SenderFault: 'true' },
    });
    const listed = await query({ Action: 'ListQueues' });
    expect(listed.xml.ListQueuesResponse?.ListQueuesResult).toEqual({ QueueUrl: url('cli') });
    const told = await query({
      Action: 'GetQueueAttributes',
      QueueUrl: url('cli'),
      'AttributeName.1': 'ApproximateNumberOfMessages',
    });
    expect(told.xml.GetQueueAttributesResponse?.GetQueueAttributesResult).toEqual({
      Attribute: { Name: 'ApproximateNumberOfMessages', Value: '1' },
    });
  });

  it('answers errors with the codes of that protocol', async () => {
    const answer = await query({ Action: 'GetQueueUrl', QueueName: 'none' });
    expect(answer.status).toBe(400);
    expect(answer.xml.ErrorResponse?.Error).toMatchObject({
      Type: 'Sender',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
    });
    expect((await query({ Action: 'Fly' })).xml.ErrorResponse?.Error).toMatchObject({
      Code: 'InvalidAction',
    });
  });
});

describe('event-source mappings', () => {
  const map = (options: Partial<MappingDeclaration> = {}): void => {
    service.addMapping({
      queueArn: arn('q'),
      functionName: 'f',
      batchSize: 10,
      batchingWindowSeconds: 0,
      reportBatchItemFailures: true,
      ...options,
    });
    service.start();
  };
  const failing =
    (...bodies: string[]) =>
    (event: SQSEvent): InvokeResult => {
      const failed = event.Records.filter(({ body }) => bodies.includes(body));
      return {
        payload: JSON.stringify({
          batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })),
        }),
      };
    };
  beforeEach(() => {
    service.createQueue({ name: 'dead', attributes: {} });
    service.createQueue({
      name: 'q',
      attributes: { VisibilityTimeout: 10, RedrivePolicy: redrive(2) },
    });
  });

  it('invoke the function at once with the event of AWS, and delete what succeeded', async () => {
    map();
    await service.sendToQueue(arn('q'), '{"n":1}');
    await handler.until(() => handler.events.length === 1);
    expect(handler.events[0]).toEqual({
      Records: [
        {
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          receiptHandle: expect.any(String),
          body: '{"n":1}',
          attributes: {
            SenderId: '000000000000',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            ApproximateReceiveCount: '1',
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {},
          md5OfBody: '082c26c8a6bc75226a31da5495cc9292',
          eventSource: 'aws:sqs',
          eventSourceARN: arn('q'),
          awsRegion: 'eu-central-1',
        },
      ],
    });
  });

  it('bring back only what failed, and then give it to the dead-letter queue', async () => {
    handler.answer = failing('bad');
    for (const body of ['good', 'bad', 'fine']) await service.sendToQueue(arn('q'), body);
    map();
    expect((await receive('dead', { WaitTimeSeconds: 20 })).map(({ Body }) => Body)).toEqual(['bad']);
    expect(handler.bodies()).toEqual(['good', 'bad', 'fine', 'bad']);
    expect(await counts('q')).toEqual([0, 0]);
  });

  it.each([
    ['throws', { payload: '{}', functionError: 'Unhandled' }],
    [
      'names a message that is not of the batch',
      { payload: '{"batchItemFailures":[{"itemIdentifier":"x"}]}' },
    ],
    ['names nothing', { payload: '{"batchItemFailures":[{"itemIdentifier":""}]}' }],
    ['gives a malformed list', { payload: '{"batchItemFailures":[null]}' }],
    ['gives no list', { payload: '{"batchItemFailures":"x"}' }],
    ['gives no JSON', { payload: '{' }],
  ])('bring back the whole batch when the function %s', async (_what, result) => {
    handler.answer = () => result;
    for (const body of ['a', 'b']) await service.sendToQueue(arn('q'), body);
    map();
    await handler.until(() => handler.bodies().length === 4);
    expect(handler.bodies().sort()).toEqual(['a', 'a', 'b', 'b']);
  });

  it.each(['', 'null', '{}', '{"batchItemFailures":null}', '{"batchItemFailures":[]}', '"ok"'])(
    'take %j as success',
    async (payload) => {
      handler.answer = () => ({ payload });
      await service.sendToQueue(arn('q'), 'a');
      map();
      await handler.until(() => handler.events.length === 1);
      await new Promise((resolve) => setImmediate(resolve));
      expect(await counts('q')).toEqual([0, 0]);
    },
  );

  it('keep to the batch size and to the maximum concurrency', async () => {
    const gate = Promise.withResolvers<void>();
    handler.answer = async () => {
      await gate.promise;
      return { payload: '' };
    };
    for (let n = 0; n < 25; n++) await service.sendToQueue(arn('q'), `${n}`);
    map({ batchSize: 4, maximumConcurrency: 2 });
    await handler.until(() => handler.events.length === 2);
    gate.resolve();
    await handler.until(() => handler.bodies().length === 25);
    expect(handler.peak).toBe(2);
    expect(Math.max(...handler.events.map(({ Records }) => Records.length))).toBe(4);
  });

  it('fill a batch within the batching window', async () => {
    map({ batchSize: 3, batchingWindowSeconds: 300_000 });
    for (const body of ['a', 'b', 'c']) await service.sendToQueue(arn('q'), body);
    await handler.until(() => handler.events.length === 1);
    expect(handler.bodies()).toEqual(['a', 'b', 'c']);
  });

  it('give a batch when the window ends', async () => {
    map({ batchSize: 3, batchingWindowSeconds: 20 });
    await service.sendToQueue(arn('q'), 'a');
    await handler.until(() => handler.events.length === 1);
    expect(handler.bodies()).toEqual(['a']);
  });

  it('bound a batch by its bytes', async () => {
    const body = 'x'.repeat(1_000_000);
    for (let n = 0; n < 10; n++) await service.sendToQueue(arn('q'), body);
    map();
    await handler.until(() => handler.bodies().length === 10);
    for (const event of handler.events) expect(JSON.stringify(event).length).toBeLessThan(6_000_000);
  });
});

describe('a restart', () => {
  it('keeps queues and messages, and gives back at once what a mapping held', async () => {
    service.createQueue({ name: 'q', attributes: { VisibilityTimeout: 900 } });
    service.createQueue({ name: 'other', attributes: { VisibilityTimeout: 900 } });
    const mapping = {
      queueArn: arn('q'),
      functionName: 'f',
      batchSize: 1,
      batchingWindowSeconds: 0,
      reportBatchItemFailures: false,
    };
    const never = Promise.withResolvers<InvokeResult>();
    handler.answer = () => never.promise;
    service.addMapping(mapping);
    service.start();
    await send('q', 'm');
    await send('other', 'leased');
    await send('other', 'free');
    expect((await receive('other')).map(({ Body }) => Body)).toEqual(['leased']);
    await handler.until(() => handler.events.length === 1);
    await shut();
    await open();
    handler.answer = () => ({ payload: '' });
    service.addMapping(mapping);
    service.start();
    await handler.until(() => handler.events.length === 2);
    expect(handler.bodies()).toEqual(['m', 'm']);
    expect((await receive('other', { MaxNumberOfMessages: 10 })).map(({ Body }) => Body)).toEqual(['free']);
    never.resolve({ payload: '' });
  });

  it('after kill -9 finds every message that was acknowledged', async () => {
    await shut();
    const script = `
      import { createSqs } from ${JSON.stringify(new URL('./service.ts', import.meta.url).href)};
      const sqs = createSqs({ dir: ${JSON.stringify(dir)}, clock: { now: Date.now, scale: 1 },
        identity: ${JSON.stringify(identity)}, invoke: async () => ({ payload: '' }), endpoint: () => '' });
      sqs.createQueue({ name: 'q', attributes: {} });
      for (let n = 0; ; n++) {
        await sqs.sendToQueue(${JSON.stringify(arn('q'))}, String(n));
        await new Promise((resolve) => process.stdout.write(n + '\\n', resolve));
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    for await (const chunk of child.stdout) {
      output += String(chunk);
      if (output.split('\n').length > 200) child.kill('SIGKILL');
    }
    const acknowledged = output.split('\n').filter((line) => line !== '').length;
    await open();
    expect((await counts('q'))[0]).toBeGreaterThanOrEqual(acknowledged);
  });
});
