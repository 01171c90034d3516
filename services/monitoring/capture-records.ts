/** Lines of SageMaker's data capture (`captures/<endpoint>/<variant>/yyyy/mm/dd/hh/*.jsonl`). Format: SageMaker
 * developer guide, "Data capture". */

/** One captured request with its answer. `rows` are CSV lines of features without label; `predictions` has one cell
 * per row, or is empty when the answer could not be read. */
export interface CapturedInference {
  readonly id: string;
  readonly time: string;
  readonly rows: readonly string[];
  readonly predictions: readonly string[];
}

export type CaptureLine =
  | { readonly kind: 'inference'; readonly inference: CapturedInference }
  /** Sent again by ourselves, to compare models: no live inference. */
  | { readonly kind: 'replay' }
  | { readonly kind: 'unreadable'; readonly reason: string };

const REPLAY = 'replay-';

export function parseCaptureLine(line: string): CaptureLine {
  const record = parseObject(line);
  if (!record) return { kind: 'unreadable', reason: 'no JSON object' };
  const { captureData, eventMetadata } = record;
  const { eventId, inferenceId, inferenceTime } = asObject(eventMetadata);
  const id = textOf(inferenceId) ?? textOf(eventId);
  if (!id) return { kind: 'unreadable', reason: 'neither inferenceId nor eventId' };
  if (id.startsWith(REPLAY)) return { kind: 'replay' };
  const { endpointInput, endpointOutput } = asObject(captureData);
  const input = csvOf(endpointInput);
  if (input === undefined) return { kind: 'unreadable', reason: 'the captured input is no text/csv' };
  const rows = linesOf(input);
  if (rows.length === 0) return { kind: 'unreadable', reason: 'the captured input has no rows' };
  const predictions = predictionsOf(csvOf(endpointOutput), rows.length);
  return { kind: 'inference', inference: { id, time: textOf(inferenceTime) ?? '', rows, predictions } };
}

/** The text of a captured body; undefined when it is none that we read. A content type that the capture
 * configuration does not declare comes as BASE64. */
function csvOf(body: unknown): string | undefined {
  const { data, encoding, observedContentType } = asObject(body);
  if (typeof data !== 'string') return undefined;
  if (encoding === 'CSV') return data;
  const isCsv = typeof observedContentType === 'string' && /^text\/csv\b/i.test(observedContentType);
  return encoding === 'BASE64' && isCsv ? Buffer.from(data, 'base64').toString('utf8') : undefined;
}

const linesOf = (text: string): readonly string[] => text.split(/\r?\n/).filter((line) => line.trim() !== '');

/** One prediction a line; some containers (XGBoost's) answer several rows in one line instead. */
function predictionsOf(output: string | undefined, rows: number): readonly string[] {
  if (output === undefined) return [];
  const lines = linesOf(output);
  if (lines.length === rows) return lines.map((line) => (line.split(',')[0] as string).trim());
  const cells = lines.length === 1 ? (lines[0] as string).split(',').map((cell) => cell.trim()) : [];
  return cells.length === rows ? cells : [];
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
