import { AwsError } from '../aws-error.ts';
import type { Clock, JsonAction } from '../ports.ts';
import { md5, md5OfAttributes } from './digest.ts';
import { missing } from './failure.ts';
import { attributesOf, batchOf, checkMessage, integer, queueAt } from './message-input.ts';
import { number, type Queues } from './queues.ts';
import { describe, parseReceipt } from './received-message.ts';
import type { Queue } from './store.ts';

type Input = Record<string, unknown>;

export interface MessageActionOptions {
  readonly queues: Queues;
  readonly clock: Clock;
  readonly account: string;
  /** Aborts when the caller goes away or the service closes. */
  readonly signal: AbortSignal;
}

/** SendMessage, ReceiveMessage, DeleteMessage, their batches, and ChangeMessageVisibility.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html */
export function messageActions({
  queues,
  clock,
  account,
  signal,
}: MessageActionOptions): Record<string, JsonAction> {
  const queueOf = (input: Input): Queue => queueAt(queues, input.QueueUrl, account);
  const deleteMessage = (queue: Queue, input: Input): void =>
    queues.delete(parseReceipt(queue, input.ReceiptHandle));
  return {
    SendMessage: (input) => send(queues, queueOf(input), input),
    SendMessageBatch(input) {
      const queue = queueOf(input);
      const entries = batchOf(input);
      const bytes = entries.reduce(
        (sum, { MessageBody }) => sum + Buffer.byteLength(String(MessageBody ?? '')),
        0,
      );
      if (bytes > number(queue, 'MaximumMessageSize')) {
        throw new AwsError(
          'BatchRequestTooLong',
          `Batch requests cannot be longer than ${number(queue, 'MaximumMessageSize')} bytes.`,
        );
      }
      return eachOf(entries, (entry) => send(queues, queue, entry));
    },
    async ReceiveMessage(input) {
      const queue = queueOf(input);
      const max = integer(input, 'MaxNumberOfMessages', [1, 10]) ?? 1;
      const seconds = integer(input, 'VisibilityTimeout', [0, 43_200]);
      const wait =
        integer(input, 'WaitTimeSeconds', [0, 20]) ?? number(queue, 'ReceiveMessageWaitTimeSeconds');
      const deadline = clock.now() + wait * 1000;
      const receive = () =>
        queues.receive(queue.name, { max, ...(seconds === undefined ? {} : { seconds }) });
      let received = receive();
      while (received.length === 0 && clock.now() < deadline && !signal.aborted) {
        await queues.arrival(queue.name, deadline, signal);
        if (!signal.aborted) received = receive();
      }
      return received.length === 0
        ? {}
        : { Messages: received.map((message) => describe(message, input, account)) };
    },
    DeleteMessage: (input) => deleteMessage(queueOf(input), input),
    DeleteMessageBatch(input) {
      const queue = queueOf(input);
      return eachOf(batchOf(input), (entry) => {
        deleteMessage(queue, entry);
        return {};
      });
    },
    ChangeMessageVisibility(input) {
      const seconds = integer(input, 'VisibilityTimeout', [0, 43_200]);
      if (seconds === undefined) throw missing('VisibilityTimeout');
      const receipt = parseReceipt(queueOf(input), input.ReceiptHandle);
      if (queues.hide(receipt, clock.now() + seconds * 1000)) return;
      throw new AwsError('MessageNotInflight', 'The specified message is not in flight.');
    },
  };
}

function send(queues: Queues, queue: Queue, input: Input) {
  const { MessageBody: body } = input;
  if (typeof body !== 'string' || body === '') throw missing('MessageBody');
  const attributes = attributesOf(input.MessageAttributes);
  checkMessage(queue, body, attributes);
  const id = queues.send({ queue: queue.name, body, attributes }, integer(input, 'DelaySeconds', [0, 900]));
  return { MessageId: id, MD5OfMessageBody: md5(body), MD5OfMessageAttributes: md5OfAttributes(attributes) };
}

function eachOf(entries: readonly Input[], act: (entry: Input) => object) {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...act(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}
