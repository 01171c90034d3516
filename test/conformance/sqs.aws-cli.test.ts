/** SQS by Debian's AWS CLI, which speaks the Query protocol. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith } from '../support/outside-client.ts';
import { startQueues } from './sqs.queues.ts';
import { AWS_CLI, type AwsCli, createAwsCli } from './support/aws-cli.ts';
import type { BareCloud } from './support/bare-cloud.ts';

describeWith(AWS_CLI, 'SQS', () => {
  let cloud: BareCloud;
  let cli: AwsCli;
  let url: string;

  beforeAll(async () => {
    cloud = await startQueues();
    cli = createAwsCli(cloud.endpoint);
    url = `${cloud.endpoint}/000000000000/work`;
  });

  afterAll(async () => {
    cli?.close();
    await cloud?.close();
  });

  const sqs = (command: string, ...args: string[]) => cli.run('sqs', command, ...args);
  const onQueue = async (command: string, ...args: string[]) => {
    const printed = await sqs(command, '--queue-url', url, ...args);
    return printed === '' ? {} : JSON.parse(printed);
  };

  it('makes a queue, finds and changes it, and deletes it', async () => {
    const made = JSON.parse(
      await sqs('create-queue', '--queue-name', 'mine', '--attributes', 'VisibilityTimeout=9,DelaySeconds=0'),
    );
    expect(made.QueueUrl).toBe(`${cloud.endpoint}/000000000000/mine`);
    expect(JSON.parse(await sqs('get-queue-url', '--queue-name', 'mine'))).toEqual(made);
    const mine = ['--queue-url', made.QueueUrl];
    await sqs('set-queue-attributes', ...mine, '--attributes', 'VisibilityTimeout=8');
    const told = await sqs(
      'get-queue-attributes',
      ...mine,
      '--attribute-names',
      'VisibilityTimeout',
      'QueueArn',
    );
    expect(JSON.parse(told).Attributes).toEqual({
      VisibilityTimeout: '8',
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:mine',
    });
    const listed = JSON.parse(await sqs('list-queues', '--page-size', '1'));
    expect(listed.QueueUrls).toEqual(
      ['dead', 'mine', 'work'].map((name) => `${cloud.endpoint}/000000000000/${name}`),
    );
    await sqs('delete-queue', ...mine);
    await expect(sqs('get-queue-url', '--queue-name', 'mine')).rejects.toMatchObject({
      stderr: expect.stringContaining('(AWS.SimpleQueueService.NonExistentQueue)'),
    });
  });

  it('sends, receives, hides and deletes a message with its attributes', async () => {
    const Body = 'tab\t, line\r\n, "<&>" ü \u{1F600}';
    const attributes = { City: { DataType: 'String', StringValue: 'Zürich & <co>' } };
    const file = join(cli.dir, 'attributes.json');
    writeFileSync(file, JSON.stringify(attributes));
    const sent = await onQueue(
      'send-message',
      '--message-body',
      Body,
      '--message-attributes',
      `file://${file}`,
    );
    const received = await onQueue(
      'receive-message',
      '--message-attribute-names',
      'All',
      '--attribute-names',
      'ApproximateReceiveCount',
    );
    const [message] = received.Messages;
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body,
      MD5OfBody: sent.MD5OfMessageBody,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes: attributes,
      Attributes: { ApproximateReceiveCount: '1' },
    });
    const receipt = ['--receipt-handle', message.ReceiptHandle];
    await onQueue('change-message-visibility', ...receipt, '--visibility-timeout', '60');
    expect(await onQueue('receive-message')).toEqual({});
    await onQueue('delete-message', ...receipt);
    await expect(
      onQueue('change-message-visibility', ...receipt, '--visibility-timeout', '60'),
    ).rejects.toMatchObject({ stderr: expect.stringContaining('(InvalidParameterValue)') });
  });

  it('sends a batch, of which one fails alone, and throws the rest away', async () => {
    const file = join(cli.dir, 'batch.json');
    const entries = ['A', '\u0001', 'C'].map((MessageBody, n) => ({ Id: `id-${n}`, MessageBody }));
    writeFileSync(file, JSON.stringify(entries));
    const sent = await onQueue('send-message-batch', '--entries', `file://${file}`);
    expect(sent.Successful.map(({ Id }: { Id: string }) => Id)).toEqual(['id-0', 'id-2']);
    expect(sent.Failed).toEqual([
      { Id: 'id-1', SenderFault: true, Code: 'InvalidMessageContents', Message: expect.any(String) },
    ]);
    await onQueue('purge-queue');
    const { Attributes } = await onQueue('get-queue-attributes', '--attribute-names', 'All');
    expect(Attributes.ApproximateNumberOfMessages).toBe('0');
  });

  it.each([
    [
      'a queue that there is not',
      ['purge-queue', '--queue-url', '/none'],
      'AWS.SimpleQueueService.NonExistentQueue',
    ],
    ['a bad receipt', ['delete-message', '--receipt-handle', 'garbage'], 'ReceiptHandleIsInvalid'],
    ['eleven at once', ['receive-message', '--max-number-of-messages', '11'], 'InvalidParameterValue'],
    ['an unknown attribute', ['set-queue-attributes', '--attributes', 'Colour=red'], 'InvalidAttributeName'],
    ['what nobody calls', ['list-queue-tags'], 'InvalidAction'],
  ])('is told of %s', async (_, [command = '', ...args], code) => {
    const all = args.includes('--queue-url') ? args : ['--queue-url', url, ...args];
    await expect(sqs(command, ...all)).rejects.toMatchObject({
      stderr: expect.stringContaining(`(${code})`),
    });
  });
});
