/** What an endpoint captured of one request. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { patient } from './target.ts';
import type { TestCloud } from './test-cloud.ts';

interface CaptureRecord {
  readonly captureData: object;
  readonly eventMetadata: { readonly inferenceId?: string };
}

const WAIT_MS = 30_000;

/** The captured data of the request with this inference id, as soon as it is written. */
export async function captured(
  { s3, info }: Pick<TestCloud, 's3' | 'info'>,
  endpoint: string,
  inferenceId: string,
): Promise<object> {
  const Bucket = info.artifactsBucket;
  const seen = new Set<string>();
  for (const deadline = Date.now() + patient(WAIT_MS); Date.now() < deadline; await sleep(200)) {
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: `captures/${endpoint}/` }),
    );
    for (const { Key = '' } of Contents.filter((object) => !seen.has(object.Key ?? ''))) {
      seen.add(Key);
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const lines = ((await Body?.transformToString()) ?? '').trim().split('\n');
      const records = lines.map((line) => JSON.parse(line) as CaptureRecord);
      const found = records.find(({ eventMetadata }) => eventMetadata.inferenceId === inferenceId);
      if (found) return found.captureData;
    }
  }
  throw new Error(`${endpoint} has captured no request ${inferenceId}`);
}
