/** CloudWatch Logs by Debian's AWS CLI: `aws logs tail`, as a user looks at a function. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWith } from '../support/outside-client.ts';
import { startFunctions } from './lambda.functions.ts';
import { AWS_CLI, type AwsCli, createAwsCli } from './support/aws-cli.ts';
import type { BareCloud } from './support/bare-cloud.ts';

const GROUP = '/aws/lambda/say';

describeWith(AWS_CLI, 'CloudWatch Logs', () => {
  let cloud: BareCloud;
  let aws: AwsCli;

  const say = (...lines: string[]) =>
    aws.run(
      ...['lambda', 'invoke', '--function-name', 'say', '--cli-binary-format', 'raw-in-base64-out'],
      ...['--payload', JSON.stringify({ lines }), 'answer.json'],
    );

  beforeAll(async () => {
    cloud = await startFunctions();
    aws = createAwsCli(cloud.endpoint);
    await say('one', 'two ERROR', '{"level":"error"}');
  });

  afterAll(async () => {
    aws?.close();
    await cloud?.close();
  });

  it('tails a function’s log', async () => {
    const printed = await aws.run('logs', 'tail', GROUP, '--since', '5m');
    expect(printed).toMatch(
      /^\S+ \d{4}\/\d\d\/\d\d\/\[\$LATEST\]\w+ INIT_START .*\n.* START RequestId: (\S+) .*\n.* one\n.* two ERROR\n.*\n.* END RequestId: \1\n.* REPORT RequestId: \1/,
    );
    expect(
      await aws.run('logs', 'tail', GROUP, '--since', '5m', '--format', 'short', '--filter-pattern', 'ERROR'),
    ).toMatch(/^\S+ two ERROR\n\s*$/);
  });

  it('follows it', async () => {
    const env = {
      HOME: aws.dir,
      PATH: '/usr/bin:/bin',
      PYTHONUNBUFFERED: '1',
      AWS_ACCESS_KEY_ID: 'anyone',
      AWS_SECRET_ACCESS_KEY: 'anything',
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    const args = ['--endpoint-url', cloud.endpoint, 'logs', 'tail', GROUP, '--follow', '--since', '5m'];
    const tail = spawn('/usr/bin/aws', args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    tail.stdout.on('data', (chunk: Buffer) => {
      printed += chunk;
    });
    const until = async (text: string) => {
      while (!printed.includes(text)) await sleep(50);
    };
    await until('two ERROR');
    await say('said later');
    await until('said later');
    expect(printed.match(/two ERROR/g)).toHaveLength(1);
    tail.kill('SIGINT');
    await once(tail, 'exit');
  }, 60_000);

  it('filters and describes', async () => {
    const query = ['--query', 'events[].message', '--output', 'text'];
    const name = ['--log-group-name', GROUP];
    expect(
      await aws.run(
        'logs',
        'filter-log-events',
        ...name,
        '--filter-pattern',
        '{ $.level = error }',
        ...query,
      ),
    ).toBe('{"level":"error"}\n\n');
    const groups = await aws.json('logs', 'describe-log-groups', '--log-group-name-prefix', '/aws/lambda/s');
    expect(groups).toMatchObject({
      logGroups: [{ logGroupName: GROUP }, { logGroupName: '/aws/lambda/spin', storedBytes: 0 }],
    });
    const { logStreams } = await aws.json<{ logStreams: { logStreamName: string }[] }>(
      ...['logs', 'describe-log-streams', ...name, '--order-by', 'LastEventTime', '--descending'],
    );
    const stream = ['--log-stream-name', logStreams[0]?.logStreamName ?? ''];
    const { events } = await aws.json<{ events: { message: string }[] }>(
      ...['logs', 'get-log-events', ...name, ...stream, '--limit', '1'],
    );
    expect(events).toMatchObject([{ message: expect.stringMatching(/^REPORT /) }]);
  });
});
