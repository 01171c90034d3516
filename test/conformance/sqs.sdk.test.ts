/** SQS by AWS SDK v3, which speaks the JSON protocol and checks the MD5 of what it receives. */
import {
  ChangeMessageVisibilityCommand as ChangeVisibility,
  ChangeMessageVisibilityBatchCommand as ChangeVisibilityBatch,
  CreateQueueCommand as CreateQueue,
  type CreateQueueCommandInput,
  DeleteMessageCommand as DeleteMessage,
  DeleteMessageBatchCommand as DeleteMessageBatch,
  DeleteQueueCommand as DeleteQueue,
  GetQueueAttributesCommand as GetQueueAttributes,
  GetQueueUrlCommand as GetQueueUrl,
  PurgeQueueCommand as PurgeQueue,
  paginateListQueues,
  ReceiveMessageCommand as ReceiveMessage,
  type ReceiveMessageCommandInput,
  SendMessageCommand as SendMessage,
  SendMessageBatchCommand as SendMessageBatch,
  type SendMessageCommandInput,
  SetQueueAttributesCommand as SetQueueAttributes,
  SQSClient,
  TagQueueCommand as TagQueue,
} from '@aws-sdk/client-sqs';
import { startQueues } from './sqs.queues.ts';
import type { BareCloud } from './support/bare-cloud.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000';

let cloud: BareCloud;
let sqs: SQSClient;
let made = 0;

beforeAll(async () => {
  cloud = await startQueues();
  sqs = new SQSClient({ ...cloud.client, maxAttempts: 1 });
});

afterAll(async () => {
  sqs?.destroy();
  await cloud?.close();
});

async function queue(Attributes: CreateQueueCommandInput['Attributes'] = {}): Promise<string> {
  made += 1;
  const { QueueUrl = '' } = await sqs.send(new CreateQueue({ QueueName: `queue-${made}`, Attributes }));
  return QueueUrl;
}

