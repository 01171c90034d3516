/** Lambda by AWS SDK v3. */
import {
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  paginateListFunctions,
} from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFunctions } from './lambda.functions.ts';
import type { BareCloud } from './support/bare-cloud.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function';

let cloud: BareCloud;
let lambda: LambdaClient;

beforeAll(async () => {
  cloud = await startFunctions();
  lambda = new LambdaClient({ ...cloud.client, maxAttempts: 1 });
});

afterAll(async () => {
  lambda?.destroy();
  await cloud?.close();
});

const invoke = async (FunctionName: string, event: unknown, more: Partial<InvokeCommandInput> = {}) => {
  const { Payload, LogResult, ...answer } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(event), ...more }),
  );
  const text = Payload?.transformToString() ?? '';
  return {
    ...answer,
    payload: text === '' ? undefined : JSON.parse(text),
    log: Buffer.from(LogResult ?? '', 'base64').toString(),
  };
};

it('answers what the handler returns, with its layer, its context and the end of its log', async () => {
  const answer = await invoke('echo', { word: 'grüße' }, { LogType: 'Tail' });
  expect(answer).toMatchObject({
    StatusCode: 200,
    ExecutedVersion: '$LATEST',
    payload: {
      event: { word: 'grüße' },
      layer: 'hello from the layer',
      arn: `${ARN}:echo`,
      isInTime: true,
      zone: ':UTC',
    },
    log: expect.stringMatching(
      /^START RequestId: (\S+) .*\n.*seen \{"word":"grüße"\}\nEND RequestId: \1\nREPORT /,
    ),
  });
  expect(answer.FunctionError).toBeUndefined();
});

it.each([
  ['fail', { errorType: 'RangeError', errorMessage: 'too far', trace: expect.any(Array) }],
  [
    'spin',
    {
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/),
    },
  ],
  [
    'exit',
    {
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Runtime exited with error: exit status 1$/),
    },
  ],
])('tells of %s by FunctionError and an error document', async (name, document) => {
  const answer = await invoke(name, {});
  expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
  expect(answer.payload).toEqual(document);
});

it('accepts an event, tries it three times and records it at the OnFailure destination', async () => {
  expect(await invoke('fail', { order: 7 }, { InvocationType: 'Event' })).toMatchObject({
    StatusCode: 202,
    payload: undefined,
  });
  const sqs = new SQSClient(cloud.client);
  const QueueUrl = `${cloud.endpoint}/000000000000/failed`;
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
  sqs.destroy();
  expect(JSON.parse(Messages?.[0]?.Body ?? '')).toEqual({
    version: '1.0',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    requestContext: {
      requestId: expect.any(String),
      functionArn: `${ARN}:fail:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: { order: 7 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: 'RangeError', errorMessage: 'too far', trace: expect.any(Array) },
  });
});

it('tells by DryRun that a function may be invoked, and that one is not there', async () => {
  expect(await invoke('echo', {}, { InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204 });
  await expect(invoke('none', {}, { InvocationType: 'DryRun' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: `Function not found: ${ARN}:none`,
    $metadata: { httpStatusCode: 404 },
  });
});

it.each([
  ['RequestResponse', 6_291_456],
  ['Event', 1_048_576],
] as const)('takes %s payloads of %i bytes and no more', async (InvocationType, limit) => {
  const text = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;
  const send = (bytes: number) => invoke('fail', {}, { InvocationType, Payload: text(bytes) });
  expect((await send(limit)).StatusCode).toBe(InvocationType === 'Event' ? 202 : 200);
  await expect(send(limit + 1)).rejects.toMatchObject({
    name: 'RequestTooLargeException',
    message: `${limit + 1} byte payload is too large for the ${InvocationType} invocation type (limit ${limit} bytes)`,
  });
});

it('lists the functions', async () => {
  const names: (string | undefined)[] = [];
  for await (const { Functions } of paginateListFunctions({ client: lambda }, {}))
    names.push(...(Functions ?? []).map(({ FunctionName }) => FunctionName));
  expect(names).toEqual(['echo', 'fail', 'spin', 'exit', 'say']);
});
