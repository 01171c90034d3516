import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { parseS3Uri } from '../../shared/contracts/s3-uri.ts';

/** How many rows of a quarantine file each rule put there, the commonest rule first. */
export async function quarantinedByRule(
  client: S3Client,
  uri: string,
): Promise<[rule: string, count: number][]> {
  const { bucket, key } = parseS3Uri(uri);
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const lines = ((await Body?.transformToString()) ?? '').split('\n').filter(Boolean);
  const counts = new Map<string, number>();
  for (const line of lines) {
    const { rule } = JSON.parse(line) as { rule: string };
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}
