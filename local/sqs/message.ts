import { createHash } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { AwsError } from '../aws-error.ts';
import { invalid, missing } from './failure.ts';
import type { Wire } from './shapes.ts';

type MessageAttribute = Wire<MessageAttributeValue>;
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** A message that was received. Times are epoch milliseconds. */
export interface Message {
  readonly seq: number;
  readonly id: string;
  readonly queue: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly sentAt: number;
  readonly visibleAt: number;
  readonly receiveCount: number;
  readonly firstReceivedAt: number;
  /** ARN of the queue whose redrive policy moved it here. */
  readonly source: string | null;
}

const ATTRIBUTE_NAME = /^(?!aws\.|amazon\.|\.)[\w.-]{1,256}(?<!\.)$/i;
const ATTRIBUTE_TYPE = /^(String|Number|Binary)(\..+)?$/;
/** XML's characters: https://www.w3.org/TR/REC-xml/#charsets */
const CONTENTS = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

/** Throws MissingRequiredParameterException, InvalidMessageContents or InvalidParameterValueException. */
export function checkMessage(body: string, attributes: MessageAttributes, mostBytes: number): void {
  if (body === '') throw missing('MessageBody');
  if (!CONTENTS.test(body)) {
    const valid = '#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF';
    const message = `Invalid characters found. Valid unicode characters are ${valid}`;
    throw new AwsError('InvalidMessageContents', message);
  }
  const count = Object.keys(attributes).length;
  if (count > 10) throw invalid(`Number of message attributes [${count}] exceeds the allowed maximum [10].`);
  for (const [name, attribute] of Object.entries(attributes)) checkAttribute(name, attribute);
  if (sizeOf(body, attributes) <= mostBytes) return;
  throw invalid(
    `One or more parameters are invalid. Reason: Message must be shorter than ${mostBytes} bytes.`,
  );
}

function checkAttribute(name: string, attribute: MessageAttribute): void {
  const [, type] = ATTRIBUTE_TYPE.exec(attribute.DataType ?? '') ?? [];
  if (!ATTRIBUTE_NAME.test(name)) throw invalid(`Message (user) attribute name '${name}' is invalid.`);
  if (!type) throw invalid(`Type of message (user) attribute '${name}' is invalid: ${attribute.DataType}.`);
  if (valueIn(attribute).length > 0) return;
  throw invalid(`Message (user) attribute '${name}' must contain a non-empty value of type '${type}'.`);
}

/** Bytes of a message as its limits count them: body, and name, type and value of each attribute. */
export function sizeOf(body: string, attributes: MessageAttributes = {}): number {
  const sizes = Object.entries(attributes).map(
    ([name, attribute]) => Buffer.byteLength(name + attribute.DataType) + valueIn(attribute).length,
  );
  return sizes.reduce((sum, size) => sum + size, Buffer.byteLength(body));
}

const isBinary = ({ DataType = '' }: MessageAttribute): boolean => DataType.startsWith('Binary');

const valueIn = (attribute: MessageAttribute): Buffer =>
  isBinary(attribute)
    ? Buffer.from(attribute.BinaryValue ?? '', 'base64')
    : Buffer.from(attribute.StringValue ?? '');

export const md5 = (content: string | Buffer): string => createHash('md5').update(content).digest('hex');

/** MD5 of message attributes: sorted by name; name, type and value each as length and bytes, a byte for the
 * kind of value between type and value. Undefined when there are none.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
export function md5OfAttributes(attributes: MessageAttributes = {}): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const parts = names.flatMap((name) => {
    const attribute = attributes[name]!;
    const kind = Buffer.of(isBinary(attribute) ? 2 : 1);
    return [...sized(name), ...sized(attribute.DataType ?? ''), kind, ...sized(valueIn(attribute))];
  });
  return md5(Buffer.concat(parts));
}

function sized(content: string | Buffer): [Buffer, Buffer] {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(Buffer.byteLength(content));
  return [size, Buffer.from(content)];
}

/** A message's attributes by SQS itself. */
export function systemAttributes(message: Message, account: string): Record<string, string> {
  return {
    SenderId: account,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(message.source !== null && { DeadLetterQueueSourceArn: message.source }),
  };
}
