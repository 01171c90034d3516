import { AwsError } from '../aws-error.ts';
import type { EventParts } from './envelope.ts';
import { invalid, type Request } from './request.ts';
import { busName } from './rule.ts';

const MAX_REQUEST_BYTES = 1024 * 1024;

type Entry = Request<'PutEvents'>['Entries'][number];

/** Stores an event's deliveries and gives its id. */
export type AcceptEvent = (bus: string, parts: EventParts) => Promise<string>;

/** PutEvents: up to ten entries and 1 MB in all; entries are accepted or refused one by one.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export function putEvents(accept: AcceptEvent, now: () => number) {
  return async ({ Entries: entries }: Request<'PutEvents'>) => {
    if (entries.reduce((sum, entry) => sum + entryBytes(entry), 0) > MAX_REQUEST_BYTES)
      throw invalid('Total size of the entries in the request is over the limit.');
    const results = await Promise.all(entries.map((entry) => putEntry(entry, accept, now)));
    return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode).length, Entries: results };
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
function entryBytes({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}

type Result = { EventId: string; ErrorCode?: never } | { ErrorCode: string; ErrorMessage: string };

async function putEntry(entry: Entry, accept: AcceptEvent, now: () => number): Promise<Result> {
  try {
    return { EventId: await accept(busName(entry.EventBusName), partsOf(entry, now)) };
  } catch (error) {
    if (error instanceof AwsError) return { ErrorCode: error.code, ErrorMessage: error.message };
    console.error(error);
    return { ErrorCode: 'InternalFailure', ErrorMessage: 'The event could not be stored.' };
  }
}

function partsOf(entry: Entry, now: () => number): EventParts {
  const source = required(entry, 'Source');
  const detailType = required(entry, 'DetailType');
  const detail = required(entry, 'Detail');
  if (source.startsWith('aws.'))
    throw new AwsError('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const time = entry.Time === undefined ? now() : entry.Time * 1000;
  return { source, detailType, detail, resources: entry.Resources ?? [], time };
}

function required(entry: Entry, name: 'Source' | 'DetailType' | 'Detail'): string {
  if (entry[name]) return entry[name];
  throw new AwsError(
    'InvalidArgument',
    `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
  );
}
