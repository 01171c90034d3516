/** SQS under requests that no client of AWS would send: AWS's error, no message stored, no crash. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { GetQueueAttributesCommand as GetQueueAttributes, SQSClient } from '@aws-sdk/client-sqs';
import { startQueues } from './sqs.queues.ts';
import type { BareCloud } from './support/bare-cloud.ts';

/** What stands before account and name is not looked at. */
const QueueUrl = 'http://sqs/000000000000/work';

let cloud: BareCloud;

beforeAll(async () => {
  cloud = await startQueues();
});

afterAll(() => cloud?.close());

const SIGNED = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=anyone/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
};

async function json(action: string, body: string | Uint8Array) {
  const headers = {
    ...SIGNED,
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `AmazonSQS.${action}`,
  };
  const response = await fetch(cloud.endpoint, { method: 'POST', headers, body });
  return { status: response.status, code: ((await response.json()) as { __type: string }).__type };
}

async function query(body: string | Uint8Array) {
  const headers = { ...SIGNED, 'content-type': 'application/x-www-form-urlencoded' };
  const response = await fetch(cloud.endpoint, { method: 'POST', headers, body });
  const xml = await response.text();
  return { status: response.status, code: /<Code>(.*)<\/Code>/.exec(xml)?.[1] };
}

async function waiting(): Promise<number> {
  const client = new SQSClient(cloud.client);
  const { Attributes } = await client.send(new GetQueueAttributes({ QueueUrl, AttributeNames: ['All'] }));
  client.destroy();
  return Number(Attributes?.ApproximateNumberOfMessages);
}

afterEach(async () => expect(await waiting()).toBe(0));

const to = (more: object) => JSON.stringify({ QueueUrl, ...more });
const form = (more: Record<string, string>) =>
  new URLSearchParams({ Version: '2012-11-05', QueueUrl, ...more }).toString();
const MiB = 1024 ** 2;

it.each<[string, string, string | Uint8Array, number, string]>([
  ['broken JSON', 'SendMessage', '{"QueueUrl":', 400, 'SerializationException'],
  ['no object', 'SendMessage', '[]', 400, 'SerializationException'],
  ['no text in UTF-8', 'SendMessage', new Uint8Array([0x7b, 0xff, 0xfe]), 400, 'SerializationException'],
  ['no body at all', 'SendMessage', '', 400, 'MissingRequiredParameterException'],
  ['a wrong type', 'SendMessage', to({ MessageBody: 7 }), 400, 'SerializationException'],
  ['null for a text', 'SendMessage', to({ MessageBody: null }), 400, 'MissingRequiredParameterException'],
  ['a text for a number', 'ReceiveMessage', to({ WaitTimeSeconds: '1' }), 400, 'SerializationException'],
  ['a fraction', 'ReceiveMessage', to({ WaitTimeSeconds: 0.5 }), 400, 'InvalidParameterValueException'],
  ['a structure for a list', 'ReceiveMessage', to({ AttributeNames: {} }), 400, 'SerializationException'],
  [
    'a list for a map',
    'SendMessage',
    to({ MessageBody: 'x', MessageAttributes: [] }),
    400,
    'SerializationException',
  ],
  ['null in a batch', 'SendMessageBatch', to({ Entries: [null] }), 400, 'SerializationException'],
  ['no entries', 'SendMessageBatch', to({ Entries: [] }), 400, 'EmptyBatchRequest'],
  [
    'half a surrogate pair',
    'SendMessage',
    `{"QueueUrl":"${QueueUrl}","MessageBody":"\\ud800"}`,
    400,
    'InvalidMessageContents',
  ],
  ['__proto__ as an action', '__proto__', '{}', 400, 'UnknownOperationException'],
  ['a path as a name', 'CreateQueue', '{"QueueName":"../../x"}', 400, 'InvalidParameterValueException'],
  [
    '1 MiB and a byte',
    'SendMessage',
    to({ MessageBody: 'x'.repeat(MiB + 1) }),
    400,
    'InvalidParameterValueException',
  ],
  ['17 MiB', 'SendMessage', to({ MessageBody: 'x'.repeat(17 * MiB) }), 413, 'RequestEntityTooLarge'],
])('JSON: %s is refused', async (_, action, body, status, code) => {
  expect(await json(action, body)).toEqual({ status, code });
});

it.each<[string, string | Uint8Array, number, string]>([
  ['nothing', '', 400, 'InvalidAction'],
  ['no action', form({}), 400, 'InvalidAction'],
  ['an unknown action', form({ Action: 'Fly' }), 400, 'InvalidAction'],
  ['constructor as an action', form({ Action: 'constructor' }), 400, 'InvalidAction'],
  [
    'broken escapes',
    'Action=SendMessage&MessageBody=%zz%&QueueUrl=%',
    400,
    'AWS.SimpleQueueService.NonExistentQueue',
  ],
  ['bytes', new Uint8Array([0, 255, 254]), 400, 'InvalidAction'],
  ['no message', form({ Action: 'SendMessage' }), 400, 'MissingParameter'],
  ['a structure for a text', form({ Action: 'SendMessage', 'MessageBody.1': 'x' }), 400, 'MalformedInput'],
  ['a word for a number', form({ Action: 'ReceiveMessage', WaitTimeSeconds: 'x' }), 400, 'MalformedInput'],
  ['no entries', form({ Action: 'SendMessageBatch' }), 400, 'AWS.SimpleQueueService.EmptyBatchRequest'],
  [
    'a text for an entry',
    form({ Action: 'SendMessageBatch', 'SendMessageBatchRequestEntry.1': 'x' }),
    400,
    'MalformedInput',
  ],
  ['a prototype', form({ Action: 'SendMessage', '__proto__.MessageBody': 'x' }), 400, 'MissingParameter'],
  [
    '17 MiB',
    form({ Action: 'SendMessage', MessageBody: 'x'.repeat(17 * MiB) }),
    413,
    'RequestEntityTooLarge',
  ],
])('Query: %s is refused', async (_, body, status, code) => {
  expect(await query(body)).toEqual({ status, code });
});

it('a request that breaks off stores nothing', async () => {
  const { port } = new URL(cloud.endpoint);
  const socket = connect(Number(port), '127.0.0.1');
  const head = `POST / HTTP/1.1\r\nhost: x\r\nauthorization: ${SIGNED.authorization}\r\ncontent-length: 1000\r\n`;
  socket.write(
    `${head}content-type: application/x-www-form-urlencoded\r\n\r\n${form({ Action: 'SendMessage', MessageBody: 'x' })}`,
  );
  await once(socket, 'connect');
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.destroy();
  await once(socket, 'close');
});
