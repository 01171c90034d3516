/** A rule of a user on the lifecycle bus of the packaged services, by the AWS CLI. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digits } from '../e2e/support/specifications.ts';
import { startTestCloud, type TestCloud } from '../e2e/support/test-cloud.ts';
import { describeWith } from '../support/outside-client.ts';
import { AWS_CLI, type AwsCli, createAwsCli } from './support/aws-cli.ts';

const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:rejected-data';

describeWith(AWS_CLI, 'EventBridge', () => {
  let cloud: TestCloud;
  let cli: AwsCli;
  let queueUrl: string;
  const events = (...args: string[]) => cli.json('events', ...args);
  const onBus = () => ['--event-bus-name', cloud.info.busName];

  async function receive(): Promise<Record<string, unknown>> {
    for (;;) {
      const printed = await cli.run(
        'sqs',
        'receive-message',
        '--queue-url',
        queueUrl,
        '--wait-time-seconds',
        '5',
      );
      if (printed.trim() === '') continue;
      const [message] = JSON.parse(printed).Messages;
      await cli.run(
        'sqs',
        'delete-message',
        '--queue-url',
        queueUrl,
        '--receipt-handle',
        message.ReceiptHandle,
      );
      return JSON.parse(message.Body);
    }
  }

  beforeAll(async () => {
    cloud = await startTestCloud();
    cli = createAwsCli(cloud.info.awsEndpoint);
    await cloud.api.send('PUT', '/v1/pipelines/digits', JSON.stringify(digits()));
    const created = await cli.json<{ QueueUrl: string }>(
      'sqs',
      'create-queue',
      '--queue-name',
      'rejected-data',
    );
    queueUrl = created.QueueUrl;
  }, 120_000);

  afterAll(async () => {
    cli?.close();
    await cloud?.close();
  });

  it('finds the lifecycle bus', async () => {
    const { EventBuses } = await events('list-event-buses', '--name-prefix', 'ratchet-');
    expect(EventBuses).toEqual([expect.objectContaining({ Name: cloud.info.busName })]);
  });

  it('puts a rule with a queue, which receives the event of a rejected file', async () => {
    const pattern = { source: ['ratchet.ingest'], 'detail-type': [{ prefix: 'DatasetRejected.' }] };
    await events(
      'put-rule',
      '--name',
      'rejected-data',
      ...onBus(),
      '--event-pattern',
      JSON.stringify(pattern),
    );
    const targets = ['--targets', `Id=mine,Arn=${QUEUE_ARN}`];
    expect(await events('put-targets', '--rule', 'rejected-data', ...onBus(), ...targets)).toEqual({
      FailedEntryCount: 0,
      FailedEntries: [],
    });
    writeFileSync(join(cli.dir, 'bad.csv'), 'colour,size\nred,1\n');
    await cli.run('s3', 'cp', 'bad.csv', `s3://${cloud.info.dropBucket}/incoming/digits/`);
    expect(await receive()).toMatchObject({
      'detail-type': 'DatasetRejected.v1',
      source: 'ratchet.ingest',
      detail: { pipeline: 'digits' },
    });
  });

  it('transforms, and sends an event of its own', async () => {
    const template = { InputPathsMap: { who: '$.detail.who' }, InputTemplate: '{"greets": <who>}' };
    const target = [{ Id: 'mine', Arn: QUEUE_ARN, InputTransformer: template }];
    const name = ['--rule', 'rejected-data', ...onBus()];
    await events('put-targets', ...name, '--targets', JSON.stringify(target));
    expect((await events('list-targets-by-rule', ...name)).Targets).toEqual(target);
    const entry = {
      EventBusName: cloud.info.busName,
      Source: 'ratchet.ingest',
      DetailType: 'DatasetRejected.v1',
      Detail: '{"who":"CLI"}',
    };
    const entries = JSON.stringify([entry, { ...entry, Source: 'aws.s3' }]);
    const answer = await events('put-events', '--entries', entries);
    expect(answer).toMatchObject({ FailedEntryCount: 1 });
    expect(await receive()).toEqual({ greets: 'CLI' });
  });

  it('disables, enables, describes and removes the rule', async () => {
    const name = ['--name', 'rejected-data', ...onBus()];
    await cli.run('events', 'disable-rule', ...name);
    expect(await events('describe-rule', ...name)).toMatchObject({ State: 'DISABLED' });
    await cli.run('events', 'enable-rule', ...name);
    const { Rules } = await events('list-rules', '--name-prefix', 'rejected', ...onBus());
    expect(Rules).toEqual([expect.objectContaining({ Name: 'rejected-data', State: 'ENABLED' })]);
    await cli.run('events', 'remove-targets', '--rule', 'rejected-data', ...onBus(), '--ids', 'mine');
    await cli.run('events', 'delete-rule', ...name);
    await expect(cli.run('events', 'describe-rule', ...name)).rejects.toMatchObject({
      stderr: expect.stringMatching(/ResourceNotFoundException.*Rule rejected-data does not exist/),
    });
  });

  it('tries a pattern, and is told what is wrong with another', async () => {
    const event = { id: '1', source: 's', 'detail-type': 'T', detail: { path: '/usr/lib/x' } };
    const tried = (pattern: unknown) =>
      events(
        'test-event-pattern',
        '--event-pattern',
        JSON.stringify(pattern),
        '--event',
        JSON.stringify(event),
      );
    expect(await tried({ detail: { path: [{ wildcard: '*/lib/*' }] } })).toEqual({ Result: true });
    expect(await tried({ detail: { path: [{ 'anything-but': { wildcard: '*/lib/*' } }] } })).toEqual({
      Result: false,
    });
    await expect(tried({ detail: { path: [] } })).rejects.toMatchObject({
      stderr: expect.stringMatching(/InvalidEventPatternException.*Empty arrays are not allowed/),
    });
  });
});
