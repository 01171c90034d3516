/** Lines of dropped ground truth (`ground-truth/<pipeline>/yyyy/mm/dd/hh/*.jsonl`). Format: SageMaker developer
 * guide, "Ingest ground truth labels and merge them with predictions". */
import { createHash } from 'node:crypto';
import { csvRows } from '../../shared/serving/csv-text.ts';
import { asObject, parseObject, textOf } from './capture-records.ts';
import type { TargetLabels } from './target-labels.ts';

/** The labels of one inference, one per row that was sent with it. */
export interface Label {
  readonly id: string;
  readonly labels: readonly number[];
}

export type GroundTruthLine =
  | { readonly kind: 'label'; readonly label: Label }
  | { readonly kind: 'malformed'; readonly reason: string };

const malformed = (reason: string): GroundTruthLine => ({ kind: 'malformed', reason });

export function parseGroundTruthLine(line: string, { read, expected }: TargetLabels): GroundTruthLine {
  const record = parseObject(line);
  if (!record) return malformed('no JSON object');
  const id = textOf(asObject(record.eventMetadata).eventId);
  if (!id) return malformed('eventMetadata.eventId is missing');
  if (id.length > MAX_ID) return malformed(`eventMetadata.eventId is longer than ${MAX_ID} characters`);
  const { data, encoding } = asObject(record.groundTruthData);
  const text = labelText(data, encoding);
  if (text === undefined)
    return malformed('groundTruthData.data with encoding CSV, JSON or BASE64 is missing');
  const cells = cellsOf(text);
  const labels = cells.map(read);
  const wrong = labels.indexOf(undefined);
  if (wrong >= 0) return malformed(`the label "${(cells[wrong] as string).slice(0, 40)}" is no ${expected}`);
  return { kind: 'label', label: { id, labels: labels as number[] } };
}

const MAX_ID = 256;

function labelText(data: unknown, encoding: unknown): string | undefined {
  if (typeof data === 'number') return String(data);
  if (typeof data !== 'string') return undefined;
  if (encoding === 'BASE64') return Buffer.from(data, 'base64').toString('utf8').trim();
  return encoding === 'CSV' || encoding === 'JSON' ? data.trim() : undefined;
}

/** Labels stand in lines, or in one; nothing at all is one empty label. */
function cellsOf(text: string): readonly string[] {
  const cells = [...csvRows(text)].flatMap((row) => (row.kind === 'cells' ? row.cells : [row.line]));
  return cells.length > 0 ? cells : [''];
}

export interface MalformedLine {
  readonly line: number;
  readonly reason: string;
}

/** What one dropped object holds. `content` is the hash of its lines: the same labels under another key are the same
 * object. `malformed` keeps the first 100 bad lines, `malformedCount` counts all. */
export interface GroundTruthObject {
  readonly content: string;
  readonly labels: readonly Label[];
  readonly malformedCount: number;
  readonly malformed: readonly MalformedLine[];
}

const MOST_LABELS = 200_000;
const MOST_EXAMPLES = 100;

/** Reads an object's lines; an id that comes again with other labels is malformed, an equal repetition is not. */
export async function collectLabels(
  lines: AsyncIterable<string>,
  target: TargetLabels,
): Promise<GroundTruthObject> {
  const hash = createHash('sha256');
  const labels = new Map<string, Label>();
  const examples: MalformedLine[] = [];
  let malformedCount = 0;
  let number = 0;
  for await (const line of lines) {
    number += 1;
    hash.update(line).update('\n');
    if (line.trim() === '') continue;
    const reason = keep(labels, parseGroundTruthLine(line, target));
    if (reason === undefined) continue;
    malformedCount += 1;
    if (examples.length < MOST_EXAMPLES) examples.push({ line: number, reason });
  }
  return { content: hash.digest('hex'), labels: [...labels.values()], malformedCount, malformed: examples };
}

/** Adds a label, or says why it is not one. */
function keep(labels: Map<string, Label>, line: GroundTruthLine): string | undefined {
  if (line.kind === 'malformed') return line.reason;
  const { label } = line;
  const before = labels.get(label.id);
  if (before) {
    return before.labels.join() === label.labels.join()
      ? undefined
      : `"${label.id}" has another label further up`;
  }
  if (labels.size >= MOST_LABELS) return `more than ${MOST_LABELS} labels in one object`;
  labels.set(label.id, label);
  return undefined;
}
