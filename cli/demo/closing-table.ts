/** The demo's last word: figures read back from captures, endpoint and runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { table } from '../terminal.ts';
import { type Accuracy, capturedAccuracy } from './captured-accuracy.ts';
import type { Chapter } from './demo.ts';
import type { SentDigit } from './live-traffic.ts';
import type { StoryApi } from './story-api.ts';

export interface ClosingFacts {
  readonly api: StoryApi;
  readonly s3: S3Client;
  readonly bucket: string;
  readonly endpoint: string;
  readonly sent: readonly SentDigit[];
  readonly models: { readonly first: string; readonly second: string; readonly retrained?: string };
  readonly chapters: readonly Chapter[];
}

/** Captures reach S3 a moment after the answer. */
const FLUSH_MS = 4_500;
const percent = ({ correct, answered }: Accuracy): string => `${((100 * correct) / answered).toFixed(1)} %`;

export async function closingTable(facts: ClosingFacts): Promise<string> {
  await sleep(FLUSH_MS);
  const figures = await capturedAccuracy(facts.s3, facts.bucket, facts.endpoint, facts.sent);
  const { champion, serving } = await facts.api.endpoint();
  const runs = [...(await facts.api.runs())].sort((a, b) => a.number - b.number);
  return [
    table([['LIVE ACCURACY', 'MODEL', 'CORRECT', 'CAPTURED'], ...accuracyRows(figures, facts.models)]),
    table([
      ['RUN', 'CAUSE', 'END', 'HELD-OUT ACCURACY', 'ITS CHAMPION THEN', 'SECONDS'],
      ...runs.map((run) => [
        `#${run.number}`,
        run.cause.kind,
        run.phase,
        run.gate ? run.gate.candidate.toFixed(4) : '–',
        run.gate?.champion === undefined ? '–' : run.gate.champion.toFixed(4),
        ((Date.parse(run.updatedAt) - Date.parse(run.createdAt)) / 1000).toFixed(1),
      ]),
    ]),
    table([
      ['CHAPTER', 'SECONDS'],
      ...facts.chapters.map(({ title, seconds }) => [title, seconds.toFixed(1)]),
    ]),
    `Champion: ${champion}; the endpoint serves ${(serving?.variants ?? []).map(({ model, weight }) => `${model} at weight ${weight}`).join(', ')}`,
  ].join('\n\n');
}

function accuracyRows(
  figures: readonly Accuracy[],
  { second, retrained }: ClosingFacts['models'],
): string[][] {
  const wanted: [string, string, string | undefined][] = [
    ['before drift', 'before drift', second],
    ['under drift', 'under drift', second],
    ['after retraining', 'after retraining', retrained],
  ];
  return wanted.flatMap(([title, period, model]) => {
    const figure = figures.find((one) => one.model === model && one.period === period);
    return figure ? [[title, figure.model, percent(figure), String(figure.answered)]] : [];
  });
}
