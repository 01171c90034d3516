/** What the endpoint really answered, read back from its data capture and joined with the labels by inference id. */
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { SentDigit } from './live-traffic.ts';

export interface Accuracy {
  readonly model: string;
  readonly period: string;
  readonly correct: number;
  readonly answered: number;
}

interface CaptureRecord {
  readonly captureData: { readonly endpointOutput: { readonly data: string } };
  readonly eventMetadata: { readonly inferenceId?: string };
}

async function* captureLines(
  client: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<{ model: string; line: string }> {
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(ContinuationToken ? { ContinuationToken } : {}),
      }),
    );
    for (const { Key = '' } of page.Contents ?? []) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      const model = Key.slice(prefix.length).split('/')[0] ?? '';
      for (const line of ((await Body?.transformToString()) ?? '').split('\n'))
        if (line) yield { model, line };
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
}

/** One figure per model and period. */
export async function capturedAccuracy(
  client: S3Client,
  bucket: string,
  endpoint: string,
  sent: readonly SentDigit[],
): Promise<Accuracy[]> {
  const byId = new Map(sent.map((digit) => [digit.inferenceId, digit]));
  const figures = new Map<string, Accuracy>();
  for await (const { model, line } of captureLines(client, bucket, `captures/${endpoint}/`)) {
    const record = JSON.parse(line) as CaptureRecord;
    const digit = byId.get(record.eventMetadata.inferenceId ?? '');
    if (!digit) continue;
    const key = `${model}\n${digit.period}`;
    const known = figures.get(key) ?? { model, period: digit.period, correct: 0, answered: 0 };
    const isRight = Number(record.captureData.endpointOutput.data.trim()) === digit.label;
    figures.set(key, { ...known, correct: known.correct + Number(isRight), answered: known.answered + 1 });
  }
  return [...figures.values()];
}
