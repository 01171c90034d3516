/** Ground truth meets the inferences that it belongs to. */
import type { RequestRecord } from '../../shared/serving/request-records.ts';
import type { CapturedInference } from './capture-records.ts';
import type { Label } from './ground-truth-records.ts';

/** A captured inference and where it lies: the variant (model) that answered it, its object and line. */
export interface PlacedInference {
  readonly model: string;
  readonly object: string;
  readonly line: number;
  readonly inference: CapturedInference;
}

export interface LabelledRow {
  readonly model: string;
  /** What was sent. */
  readonly record: RequestRecord;
  readonly prediction: string | undefined;
  readonly label: number;
}

export interface Joined {
  /** In the order of inference ids. */
  readonly rows: readonly LabelledRow[];
  readonly matched: number;
  readonly unmatched: readonly Label[];
  /** Labels whose number is not that of the inference's rows. */
  readonly mismatched: readonly string[];
}

/** The inferences by id, however they were found. Should a client have used an id twice, the first by object and line
 * stands, so that the order of reading does not matter. */
export class InferenceIndex {
  readonly #found = new Map<string, PlacedInference>();

  add(placed: PlacedInference): void {
    const before = this.#found.get(placed.inference.id);
    if (!before || isBefore(placed, before)) this.#found.set(placed.inference.id, placed);
  }

  get(id: string): PlacedInference | undefined {
    return this.#found.get(id);
  }

  get size(): number {
    return this.#found.size;
  }
}

function isBefore(a: PlacedInference, b: PlacedInference): boolean {
  if (a.object !== b.object) return a.object < b.object;
  return a.line < b.line;
}

export function joinLabels(labels: readonly Label[], index: InferenceIndex): Joined {
  const rows: LabelledRow[] = [];
  const unmatched: Label[] = [];
  const mismatched: string[] = [];
  let matched = 0;
  for (const label of [...labels].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const placed = index.get(label.id);
    if (!placed) unmatched.push(label);
    else if (placed.inference.records.length !== label.labels.length) mismatched.push(label.id);
    else {
      matched += 1;
      rows.push(...labelledRows(placed, label));
    }
  }
  return { rows, matched, unmatched, mismatched };
}

function labelledRows({ model, inference }: PlacedInference, { labels }: Label): readonly LabelledRow[] {
  return inference.records.map((record, i) => ({
    model,
    record,
    prediction: inference.predictions[i],
    label: labels[i] as number,
  }));
}
