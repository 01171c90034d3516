import { AwsError } from '../aws-error.ts';
import { invalidValue, missing } from './failure.ts';
import { number, type Queues } from './queues.ts';
import type { MessageAttribute, MessageAttributes, Queue } from './store.ts';

type Input = Record<string, unknown>;

const MAX_BATCH = 10;
const MAX_ATTRIBUTES = 10;
/** XML's characters: https://www.w3.org/TR/REC-xml/#charsets */
const CONTENTS = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

/** The queue that a URL `<endpoint>/<account>/<name>` addresses. Throws QueueDoesNotExist. */
export function queueAt(queues: Queues, url: unknown, account: string): Queue {
  if (typeof url !== 'string' || url === '') throw missing('QueueUrl');
  const [name = '', owner] = url.split('/').reverse();
  return queues.get(owner === account ? name : '');
}

/** An integer member within bounds, as number or, from the Query protocol, as text. */
export function integer(
  input: Input,
  name: string,
  [least, most]: readonly [number, number],
): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const read = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof read === 'number' && Number.isInteger(read) && read >= least && read <= most) return read;
  throw invalidValue(value, name, `Must be an integer between ${least} and ${most}.`);
}

/** Throws InvalidMessageContents or InvalidParameterValue. */
export function checkMessage(queue: Queue, body: string, attributes: MessageAttributes = {}): void {
  if (!CONTENTS.test(body)) {
    throw new AwsError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    );
  }
  const most = number(queue, 'MaximumMessageSize');
  const extra = Object.keys(attributes).length === 0 ? 0 : Buffer.byteLength(JSON.stringify(attributes));
  if (Buffer.byteLength(body) + extra > most) {
    throw new AwsError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`,
    );
  }
}

/** A message's own attributes. Throws InvalidParameterValue. */
export function attributesOf(given: unknown): MessageAttributes {
  const entries = Object.entries((given ?? {}) as Record<string, MessageAttribute>);
  if (entries.length > MAX_ATTRIBUTES)
    throw invalidValue(entries.length, 'MessageAttributes', `At most ${MAX_ATTRIBUTES} are allowed.`);
  for (const [name, attribute] of entries) {
    const { DataType, StringValue, BinaryValue } = (attribute ?? {}) as Partial<MessageAttribute>;
    const value = String(DataType).startsWith('Binary') ? BinaryValue : StringValue;
    if (/^(String|Number|Binary)(\.|$)/.test(String(DataType)) && typeof value === 'string' && value !== '')
      continue;
    throw invalidValue(
      name,
      'MessageAttributes',
      `The message attribute '${name}' needs a type and a value of that type.`,
    );
  }
  return Object.fromEntries(entries);
}

/** The entries of a batch request, 1 to 10 with distinct ids. */
export function batchOf({ Entries: entries }: Input): Input[] {
  if (!Array.isArray(entries) || entries.length === 0) {
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > MAX_BATCH) {
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAX_BATCH}. You have sent ${entries.length}.`,
    );
  }
  const given = entries.map((entry) => (entry ?? {}) as Input);
  const ids = given.map(({ Id }) => String(Id ?? ''));
  if (!ids.every((id) => /^[\w-]{1,80}$/.test(id))) {
    throw new AwsError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  if (new Set(ids).size < ids.length)
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries have the same Id.');
  return given;
}
