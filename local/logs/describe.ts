import { AwsError } from '../aws-error.ts';
import type { LogStore } from './store.ts';

const PAGE = 50;

type Input = Readonly<Record<string, unknown>>;
type Arn = (group: string) => string;

const text = (input: Input, key: string) => (typeof input[key] === 'string' ? input[key] : undefined);

/** One page of a list; the token is the offset of the next. */
function page<T>(all: readonly T[], input: Input): { page: T[]; nextToken?: string } {
  const from = Number(input.nextToken ?? 0);
  const limit = Number(input.limit ?? PAGE);
  if (!Number.isInteger(from) || !(limit >= 1 && limit <= PAGE))
    throw new AwsError('InvalidParameterException', 'The specified nextToken or limit is invalid.');
  const end = from + limit;
  return { page: all.slice(from, end), ...(end < all.length && { nextToken: String(end) }) };
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html */
export function describeLogGroups(store: LogStore, arn: Arn, input: Input): object {
  const pattern = text(input, 'logGroupNamePattern')?.toLowerCase() ?? '';
  const all = store.groups(text(input, 'logGroupNamePrefix'));
  const { page: groups, nextToken } = page(
    all.filter(({ name }) => name.toLowerCase().includes(pattern)),
    input,
  );
  return {
    logGroups: groups.map(({ name, createdAt, bytes }) => ({
      logGroupName: name,
      creationTime: createdAt,
      metricFilterCount: 0,
      storedBytes: bytes,
      arn: `${arn(name)}:*`,
      logGroupArn: arn(name),
      logGroupClass: 'STANDARD',
    })),
    nextToken,
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
export function describeLogStreams(store: LogStore, arn: Arn, group: string, input: Input): object {
  const all = store.streams(group, text(input, 'logStreamNamePrefix'));
  if (input.orderBy === 'LastEventTime') all.sort((a, b) => a.lastTime - b.lastTime);
  if (input.descending === true) all.reverse();
  const { page: streams, nextToken } = page(all, input);
  return {
    logStreams: streams.map(({ name, createdAt, firstTime, lastTime, ingestedAt }) => ({
      logStreamName: name,
      creationTime: createdAt,
      firstEventTimestamp: firstTime,
      lastEventTimestamp: lastTime,
      lastIngestionTime: ingestedAt,
      arn: `${arn(group)}:log-stream:${name}`,
      storedBytes: 0,
    })),
    nextToken,
  };
}
