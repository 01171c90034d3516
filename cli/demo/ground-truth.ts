/** Labels for answered requests, as SageMaker's ground truth files. */
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SentDigit } from './live-traffic.ts';

/** `prefix/yyyy/mm/dd/hh/…jsonl`, the hour being that of the collection (UTC). */
export async function dropGroundTruth(
  client: S3Client,
  bucket: string,
  pipeline: string,
  labelled: readonly SentDigit[],
): Promise<string> {
  const hour = new Date().toISOString().slice(0, 13).replace(/[-T]/g, '/');
  const key = `ground-truth/${pipeline}/${hour}/labels-${Date.now()}.jsonl`;
  const lines = labelled.map(({ inferenceId, label }) =>
    JSON.stringify({
      groundTruthData: { data: String(label), encoding: 'CSV' },
      eventMetadata: { eventId: inferenceId },
      eventVersion: '0',
    }),
  );
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: `${lines.join('\n')}\n` }));
  return key;
}
