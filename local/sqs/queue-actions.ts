import { AwsError } from '../aws-error.ts';
import type { JsonAction } from '../ports.ts';
import { invalidValue, missing } from './failure.ts';
import { integer, queueAt } from './message-input.ts';
import { type Queues, settingsOf } from './queues.ts';
import type { Queue } from './store.ts';

export interface QueueActionOptions {
  readonly queues: Queues;
  readonly account: string;
  readonly endpoint: () => string;
}

/** CreateQueue, GetQueueUrl, GetQueueAttributes, ListQueues, PurgeQueue, DeleteQueue.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html */
export function queueActions({ queues, account, endpoint }: QueueActionOptions): Record<string, JsonAction> {
  const urlOf = (name: string): string => `${endpoint()}/${account}/${name}`;
  const queueOf = (input: Record<string, unknown>): Queue => queueAt(queues, input.QueueUrl, account);
  return {
    CreateQueue(input) {
      const name = required(input, 'QueueName');
      const attributes = (input.Attributes ?? {}) as Record<string, string>;
      const present = queues.find(name);
      const different =
        present && Object.keys(attributes).find((key) => settingsOf(present)[key] !== attributes[key]);
      if (different) {
        throw new AwsError(
          'QueueNameExists',
          `A queue already exists with the same name and a different value for attribute ${different}`,
        );
      }
      if (!present) queues.put(name, attributes);
      return { QueueUrl: urlOf(name) };
    },
    GetQueueUrl: (input) => ({ QueueUrl: urlOf(queues.get(required(input, 'QueueName')).name) }),
    GetQueueAttributes(input) {
      const queue = queueOf(input);
      const names = Array.isArray(input.AttributeNames) ? input.AttributeNames.map(String) : [];
      const all = describe(queues, queue);
      const unknown = names.find(
        (name) => name !== 'All' && !(name in all) && name !== 'Policy' && name !== 'RedrivePolicy',
      );
      if (unknown) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
      const wanted = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
      return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
    },
    ListQueues(input) {
      const prefix = String(input.QueueNamePrefix ?? '');
      const most = integer(input, 'MaxResults', [1, 1000]) ?? 1000;
      const from = Number(input.NextToken ?? 0);
      if (!Number.isInteger(from) || from < 0)
        throw invalidValue(input.NextToken, 'NextToken', 'Not a token of ListQueues.');
      const urls = queues
        .list()
        .filter(({ name }) => name.startsWith(prefix))
        .map(({ name }) => urlOf(name));
      const page = urls.slice(from, from + most);
      return {
        ...(page.length > 0 ? { QueueUrls: page } : {}),
        ...(from + most < urls.length ? { NextToken: String(from + most) } : {}),
      };
    },
    PurgeQueue: (input) => queues.purge(queueOf(input).name),
    DeleteQueue: (input) => queues.remove(queueOf(input).name),
  };
}

function required(input: Record<string, unknown>, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw missing(name);
}

function describe(queues: Queues, queue: Queue): Record<string, string> {
  const { visible, inFlight, delayed } = queues.counts(queue.name);
  const created = String(Math.floor(queue.createdAt / 1000));
  return {
    ...settingsOf(queue),
    QueueArn: queues.arn(queue.name),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: created,
    LastModifiedTimestamp: created,
  };
}
