import type {
  ChangeMessageVisibilityRequest,
  DeleteMessageRequest,
  ReceiveMessageRequest,
  SendMessageRequest,
} from '@aws-sdk/client-sqs';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../ports.ts';
import { type Batch, checkBatch, outcomes } from './batch.ts';
import { invalidValue } from './failure.ts';
import { checkMessage, type Message, md5, md5OfAttributes, sizeOf, systemAttributes } from './message.ts';
import type { Actions } from './protocols.ts';
import { number } from './queue.ts';
import type { QueueOf } from './queue-actions.ts';
import type { Queues } from './queues.ts';
import { parseReceipt, receiptHandle } from './receipt.ts';
import type { Wire } from './shapes.ts';

export interface MessageActionOptions {
  readonly queues: Queues;
  readonly queueOf: QueueOf;
  readonly clock: Clock;
  readonly account: string;
  /** Aborts when the caller goes away or the service closes. */
  readonly signal: AbortSignal;
}

/** The actions on messages.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html */
export function messageActions({ queues, queueOf, clock, account, signal }: MessageActionOptions) {
  function send(input: Wire<SendMessageRequest>) {
    const queue = queueOf(input);
    const { MessageBody: body = '', MessageAttributes: attributes = {} } = input;
    checkMessage(body, attributes, number(queue, 'MaximumMessageSize'));
    const id = queues.send(queue, body, attributes, within(input, 'DelaySeconds', 0, 900));
    return {
      MessageId: id,
      MD5OfMessageBody: md5(body),
      MD5OfMessageAttributes: md5OfAttributes(attributes),
    };
  }

  async function receive(input: ReceiveMessageRequest) {
    const queue = queueOf(input);
    const max = within(input, 'MaxNumberOfMessages', 1, 10) ?? 1;
    const seconds = within(input, 'VisibilityTimeout', 0, 43_200);
    const wait = within(input, 'WaitTimeSeconds', 0, 20) ?? number(queue, 'ReceiveMessageWaitTimeSeconds');
    const deadline = clock.now() + wait * 1000;
    let received = queues.receive(queue, { max, seconds });
    while (received.length === 0 && clock.now() < deadline && !signal.aborted) {
      await queues.arrival(queue.name, deadline, signal);
      if (!signal.aborted) received = queues.receive(queueOf(input), { max, seconds });
    }
    const Messages = received.map((message) => describe(message, input, account));
    return Messages.length === 0 ? {} : { Messages };
  }

  const remove = (input: DeleteMessageRequest): void =>
    queues.delete(parseReceipt(queueOf(input), input.ReceiptHandle));

  function changeVisibility(input: ChangeMessageVisibilityRequest): void {
    const seconds = within(input, 'VisibilityTimeout', 0, 43_200) ?? 0;
    const message = queues.message(parseReceipt(queueOf(input), input.ReceiptHandle));
    const reason = 'Message does not exist or is not available for visibility timeout change.';
    if (!message) throw invalidValue(input.ReceiptHandle, 'ReceiptHandle', reason);
    if (message.visibleAt === 0)
      throw new AwsError('MessageNotInflight', 'The specified message is not in flight.');
    queues.hide(message, seconds === 0 ? 0 : clock.now() + seconds * 1000);
  }

  const eachOf =
    (act: (input: never) => unknown) =>
    ({ QueueUrl, Entries }: Batch) => {
      queueOf({ QueueUrl });
      checkBatch(Entries);
      return outcomes(Entries, (entry) => act({ ...entry, QueueUrl } as never));
    };

  return {
    SendMessage: send,
    SendMessageBatch(input: Batch<SendMessageRequest>) {
      const sizes = input.Entries.map((entry) => sizeOf(entry.MessageBody ?? '', entry.MessageAttributes));
      checkBatch(input.Entries, sizes);
      return eachOf(send)(input);
    },
    ReceiveMessage: receive,
    DeleteMessage: remove,
    DeleteMessageBatch: eachOf(remove),
    ChangeMessageVisibility: changeVisibility,
    ChangeMessageVisibilityBatch: eachOf(changeVisibility),
  } satisfies Actions;
}

function within<K extends string>(
  input: { readonly [key in K]?: number | undefined },
  name: K,
  least: number,
  most: number,
): number | undefined {
  const value = input[name];
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return value;
  throw invalidValue(value, name, `Must be between ${least} and ${most}, if provided.`);
}

/** A message as ReceiveMessage answers with it, with the attributes that were asked for. */
function describe(message: Message, wanted: ReceiveMessageRequest, account: string) {
  const names = [...(wanted.AttributeNames ?? []), ...(wanted.MessageSystemAttributeNames ?? [])];
  const own = pick(message.attributes, wanted.MessageAttributeNames ?? []);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle(message),
    MD5OfBody: md5(message.body),
    Body: message.body,
    Attributes: pick(systemAttributes(message, account), names),
    MD5OfMessageAttributes: md5OfAttributes(own),
    MessageAttributes: own,
  };
}

/** Those that are named: by themselves, by `All` or `.*`, or by their beginning, `begin.*`. */
function pick<T>(all: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> | undefined {
  const isNamed = (name: string) => (wanted: string) =>
    wanted.endsWith('.*') ? name.startsWith(wanted.slice(0, -2)) : wanted === 'All' || wanted === name;
  const entries = Object.entries(all).filter(([name]) => names.some(isNamed(name)));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
