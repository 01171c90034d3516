import { AwsError } from '../aws-error.ts';
import type { JsonAction } from '../ports.ts';
import type { EventParts } from './envelope.ts';
import { busName, invalid } from './rule.ts';

const MAX_ENTRIES = 10;
const MAX_REQUEST_BYTES = 1024 * 1024;

/** Stores an event's deliveries and gives its id. */
export type AcceptEvent = (bus: string, parts: EventParts) => string;

/** PutEvents: up to ten entries and 1 MB in all; entries are accepted or refused one by one.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export function putEvents(accept: AcceptEvent, now: () => number): JsonAction {
  return ({ Entries: entries }) => {
    if (!Array.isArray(entries) || entries.length < 1 || entries.length > MAX_ENTRIES) {
      throw invalid(
        `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MAX_ENTRIES}`,
      );
    }
    const given = entries.map((entry) => (entry ?? {}) as Record<string, unknown>);
    if (given.reduce((sum, entry) => sum + entryBytes(entry), 0) > MAX_REQUEST_BYTES) {
      throw invalid('Total size of the entries in the request is over the limit.');
    }
    const results = given.map((entry) => putEntry(entry, accept, now));
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
function entryBytes({ Time, Source, DetailType, Detail, Resources }: Record<string, unknown>): number {
  const texts = [Source, DetailType, Detail, ...(Array.isArray(Resources) ? Resources : [])];
  const bytes = texts.map((text) => (typeof text === 'string' ? Buffer.byteLength(text) : 0));
  return bytes.reduce((sum, size) => sum + size, Time === undefined ? 0 : 14);
}

function putEntry(
  entry: Record<string, unknown>,
  accept: AcceptEvent,
  now: () => number,
): Record<string, string> {
  try {
    return { EventId: accept(busName(entry.EventBusName), partsOf(entry, now)) };
  } catch (error) {
    if (error instanceof RangeError)
      return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    if (error instanceof AwsError) return { ErrorCode: error.code, ErrorMessage: error.message };
    console.error(error);
    return { ErrorCode: 'InternalFailure', ErrorMessage: 'The event could not be stored.' };
  }
}

function partsOf(entry: Record<string, unknown>, now: () => number): EventParts {
  const source = required(entry, 'Source');
  const detailType = required(entry, 'DetailType');
  const detail = required(entry, 'Detail');
  if (source.startsWith('aws.'))
    throw new AwsError('NotAuthorizedForSource', 'Not authorized for the source.');
  checkDetail(detail);
  const resources = Array.isArray(entry.Resources) ? entry.Resources.map(String) : [];
  const seconds = entry.Time;
  return {
    source,
    detailType,
    detail,
    resources,
    time: typeof seconds === 'number' ? seconds * 1000 : now(),
  };
}

function required(entry: Record<string, unknown>, name: string): string {
  const value = entry[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new AwsError(
    'InvalidArgument',
    `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
  );
}

function checkDetail(detail: string): void {
  try {
    const value: unknown = JSON.parse(detail);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  } catch {
    // Refused below, as is JSON that is not an object.
  }
  throw new AwsError('MalformedDetail', 'Detail is malformed.');
}
