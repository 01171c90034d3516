import { AwsError } from '../aws-error.ts';
import { compilePattern } from './filter-pattern.ts';
import type { LogEvent, LogStore, Position } from './store.ts';

/** The most events, and the most characters of messages, in one answer. */
const PAGE_EVENTS = 10_000;
const PAGE_SIZE = 1024 * 1024;

type Input = Readonly<Record<string, unknown>>;

const positionOf = ({ time, id }: LogEvent): Position => [time, id];

function limitOf({ limit = PAGE_EVENTS }: Input): number {
  if (typeof limit === 'number' && limit >= 1 && limit <= PAGE_EVENTS) return limit;
  throw new AwsError('InvalidParameterException', `limit must be from 1 to ${PAGE_EVENTS}.`);
}

/** The place that a token `<anything>/<time>/<id>` names. */
function positionIn(token: unknown): Position {
  const [, time, id] = /\/(-?\d+)\/(-?\d+)$/.exec(String(token)) ?? [];
  if (time === undefined)
    throw new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
  return [Number(time), Number(id)];
}

/** Just before `startTime` and just after `endTime`. */
function span(input: Input, isEndIncluded: boolean): { after: Position; before: Position } {
  const { startTime = 0, endTime = Number.MAX_SAFE_INTEGER } = input;
  return {
    after: [Number(startTime), -1],
    before: [Number(endTime), isEndIncluded ? Number.MAX_SAFE_INTEGER : -1],
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
export function filterLogEvents(store: LogStore, group: string, input: Input): object {
  const matches = compilePattern(String(input.filterPattern ?? ''));
  const limit = limitOf(input);
  const found = store.events({
    group,
    ...span(input, true),
    ...(input.nextToken !== undefined && { after: positionIn(input.nextToken) }),
    streams: input.logStreamNames as readonly string[] | undefined,
    streamPrefix: input.logStreamNamePrefix as string | undefined,
    limit: PAGE_EVENTS,
  });
  const events: LogEvent[] = [];
  let seen = 0;
  for (let size = 0; seen < found.length && events.length < limit && size < PAGE_SIZE; seen += 1) {
    const event = found[seen] as LogEvent;
    if (!matches(event.message)) continue;
    events.push(event);
    size += event.message.length;
  }
  const last = found[seen - 1];
  const hasMore = seen < found.length || found.length === PAGE_EVENTS;
  return {
    events: events.map(({ id, stream, time, ingestedAt, message }) => ({
      logStreamName: stream,
      timestamp: time,
      message,
      ingestionTime: ingestedAt,
      eventId: String(id).padStart(56, '0'),
    })),
    searchedLogStreams: [],
    ...(hasMore && last && { nextToken: `e/${positionOf(last).join('/')}` }),
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html: the newest page first
 * unless `startFromHead`; a token that is given back unchanged is the end in its direction. */
export function getLogEvents(store: LogStore, group: string, input: Input): object {
  const stream = String(input.logStreamName ?? '');
  if (!store.streams(group, stream).some(({ name }) => name === stream))
    throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
  const { after, before } = span(input, false);
  const token = input.nextToken;
  const isBackward = token === undefined ? input.startFromHead !== true : String(token).startsWith('b/');
  const place = token === undefined ? undefined : positionIn(token);
  const events = store.events({
    group,
    streams: [stream],
    after: place && !isBackward ? place : after,
    before: place && isBackward ? place : before,
    limit: limitOf(input),
    isBackward,
  });
  if (isBackward) events.reverse();
  const [first, last] = [events[0], events.at(-1)];
  return {
    events: events.map(({ time, message, ingestedAt }) => ({
      timestamp: time,
      message,
      ingestionTime: ingestedAt,
    })),
    nextForwardToken: `f/${(last ? positionOf(last) : (place ?? after)).join('/')}`,
    nextBackwardToken: `b/${(first ? positionOf(first) : (place ?? before)).join('/')}`,
  };
}
