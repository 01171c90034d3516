import { AwsError } from '../aws-error.ts';
import { invalidValue } from './failure.ts';

/** Attributes of a queue as the API spells them, all texts; `RedrivePolicy` is JSON. */
export type QueueAttributes = Readonly<Record<string, string>>;

export interface Queue {
  readonly name: string;
  /** Those that were set. */
  readonly attributes: QueueAttributes;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** The numeric attributes of a standard queue: default, least, most (seconds, bytes).
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
const NUMBERS: Readonly<Record<string, readonly [number, number, number]>> = {
  VisibilityTimeout: [30, 0, 43_200],
  DelaySeconds: [0, 0, 900],
  MessageRetentionPeriod: [345_600, 60, 1_209_600],
  MaximumMessageSize: [1_048_576, 1_024, 1_048_576],
  ReceiveMessageWaitTimeSeconds: [0, 0, 20],
};

/** Taken and given back, without effect on one machine. */
const TEXTS = new Set([
  'Policy',
  'SqsManagedSseEnabled',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'RedriveAllowPolicy',
]);

/** A queue's number: what was set, else AWS's default. */
export function number({ attributes }: Queue, name: string): number {
  return Number(attributes[name] ?? NUMBERS[name]?.[0]);
}

/** All attributes that were set or have a default. */
export function settingsOf({ attributes }: Queue): QueueAttributes {
  const defaults = Object.entries(NUMBERS).map(([name, [value]]) => [name, String(value)]);
  return { ...Object.fromEntries(defaults), SqsManagedSseEnabled: 'true', ...attributes };
}

/** Throws InvalidParameterValue, InvalidAttributeName or InvalidAttributeValue. */
export function checkQueue(name: string, attributes: QueueAttributes): void {
  if (name.endsWith('.fifo') || 'FifoQueue' in attributes)
    throw invalidValue(name, 'QueueName', 'The embedded cloud offers standard queues only, not FIFO.');
  if (!/^[\w-]{1,80}$/.test(name)) {
    const reason = 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length';
    throw invalidValue(name, 'QueueName', reason);
  }
  for (const [attribute, value] of Object.entries(attributes)) checkAttribute(attribute, value);
}

function checkAttribute(name: string, value: string): void {
  const bounds = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined;
  if (!bounds && name !== 'RedrivePolicy' && !TEXTS.has(name))
    throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  const isNumber = bounds && /^\d+$/.test(value) && Number(value) >= bounds[1] && Number(value) <= bounds[2];
  const isPolicy = name === 'RedrivePolicy' && (value === '' || redriveOf({ RedrivePolicy: value }));
  if (isNumber || isPolicy || TEXTS.has(name)) return;
  throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
}

/** Where messages go that were received `max` times: the name of a queue. */
export function redriveOf({ RedrivePolicy }: QueueAttributes): { target: string; max: number } | undefined {
  if (RedrivePolicy === undefined) return undefined;
  try {
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(RedrivePolicy) as Record<string, unknown>;
    const target = String(deadLetterTargetArn).split(':')[5];
    const max = Number(maxReceiveCount);
    return target && Number.isInteger(max) && max >= 1 && max <= 1000 ? { target, max } : undefined;
  } catch {
    return undefined;
  }
}
