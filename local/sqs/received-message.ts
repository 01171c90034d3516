import { AwsError } from '../aws-error.ts';
import { md5, md5OfAttributes } from './digest.ts';
import { missing } from './failure.ts';
import type { Receipt } from './queues.ts';
import type { Message, Queue } from './store.ts';

/** The receipt handle of a received message. */
export function receiptHandle({ queue, seq, receiveCount }: Receipt): string {
  return Buffer.from(`${queue} ${seq} ${receiveCount}`).toString('base64');
}

/** Throws ReceiptHandleIsInvalid unless the handle is one of this queue. */
export function parseReceipt({ name }: Queue, handle: unknown): Receipt {
  if (typeof handle !== 'string' || handle === '') throw missing('ReceiptHandle');
  const [, queue, seq, receiveCount] =
    /^(\S+) (\d+) (\d+)$/.exec(Buffer.from(handle, 'base64').toString()) ?? [];
  if (queue !== name)
    throw new AwsError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${handle}" is not a valid receipt handle.`,
    );
  return { queue, seq: Number(seq), receiveCount: Number(receiveCount) };
}

/** A message's attributes by SQS itself. */
export function systemAttributes(message: Message, account: string): Record<string, string> {
  return {
    SenderId: account,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(message.source === null ? {} : { DeadLetterQueueSourceArn: message.source }),
  };
}

/** A message as ReceiveMessage answers with it, with the attributes that were asked for. */
export function describe(message: Message, input: Record<string, unknown>, account: string) {
  const system = namesOf(input.AttributeNames).concat(namesOf(input.MessageSystemAttributeNames));
  const own = namesOf(input.MessageAttributeNames);
  const attributes = pick(
    systemAttributes(message, account),
    (name) => system.includes('All') || system.includes(name),
  );
  const messageAttributes = pick(message.attributes, (name) => own.some((wanted) => wants(wanted, name)));
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle(message),
    MD5OfBody: md5(message.body),
    Body: message.body,
    Attributes: attributes,
    MD5OfMessageAttributes: messageAttributes && md5OfAttributes(messageAttributes),
    MessageAttributes: messageAttributes,
  };
}

function wants(wanted: string, name: string): boolean {
  if (wanted === 'All' || wanted === '.*' || wanted === name) return true;
  return wanted.endsWith('.*') && name.startsWith(wanted.slice(0, -1));
}

function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function pick<Value>(
  all: Readonly<Record<string, Value>>,
  takes: (name: string) => boolean,
): Record<string, Value> | undefined {
  const entries = Object.entries(all).filter(([name]) => takes(name));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