const send = (QueueUrl: string, MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
  sqs.send(new SendMessage({ QueueUrl, MessageBody, ...more }));

const receive = async (QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await sqs.send(new ReceiveMessage({ QueueUrl, ...more }))).Messages ?? [];

const attributes = async (QueueUrl: string) =>
  (await sqs.send(new GetQueueAttributes({ QueueUrl, AttributeNames: ['All'] }))).Attributes;

const bodies = (messages: readonly { Body?: string | undefined }[]) => messages.map(({ Body }) => Body);

describe('queues', () => {
  it('of the template are there, with their attributes and AWS’s defaults', async () => {
    const { QueueUrl = '' } = await sqs.send(new GetQueueUrl({ QueueName: 'work' }));
    expect(QueueUrl).toBe(`${cloud.endpoint}/000000000000/work`);
    expect(await attributes(QueueUrl)).toEqual({
      QueueArn: `${ARN}:work`,
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      CreatedTimestamp: expect.stringMatching(/^\d{10}$/),
      LastModifiedTimestamp: expect.stringMatching(/^\d{10}$/),
      VisibilityTimeout: '30',
      DelaySeconds: '0',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
      RedrivePolicy: `{"deadLetterTargetArn":"${ARN}:dead","maxReceiveCount":2}`,
    });
  });

  it('are made once, changed, listed by page and prefix, purged and deleted', async () => {
    const url = await queue({ DelaySeconds: '0', VisibilityTimeout: '5' });
    await sqs.send(
      new SetQueueAttributes({ QueueUrl: url, Attributes: { VisibilityTimeout: '6', Policy: '{}' } }),
    );
    expect(await attributes(url)).toMatchObject({ VisibilityTimeout: '6', Policy: '{}', DelaySeconds: '0' });
    await sqs.send(new SetQueueAttributes({ QueueUrl: url, Attributes: { Policy: '' } }));
    expect(await attributes(url)).not.toHaveProperty('Policy');
    await queue();
    const pages: number[] = [];
    for await (const { QueueUrls = [] } of paginateListQueues(
      { client: sqs, pageSize: 1 },
      { QueueNamePrefix: 'queue-' },
    ))
      pages.push(QueueUrls.length);
    expect(pages).toEqual(Array(made).fill(1));
    await send(url, 'x');
    await sqs.send(new PurgeQueue({ QueueUrl: url }));
    expect(await attributes(url)).toMatchObject({ ApproximateNumberOfMessages: '0' });
    await sqs.send(new DeleteQueue({ QueueUrl: url }));
    await expect(attributes(url)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });
});

describe('messages', () => {
  it('come back whole, with the checksums of AWS and the attributes that are asked for', async () => {
    const url = await queue();
    const MessageAttributes = {
      City: { DataType: 'String', StringValue: 'Zürich' },
      'Size.total': { DataType: 'Number.int', StringValue: '3' },
      'Size.blob': { DataType: 'Binary.png', BinaryValue: new Uint8Array([0, 128, 255]) },
    };
    const Body = 'line\r\none\t"<&>" \u{1F600}';
    const sent = await send(url, Body, { MessageAttributes });
    const all = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] } as const;
    const [message] = await receive(url, { ...all, VisibilityTimeout: 0 } as never);
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body,
      MD5OfBody: sent.MD5OfMessageBody,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes,
      Attributes: { ApproximateReceiveCount: '1', SenderId: '000000000000' },
    });
    const [part] = await receive(url, { MessageAttributeNames: ['Size.*'], VisibilityTimeout: 0 });
    expect(Object.keys(part?.MessageAttributes ?? {}).sort()).toEqual(['Size.blob', 'Size.total']);
    expect(part?.MD5OfMessageAttributes).not.toBe(sent.MD5OfMessageAttributes);
    const [bare] = await receive(url);
    expect(Object.keys(bare ?? {}).sort()).toEqual(['Body', 'MD5OfBody', 'MessageId', 'ReceiptHandle']);
  });

  it.each([
    ['k', 'x', 'a45daa70926828a2f0a1db3418e6feb4'],
    ['Foo', 'Bar', 'ae7155c6026991b6d54b11589678bf9c'],
  ])('with the attribute %s=%s have the checksum that AWS has answered with', async (name, value, md5) => {
    const sent = await send(await queue(), 'msg', {
      MessageAttributes: { [name]: { DataType: 'String', StringValue: value } },
    });
    expect(sent.MD5OfMessageAttributes).toBe(md5);
  });

  it('are hidden for their time, given back, hidden for longer, and gone when deleted', async () => {
    const url = await queue({ VisibilityTimeout: '1' });
    await send(url, 'm');
    const [first] = await receive(url);
    expect(await receive(url)).toEqual([]);
    await sqs.send(
      new ChangeVisibility({ QueueUrl: url, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 }),
    );
    const [second] = await receive(url, { MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(second?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
    const [third] = await receive(url, { WaitTimeSeconds: 5, VisibilityTimeout: 40 });
    expect(third?.MessageId).toBe(first?.MessageId);
    await sqs.send(new DeleteMessage({ QueueUrl: url, ReceiptHandle: third?.ReceiptHandle }));
    expect(await attributes(url)).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
  });

  it('wait for their delay, and wake a long poll', async () => {
    const url = await queue();
    const polling = receive(url, { WaitTimeSeconds: 20 });
    await send(url, 'late', { DelaySeconds: 1 });
    expect(await attributes(url)).toMatchObject({ ApproximateNumberOfMessagesDelayed: '1' });
    await send(url, 'now');
    expect(bodies(await polling)).toEqual(['now']);
    expect(bodies(await receive(url, { WaitTimeSeconds: 20 }))).toEqual(['late']);
  });

  it('end a long poll without one in its time', async () => {
    const url = await queue({ ReceiveMessageWaitTimeSeconds: '1' });
    const began = performance.now();
    expect(await receive(url)).toEqual([]);
    expect(performance.now() - began).toBeGreaterThan(900);
  });

  it('go, are hidden and are deleted by batch, one failing alone', async () => {
    const url = await queue();
    const sent = await sqs.send(
      new SendMessageBatch({
        QueueUrl: url,
        Entries: [
          { Id: 'a', MessageBody: 'A' },
          { Id: 'b', MessageBody: '\u0001' },
          { Id: 'c', MessageBody: 'C' },
          { Id: 'd', MessageBody: 'D', DelaySeconds: 901 },
        ],
      }),
    );
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(sent.Failed).toMatchObject([
      { Id: 'b', Code: 'InvalidMessageContents', SenderFault: true },
      { Id: 'd', Code: 'InvalidParameterValue', SenderFault: true },
    ]);
    const received = await receive(url, { MaxNumberOfMessages: 10 });
    const Entries = received.map(({ ReceiptHandle }, n) => ({ Id: `${n}`, ReceiptHandle }));
    const bad = { Id: 'bad', ReceiptHandle: 'bm9uZQ==' };
    const hidden = await sqs.send(
      new ChangeVisibilityBatch({
        QueueUrl: url,
        Entries: [...Entries, bad].map((entry) => ({ ...entry, VisibilityTimeout: 60 })),
      }),
    );
    const gone = await sqs.send(new DeleteMessageBatch({ QueueUrl: url, Entries: [bad, ...Entries] }));
    for (const { Successful, Failed } of [hidden, gone]) {
      expect(Successful).toHaveLength(2);
      expect(Failed).toMatchObject([{ Id: 'bad', Code: 'ReceiptHandleIsInvalid' }]);
    }
  });

  it('move to the dead-letter queue after the last receipt, and go on being counted', async () => {
    const url = `${cloud.endpoint}/000000000000/work`;
    const { MessageId } = await send(url, 'poison');
    for (const n of [1, 2])
      expect({ n, got: bodies(await receive(url, { VisibilityTimeout: 0 })) }).toEqual({
        n,
        got: ['poison'],
      });
    expect(await receive(url)).toEqual([]);
    const [dead] = await receive(`${cloud.endpoint}/000000000000/dead`, {
      MessageSystemAttributeNames: ['All'],
    });
    expect(dead).toMatchObject({
      MessageId,
      Attributes: { ApproximateReceiveCount: '3', DeadLetterQueueSourceArn: `${ARN}:work` },
    });
  });
});

describe('errors', () => {
  const error = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      ({ name, message, $metadata }) => [name, message, $metadata.httpStatusCode],
    );

  it.each<[string, (url: string) => Promise<unknown>, [string, string | RegExp, number]]>([
    [
      'no such queue',
      () => send(`${cloud.endpoint}/000000000000/none`, 'x'),
      ['QueueDoesNotExist', 'The specified queue does not exist.', 400],
    ],
    [
      'another’s queue',
      () => send(`${cloud.endpoint}/111111111111/work`, 'x'),
      ['QueueDoesNotExist', 'The specified queue does not exist.', 400],
    ],
    [
      'an empty message',
      (url) => send(url, ''),
      ['MissingParameter', 'The request must contain the parameter MessageBody.', 400],
    ],
    [
      'more than 1 MiB',
      (url) => send(url, 'x'.repeat(1_048_577)),
      [
        'InvalidParameterValue',
        'One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.',
        400,
      ],
    ],
    [
      'more than 1 MiB with its attributes',
      (url) =>
        send(url, 'x'.repeat(1_048_576 - 8), {
          MessageAttributes: { ab: { DataType: 'String', StringValue: 'v' } },
        }),
      ['InvalidParameterValue', expect.stringMatching('must be shorter than 1048576') as never, 400],
    ],
    [
      'more than 1 MiB by batch',
      (url) =>
        sqs.send(
          new SendMessageBatch({
            QueueUrl: url,
            Entries: [
              { Id: 'a', MessageBody: 'x'.repeat(1_048_576) },
              { Id: 'b', MessageBody: 'y' },
            ],
          }),
        ),
      [
        'BatchRequestTooLong',
        'Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.',
        400,
      ],
    ],
    [
      'a receipt of nothing',
      (url) => sqs.send(new DeleteMessage({ QueueUrl: url, ReceiptHandle: 'garbage' })),
      ['ReceiptHandleIsInvalid', 'The input receipt handle "garbage" is not a valid receipt handle.', 404],
    ],
    [
      'too many at once',
      (url) => receive(url, { MaxNumberOfMessages: 11 }),
      [
        'InvalidParameterValue',
        'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
        400,
      ],
    ],
    [
      'an attribute without a value',
      (url) => send(url, 'x', { MessageAttributes: { why: { DataType: 'String', StringValue: '' } } }),
      [
        'InvalidParameterValue',
        "Message (user) attribute 'why' must contain a non-empty value of type 'String'.",
        400,
      ],
    ],
    [
      'an unknown attribute',
      (QueueUrl) => sqs.send(new SetQueueAttributes({ QueueUrl, Attributes: { Colour: 'red' } as never })),
      ['InvalidAttributeName', 'Unknown Attribute Colour.', 400],
    ],
    [
      'the same name, other attributes',
      (url) =>
        sqs.send(new CreateQueue({ QueueName: url.split('/').at(-1), Attributes: { DelaySeconds: '7' } })),
      [
        'QueueNameExists',
        'A queue already exists with the same name and a different value for attribute DelaySeconds',
        400,
      ],
    ],
    [
      'FIFO',
      () => sqs.send(new CreateQueue({ QueueName: 'q.fifo', Attributes: { FifoQueue: 'true' } })),
      ['InvalidParameterValue', expect.stringMatching('standard queues only, not FIFO') as never, 400],
    ],
    [
      'what nobody calls',
      (QueueUrl) => sqs.send(new TagQueue({ QueueUrl, Tags: { a: 'b' } })),
      ['UnknownOperationException', 'The embedded cloud does not offer TagQueue.', 400],
    ],
  ])('are those of AWS for %s', async (_, call, expected) => {
    expect(await error(call(await queue()))).toEqual(expected);
  });
});
