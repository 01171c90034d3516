/** A user's own rule on the lifecycle bus, with a queue of their own as its target. */
import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { EventDetail, EventName } from '../../../shared/contracts/events.ts';
import { patient } from './target.ts';
import type { TestCloud } from './test-cloud.ts';

export interface Heard {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface BusListener {
  /** Waits until an event has come for which `isWanted` holds; events that came before count too. */
  hear<N extends EventName>(
    name: N,
    isWanted: (detail: EventDetail<N>) => boolean,
    seconds: number,
  ): Promise<EventDetail<N>>;
  /** All events so far of one run, in the order they came. */
  of(runId: string): string[];
  /** Stops listening, and removes the rule and its queue. */
  close(): Promise<void>;
}

/** EventBridge puts events on a queue only where the queue's owner allows it. */
const mayBeFilled = (queue: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: `arn:aws:sqs:*:*:${queue}`,
      },
    ],
  });

/** Hears every event of Ratchet's services. `name` names the rule and its queue. */
export async function listen(cloud: Pick<TestCloud, 'client' | 'info'>, name: string): Promise<BusListener> {
  const sqs = new SQSClient(cloud.client);
  const events = new EventBridgeClient(cloud.client);
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: { Policy: mayBeFilled(name) } }),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const rule = { EventBusName: cloud.info.busName };
  const EventPattern = JSON.stringify({ source: [{ prefix: 'ratchet.' }] });
  await events.send(new PutRuleCommand({ ...rule, Name: name, EventPattern }));
  await events.send(
    new PutTargetsCommand({ ...rule, Rule: name, Targets: [{ Id: 'queue', Arn: Attributes?.QueueArn }] }),
  );
  const heard: Heard[] = [];

  async function receive(): Promise<void> {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return;
    heard.push(...Messages.map(({ Body = '{}' }) => JSON.parse(Body) as Heard));
    const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }

  return {
    hear: async (wanted, isWanted, seconds) => {
      const end = Date.now() + patient(seconds * 1000);
      for (;;) {
        const found = heard.find(
          (event) => event['detail-type'] === wanted && isWanted(event.detail as EventDetail<typeof wanted>),
        );
        if (found) return found.detail as EventDetail<typeof wanted>;
        if (Date.now() > end) {
          const came = heard.map((event) => `${event['detail-type']} ${JSON.stringify(event.detail)}`);
          throw new Error(`Waited ${seconds} s in vain for ${wanted}; came:\n${came.join('\n')}`);
        }
        await receive();
      }
    },
    of: (runId) => heard.filter(({ detail }) => detail.runId === runId).map((event) => event['detail-type']),
    close: async () => {
      await events.send(new RemoveTargetsCommand({ ...rule, Rule: name, Ids: ['queue'] }));
      await events.send(new DeleteRuleCommand({ ...rule, Name: name }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      sqs.destroy();
      events.destroy();
    },
  };
}
