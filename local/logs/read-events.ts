import { AwsError } from '../aws-error.ts';
import { type Condition, compilePattern, invalidPattern } from './filter-pattern.ts';
import type { LogStore } from './store.ts';

/** The most events in one answer. */
const PAGE = 10_000;
/** SQLite's code for a statement that it cannot make sense of. */
const SQL_ERROR = 1;
const ALL: Condition = { sql: 'TRUE', values: [] };

type Input = Readonly<Record<string, unknown>>;

interface LogEvent {
  readonly eventId: number;
  readonly logStreamName: string;
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

/** A place in a group, whose events are ordered by time, then by arrival. */
type Position = readonly [time: number, id: number];

interface Span {
  readonly after: Position;
  readonly before: Position;
}

interface Query extends Span {
  readonly streams: unknown;
  readonly streamPrefix?: unknown;
  readonly matching: Condition;
  readonly limit: number;
  /** From the newest on. */
  readonly isBackward?: boolean;
}

const token = (kind: string, position: Position) => `${kind}/${position.join('/')}`;
const positionOf = ({ timestamp, eventId }: LogEvent): Position => [timestamp, eventId];

/** The place that a token names. */
function positionIn(nextToken: unknown): Position {
  const [, time, id] = /\/(-?\d+)\/(-?\d+)$/.exec(String(nextToken)) ?? [];
  if (time === undefined)
    throw new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
  return [Number(time), Number(id)];
}

function limitOf({ limit = PAGE }: Input): number {
  if (typeof limit === 'number' && limit >= 1 && limit <= PAGE) return limit;
  throw new AwsError('InvalidParameterException', `limit must be from 1 to ${PAGE}.`);
}

/** From `startTime` to `endTime`, the end included or not. */
function spanOf({ startTime = 0, endTime = Number.MAX_SAFE_INTEGER }: Input, isEndIncluded: boolean): Span {
  const end = isEndIncluded ? Number.MAX_SAFE_INTEGER : -1;
  return { after: [Number(startTime), -1], before: [Number(endTime), end] };
}

function select(store: LogStore, group: string, query: Query): LogEvent[] {
  const order = query.isBackward ? 'DESC' : 'ASC';
  const streams = query.streams === undefined ? null : JSON.stringify(query.streams);
  return store.db.all<LogEvent>(
    `SELECT id AS eventId, stream AS logStreamName, time AS timestamp, ingestedAt AS ingestionTime, message
     FROM event WHERE logGroup = ? AND (time, id) > (?, ?) AND (time, id) < (?, ?)
       AND instr(stream, ?) = 1 AND (?7 IS NULL OR stream IN (SELECT value FROM json_each(?7)))
       AND ${query.matching.sql}
     ORDER BY time ${order}, id ${order} LIMIT ?`,
    ...[group, ...query.after, ...query.before, String(query.streamPrefix ?? ''), streams],
    ...[...query.matching.values, query.limit],
  );
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
export function filterLogEvents(store: LogStore, group: string, input: Input): object {
  const limit = limitOf(input);
  const span = spanOf(input, true);
  const query = {
    after: input.nextToken === undefined ? span.after : positionIn(input.nextToken),
    before: span.before,
    streams: input.logStreamNames,
    streamPrefix: input.logStreamNamePrefix,
    matching: compilePattern(String(input.filterPattern ?? '')),
    limit: limit + 1,
  };
  try {
    const found = select(store, group, query);
    const events = found.slice(0, limit);
    const last = found.length > limit && events.at(-1);
    return {
      events: events.map((event) => ({ ...event, eventId: String(event.eventId).padStart(56, '0') })),
      searchedLogStreams: [],
      ...(last && { nextToken: token('e', positionOf(last)) }),
    };
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQL_ERROR)
      throw invalidPattern(String(input.filterPattern));
    throw error;
  }
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html: the newest page first
 * unless `startFromHead`; a token that is given back unchanged is the end in its direction. */
export function getLogEvents(store: LogStore, group: string, input: Input): object {
  const { nextToken, logStreamName = '' } = input;
  const { after, before } = spanOf(input, false);
  const isBackward =
    nextToken === undefined ? input.startFromHead !== true : String(nextToken).startsWith('b/');
  const place = nextToken === undefined ? undefined : positionIn(nextToken);
  const all = { streams: [logStreamName], matching: ALL, isBackward, limit: limitOf(input) };
  const events = select(store, group, {
    ...all,
    after: place && !isBackward ? place : after,
    before: place && isBackward ? place : before,
  });
  if (isBackward) events.reverse();
  if (events.length === 0 && select(store, group, { ...all, ...spanOf({}, true), limit: 1 }).length === 0)
    throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
  const [first, last] = [events[0], events.at(-1)];
  return {
    events: events.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    nextForwardToken: token('f', last ? positionOf(last) : (place ?? after)),
    nextBackwardToken: token('b', first ? positionOf(first) : (place ?? before)),
  };
}
