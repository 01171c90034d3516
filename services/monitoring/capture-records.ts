/** Lines of SageMaker's data capture (`captures/<endpoint>/<variant>/yyyy/mm/dd/hh/*.jsonl`). Format: SageMaker
 * developer guide, "Data capture". */
import type { RequestColumns } from '../../shared/serving/request-columns.ts';
import {
  type RecordMediaType,
  type RequestRecord,
  readRecords,
  recordMediaType,
  UnreadableBody,
} from '../../shared/serving/request-records.ts';

/** One captured request with its answer. `records` are what was sent, without label; `predictions` has one cell per
 * record, or is empty when the answer could not be read. */
export interface CapturedInference {
  readonly id: string;
  readonly time: string;
  readonly records: readonly RequestRecord[];
  readonly predictions: readonly string[];
}

export type CaptureLine =
  | { readonly kind: 'inference'; readonly inference: CapturedInference }
  /** Sent again by ourselves, to compare models: no live inference. */
  | { readonly kind: 'replay' }
  | { readonly kind: 'unreadable'; readonly reason: string };

const REPLAY = 'replay-';

const unreadable = (reason: string): CaptureLine => ({ kind: 'unreadable', reason });

/** `columns`: those of the requests' records. */
export function parseCaptureLine(line: string, columns: RequestColumns): CaptureLine {
  const captured = parseObject(line);
  if (!captured) return unreadable('no JSON object');
  const { captureData, eventMetadata } = captured;
  const { eventId, inferenceId, inferenceTime } = asObject(eventMetadata);
  const id = textOf(inferenceId) ?? textOf(eventId);
  if (!id) return unreadable('neither inferenceId nor eventId');
  if (id.startsWith(REPLAY)) return { kind: 'replay' };
  const { endpointInput, endpointOutput } = asObject(captureData);
  const records = recordsOf(bodyOf(endpointInput), columns);
  if (typeof records === 'string') return unreadable(records);
  const predictions = predictionsOf(bodyOf(endpointOutput), records.length);
  return { kind: 'inference', inference: { id, time: textOf(inferenceTime) ?? '', records, predictions } };
}

interface Body {
  readonly type: RecordMediaType;
  readonly text: string;
}

/** Undefined when it is no body that we read. A content type that the capture configuration does not declare comes
 * as BASE64. */
function bodyOf(captured: unknown): Body | undefined {
  const { data, encoding, observedContentType } = asObject(captured);
  if (typeof data !== 'string') return undefined;
  const observed = typeof observedContentType === 'string' ? recordMediaType(observedContentType) : undefined;
  const type = observed ?? (encoding === 'CSV' ? 'text/csv' : undefined);
  if (!type) return undefined;
  return { type, text: encoding === 'BASE64' ? Buffer.from(data, 'base64').toString('utf8') : data };
}

/** The records, or why there are none. */
function recordsOf(body: Body | undefined, columns: RequestColumns): readonly RequestRecord[] | string {
  if (!body) return 'the captured input is neither text/csv nor JSON';
  try {
    const records = readRecords(body.type, body.text, columns);
    return records.length > 0 ? records : 'the captured input has no records';
  } catch (error) {
    if (error instanceof UnreadableBody) return `the captured input cannot be read: ${error.message}`;
    throw error;
  }
}

function predictionsOf(output: Body | undefined, records: number): readonly string[] {
  if (!output) return [];
  const found =
    output.type === 'text/csv' ? csvPredictions(output.text, records) : jsonPredictions(output.text);
  return found.length === records ? found : [];
}

/** One prediction a line; some containers (XGBoost's) answer several records in one line instead. */
function csvPredictions(text: string, records: number): readonly string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length === records) return lines.map((line) => (line.split(',')[0] as string).trim());
  return lines.length === 1 ? (lines[0] as string).split(',').map((cell) => cell.trim()) : [];
}

/** `{"predictions": […]}`: a number each, or an object with what was decided under the names of AWS's containers
 * (Linear Learner, XGBoost) and ours. */
function jsonPredictions(text: string): readonly string[] {
  const { predictions } = parseObject(text) ?? {};
  if (!Array.isArray(predictions)) return [];
  return predictions.map((prediction) => {
    const { label, predicted_label, score } = asObject(prediction);
    return String(label ?? predicted_label ?? score ?? prediction);
  });
}

export function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

export const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
