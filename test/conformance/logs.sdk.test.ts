/** CloudWatch Logs by AWS SDK v3: the logs of functions that have run. */
import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { startFunctions } from './lambda.functions.ts';
import type { BareCloud } from './support/bare-cloud.ts';

const GROUP = '/aws/lambda/say';

let cloud: BareCloud;
let logs: CloudWatchLogsClient;

/** By one process, so that all is in one stream. */
async function say(...lines: string[]): Promise<void> {
  const lambda = new LambdaClient(cloud.client);
  await lambda.send(new InvokeCommand({ FunctionName: 'say', Payload: JSON.stringify({ lines }) }));
  lambda.destroy();
}

const filter = async (filterPattern: string) => {
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: GROUP, filterPattern }));
  return events.map(({ message }) => message?.trimEnd());
};

beforeAll(async () => {
  cloud = await startFunctions();
  logs = new CloudWatchLogsClient({ ...cloud.client, maxAttempts: 1 });
  await say('[ERROR 400] BAD REQUEST', '[ERROR 419] MISSING ARGUMENTS', '[INFO] INVALID ARGUMENTS');
  await say(
    '{"level":"error","detail":{"code":7},"tags":["a","b"]}',
    '{"level":"info","detail":{"code":8},"tags":[]}',
  );
});

afterAll(async () => {
  logs?.destroy();
  await cloud?.close();
});

it('has a group for each function, by pages', async () => {
  const names: (string | undefined)[] = [];
  for await (const { logGroups } of paginateDescribeLogGroups({ client: logs }, { limit: 2 }))
    names.push(...(logGroups ?? []).map(({ logGroupName }) => logGroupName));
  expect(names).toEqual(['echo', 'exit', 'fail', 'say', 'spin'].map((name) => `/aws/lambda/${name}`));
});

it('has a stream for each process, in which the invocations stand one after the other', async () => {
  const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: GROUP }));
  expect(logStreams?.map(({ logStreamName }) => logStreamName)).toEqual([
    expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
  ]);
  const logStreamName = logStreams?.[0]?.logStreamName;
  const whole = new GetLogEventsCommand({ logGroupName: GROUP, logStreamName, startFromHead: true });
  const { events } = await logs.send(whole);
  expect(events?.map(({ message }) => /^\S+/.exec(message ?? '')?.[0])).toEqual([
    ...['INIT_START', 'START', '[ERROR', '[ERROR', '[INFO]', 'END', 'REPORT'],
    ...['START', expect.stringMatching(/^\{/), expect.stringMatching(/^\{/), 'END', 'REPORT'],
  ]);
});

it.each([
  ['ERROR', ['[ERROR 400] BAD REQUEST', '[ERROR 419] MISSING ARGUMENTS']],
  ['ERROR -ARGUMENTS', ['[ERROR 400] BAD REQUEST']],
  ['"[INFO]"', ['[INFO] INVALID ARGUMENTS']],
  ['?400 ?INVALID', ['[ERROR 400] BAD REQUEST', '[INFO] INVALID ARGUMENTS']],
  ['{ $.level = "error" }', ['{"level":"error","detail":{"code":7},"tags":["a","b"]}']],
  ['{ $.detail.code > 7 }', ['{"level":"info","detail":{"code":8},"tags":[]}']],
  ['{ $.tags[1] = b && $.detail.code != 8 }', ['{"level":"error","detail":{"code":7},"tags":["a","b"]}']],
])('finds %s', async (pattern, expected) => {
  expect(await filter(pattern)).toEqual(expected);
});

it('pages', async () => {
  const pages: (number | undefined)[] = [];
  const input = { logGroupName: GROUP, filterPattern: 'ARGUMENTS', limit: 1 };
  for await (const { events } of paginateFilterLogEvents({ client: logs }, input))
    if (events?.length) pages.push(events.length);
  expect(pages).toEqual([1, 1]);
});

it('refuses a group that is not there and a pattern that is none', async () => {
  await expect(
    logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/none' })),
  ).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'The specified log group does not exist.',
  });
  await expect(filter('{ $.level = }')).rejects.toMatchObject({ name: 'InvalidParameterException' });
});
