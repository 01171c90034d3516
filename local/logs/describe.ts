import { AwsError } from '../aws-error.ts';
import type { LogStore } from './store.ts';

const PAGE = 50;

type Input = Readonly<Record<string, unknown>>;
type Arn = (group: string) => string;

/** The rows of one page, selected in order from the token's offset on; the token is the next page's offset. */
function page(store: LogStore, input: Input, sql: string, ...values: string[]) {
  const from = Number(input.nextToken ?? 0);
  const limit = Number(input.limit ?? PAGE);
  if (!Number.isInteger(from) || !(limit >= 1 && limit <= PAGE))
    throw new AwsError('InvalidParameterException', 'The specified nextToken or limit is invalid.');
  const rows = store.db.all(`${sql} LIMIT ? OFFSET ?`, ...values, limit + 1, from);
  return { rows: rows.slice(0, limit), ...(rows.length > limit && { nextToken: String(from + limit) }) };
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html */
export function describeLogGroups(store: LogStore, arn: Arn, input: Input): object {
  const sql =
    'SELECT name, createdAt FROM log_group WHERE instr(name, ?) = 1 AND instr(lower(name), ?) > 0 ORDER BY name';
  const pattern = String(input.logGroupNamePattern ?? '').toLowerCase();
  const { rows, nextToken } = page(store, input, sql, String(input.logGroupNamePrefix ?? ''), pattern);
  const logGroups = rows.map(({ name, createdAt }) => ({
    logGroupName: name,
    creationTime: createdAt,
    metricFilterCount: 0,
    storedBytes: store.sizeOf(String(name)),
    arn: `${arn(String(name))}:*`,
    logGroupArn: arn(String(name)),
    logGroupClass: 'STANDARD',
  }));
  return { logGroups, nextToken };
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
export function describeLogStreams(store: LogStore, arn: Arn, group: string, input: Input): object {
  const order = input.orderBy === 'LastEventTime' ? 'lastEventTimestamp' : 'logStreamName';
  const sql = `SELECT stream AS logStreamName, min(ingestedAt) AS creationTime, min(time) AS firstEventTimestamp,
      max(time) AS lastEventTimestamp, max(ingestedAt) AS lastIngestionTime
    FROM event WHERE logGroup = ? AND instr(stream, ?) = 1
    GROUP BY stream ORDER BY ${order} ${input.descending === true ? 'DESC' : 'ASC'}`;
  const { rows, nextToken } = page(store, input, sql, group, String(input.logStreamNamePrefix ?? ''));
  const logStreams = rows.map((stream) => ({
    ...stream,
    arn: `${arn(group)}:log-stream:${stream.logStreamName}`,
    storedBytes: 0,
  }));
  return { logStreams, nextToken };
}
