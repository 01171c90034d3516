/** Reports in S3, live metrics of CloudWatch, wishes in SQS. */
import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { parseS3Uri, s3Uri } from '../../shared/contracts/s3-uri.ts';
import type { MinuteBlock } from './canary-evidence.ts';
import type { LiveMetrics, Reports } from './ports.ts';

export function createReports(client: S3Client, bucket: string): Reports {
  return {
    read: async (uri) => {
      const { bucket: Bucket, key: Key } = parseS3Uri(uri);
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      if (!Body) throw new Error(`${uri} has no content`);
      return Body.transformToString();
    },
    write: async (Key, report) => {
      const Body = JSON.stringify(report, null, 2);
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'application/json' }));
      return s3Uri(bucket, Key);
    },
  };
}

export function createWish(client: SQSClient, queueUrl: string) {
  return async (pipeline: string): Promise<void> => {
    await client.send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ pipeline }) }),
    );
  };
}

const MINUTE_MS = 60_000;
/** CloudWatch may still add to a minute for so long after its end. */
const LATENESS_MS = 120_000;
const roles = ['challenger', 'champion'] as const;
type Role = (typeof roles)[number];

/** What SageMaker publishes per variant: counts, and latency in microseconds. */
const wanted = {
  requests: { metric: 'Invocations', stat: 'Sum' },
  refused: { metric: 'Invocation4XXErrors', stat: 'Sum' },
  broken: { metric: 'Invocation5XXErrors', stat: 'Sum' },
  latency: { metric: 'ModelLatency', stat: 'p90' },
} as const;
type Figure = keyof typeof wanted;

export function createLiveMetrics(client: CloudWatchClient, now: () => number): LiveMetrics {
  return {
    minuteBlocks: async ({ endpoint, challenger, champion, from }) => {
      const variants: Record<Role, string> = { challenger, champion };
      const start = Math.floor(from / MINUTE_MS) * MINUTE_MS;
      const end = Math.floor(now() / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
      const queries = roles.flatMap((role) =>
        (Object.keys(wanted) as Figure[]).map((figure) => queryOf(endpoint, variants[role], role, figure)),
      );
      const series = new Map<string, number>();
      let NextToken: string | undefined;
      do {
        const page = await client.send(
          new GetMetricDataCommand({
            StartTime: new Date(start),
            EndTime: new Date(end),
            MetricDataQueries: queries,
            ScanBy: 'TimestampAscending',
            ...(NextToken ? { NextToken } : {}),
          }),
        );
        for (const { Id, Timestamps = [], Values = [] } of page.MetricDataResults ?? []) {
          for (const [i, time] of Timestamps.entries()) series.set(`${Id}@${time.getTime()}`, Values[i] ?? 0);
        }
        NextToken = page.NextToken;
      } while (NextToken);
      return blocksBetween(start, end, now(), series);
    },
  };
}

const idOf = (role: Role, figure: Figure): string => `${role}_${figure}`;

function queryOf(endpoint: string, variant: string, role: Role, figure: Figure): MetricDataQuery {
  const { metric, stat } = wanted[figure];
  return {
    Id: idOf(role, figure),
    MetricStat: {
      Period: MINUTE_MS / 1000,
      Stat: stat,
      Metric: {
        Namespace: 'AWS/SageMaker',
        MetricName: metric,
        Dimensions: [
          { Name: 'EndpointName', Value: endpoint },
          { Name: 'VariantName', Value: variant },
        ],
      },
    },
  };
}

function blocksBetween(
  start: number,
  end: number,
  now: number,
  series: ReadonlyMap<string, number>,
): MinuteBlock[] {
  return Array.from({ length: (end - start) / MINUTE_MS }, (_, i) => {
    const time = start + i * MINUTE_MS;
    const read = (role: Role, figure: Figure): number | undefined =>
      series.get(`${idOf(role, figure)}@${time}`);
    const counts = (role: Role) => ({
      requests: read(role, 'requests') ?? 0,
      errors: (read(role, 'refused') ?? 0) + (read(role, 'broken') ?? 0),
    });
    const p90 = (role: Role): number | undefined => {
      const microseconds = read(role, 'latency');
      return microseconds === undefined ? undefined : microseconds / 1000;
    };
    const [challengerP90Ms, championP90Ms] = [p90('challenger'), p90('champion')];
    return {
      start: time,
      end: time + MINUTE_MS,
      complete: time + MINUTE_MS + LATENESS_MS <= now,
      challenger: counts('challenger'),
      champion: counts('champion'),
      ...(challengerP90Ms === undefined ? {} : { challengerP90Ms }),
      ...(championP90Ms === undefined ? {} : { championP90Ms }),
    };
  });
}
