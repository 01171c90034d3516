/** For tests: what an endpoint captures of its requests, and the labels that come for them. */
import { endpointName } from '../../../shared/contracts/names.ts';
import { seededRandom } from './seeded-random.ts';
import { champion, hour, pipeline, settings, type World } from './world.ts';

export interface Requests {
  /** Ids are `<name>-<number>`; also the object's name and the seed. */
  readonly name: string;
  readonly count: number;
  readonly model?: string;
  /** Moves the features (which lie in [0, 1)) this far. */
  readonly shift?: number;
  /** How many of the answers, all of class 1, are wrong. */
  readonly wrong?: number;
  readonly prefix?: string;
}

export interface Traffic {
  readonly capture: { readonly key: string; readonly text: string };
  readonly labels: { readonly key: string; readonly text: string };
}

export function trafficOf({
  name,
  count,
  model = champion,
  shift = 0,
  wrong = 0,
  prefix = '',
}: Requests): Traffic {
  const random = seededRandom([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7));
  const ids = Array.from({ length: count }, (_, i) => `${prefix}${name}-${i}`);
  const captures = ids.map((id) =>
    captured(id, Array.from({ length: 3 }, () => (random() + shift).toFixed(4)).join(',')),
  );
  const labels = ids.map((id, i) => label(id, i < wrong ? 0 : 1));
  const folder = `captures/${endpointName(settings.stage, pipeline)}/${model}/${hour}`;
  return {
    capture: { key: `${folder}/${name}.jsonl`, text: captures.join('') },
    labels: { key: `ground-truth/${pipeline}/${hour}/${name}.jsonl`, text: labels.join('') },
  };
}

function captured(id: string, row: string): string {
  return `${JSON.stringify({
    captureData: {
      endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', data: row, encoding: 'CSV' },
      endpointOutput: { observedContentType: 'text/csv', mode: 'OUTPUT', data: '1', encoding: 'CSV' },
    },
    eventMetadata: { eventId: `event-${id}`, inferenceId: id, inferenceTime: '2026-11-23T10:00:00Z' },
    eventVersion: '0',
  })}\n`;
}

const label = (id: string, value: number): string =>
  `${JSON.stringify({ groundTruthData: { data: String(value), encoding: 'CSV' }, eventMetadata: { eventId: id }, eventVersion: '0' })}\n`;

/** `Object Created`, as the queue holds it. */
export const created = (bucket: string, key: string, size = 1) => ({
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: { version: '0', bucket: { name: bucket }, object: { key, size } },
});

export async function flush(world: World, { capture }: Traffic): Promise<void> {
  world.objects.put({ bucket: 'artifacts', key: capture.key }, capture.text);
  await world.onCapture(created('artifacts', capture.key));
}

export async function drop(world: World, { labels }: Traffic): Promise<void> {
  world.objects.put({ bucket: 'drop', key: labels.key }, labels.text);
  await world.onGroundTruth(created('drop', labels.key));
}

export const namesOf = (world: World): readonly string[] => world.published.map(({ name }) => name);
