import type {
  CreateQueueRequest,
  GetQueueAttributesRequest,
  GetQueueUrlRequest,
  ListQueuesRequest,
  SetQueueAttributesRequest,
} from '@aws-sdk/client-sqs';
import { AwsError } from '../aws-error.ts';
import { invalidValue, noSuchQueue } from './failure.ts';
import type { Actions } from './protocols.ts';
import { type Queue, type QueueAttributes, settingsOf } from './queue.ts';
import type { Queues } from './queues.ts';

/** The queue that an input's URL `<endpoint>/<account>/<name>` addresses. Throws QueueDoesNotExist. */
export type QueueOf = (input: { readonly QueueUrl: string | undefined }) => Queue;

export const queueByUrl =
  (queues: Queues, account: string): QueueOf =>
  ({ QueueUrl = '' }) => {
    const [name = '', owner] = QueueUrl.split('/').reverse();
    if (owner !== account) throw noSuchQueue();
    return queues.get(name);
  };

/** The actions on queues. `urlOf` gives a queue's URL by its name.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html */
export function queueActions(queues: Queues, queueOf: QueueOf, urlOf: (name: string) => string) {
  return {
    CreateQueue({ QueueName: name = '', Attributes = {} }: CreateQueueRequest) {
      const present = queues.find(name);
      if (present) refuseDifference(present, Attributes);
      else queues.put(name, Attributes);
      return { QueueUrl: urlOf(name) };
    },
    GetQueueUrl: ({ QueueName = '' }: GetQueueUrlRequest) => ({
      QueueUrl: urlOf(queues.get(QueueName).name),
    }),
    GetQueueAttributes(input: GetQueueAttributesRequest) {
      const names: readonly string[] = input.AttributeNames ?? [];
      const all = describe(queues, queueOf(input));
      const unknown = names.find(
        (name) => !(name in all) && !['All', 'Policy', 'RedrivePolicy'].includes(name),
      );
      if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
      const wanted = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
      return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
    },
    SetQueueAttributes(input: SetQueueAttributesRequest) {
      const { name, attributes } = queueOf(input);
      queues.put(name, { ...attributes, ...input.Attributes });
    },
    ListQueues({ QueueNamePrefix = '', MaxResults: max = 1000, NextToken = '' }: ListQueuesRequest) {
      if (max < 1 || max > 1000)
        throw invalidValue(max, 'MaxResults', 'Must be between 1 and 1000, if provided.');
      const names = queues.list().filter((name) => name.startsWith(QueueNamePrefix) && name > NextToken);
      const page = names.slice(0, max);
      return {
        QueueUrls: page.length > 0 ? page.map(urlOf) : undefined,
        NextToken: page.length < names.length ? page.at(-1) : undefined,
      };
    },
    PurgeQueue: (input: { QueueUrl: string }) => queues.purge(queueOf(input).name),
    DeleteQueue: (input: { QueueUrl: string }) => queues.remove(queueOf(input).name),
  } satisfies Actions;
}

function refuseDifference(present: Queue, attributes: QueueAttributes): void {
  const settings = settingsOf(present);
  const different = Object.keys(attributes).find((name) => settings[name] !== attributes[name]);
  if (different === undefined) return;
  const message = `A queue already exists with the same name and a different value for attribute ${different}`;
  throw new AwsError('QueueNameExists', message);
}

function describe(queues: Queues, queue: Queue): QueueAttributes {
  const { visible, inFlight, delayed } = queues.counts(queue.name);
  return {
    ...settingsOf(queue),
    QueueArn: queues.arn(queue.name),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
  };
}
