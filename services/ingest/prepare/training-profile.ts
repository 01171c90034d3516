/** Statistics of the training rows in two passes: the first as rows go by, the second over the written file, so that
 * memory stays bounded and every count is exact. Only quantiles come from a sample (of up to 65,536 rows). */
import { closeSync, openSync, readSync } from 'node:fs';
import { ColumnCounter, type ColumnSummary, quantileEdges } from './column-summary.ts';
import { CsvReader } from './csv-reader.ts';
import type { CsvRecord } from './csv-record.ts';
import { DEFAULT_LIMITS } from './rejection.ts';
import { SmallIntegers } from './small-integers.ts';
import { TrainingSample } from './training-sample.ts';

const READ = 1024 * 1024;

export class TrainingProfile {
  readonly #names: readonly string[];
  readonly #row: Float64Array;
  readonly #present: Float64Array;
  readonly #sums: Float64Array;
  readonly #minima: Float64Array;
  readonly #maxima: Float64Array;
  readonly #integral: Uint8Array;
  readonly #integers: SmallIntegers;
  readonly #sample: TrainingSample;
  #rows = 0;

  /** `names`: the target, then the features. */
  constructor(names: readonly string[]) {
    const width = names.length;
    this.#names = names;
    this.#row = new Float64Array(width);
    this.#present = new Float64Array(width);
    this.#sums = new Float64Array(width);
    this.#minima = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
    this.#maxima = new Float64Array(width).fill(Number.NEGATIVE_INFINITY);
    this.#integral = new Uint8Array(width).fill(1);
    this.#integers = new SmallIntegers(width);
    this.#sample = new TrainingSample(width);
  }

  /** `hash` (32 bits) decides whether the row joins the sample. */
  add(target: number, features: Float64Array, hash: number): void {
    const row = this.#row;
    row[0] = target;
    row.set(features, 1);
    this.#rows++;
    for (let at = 0; at < row.length; at++) {
      const value = row[at]!;
      if (Number.isNaN(value)) continue;
      this.#present[at]!++;
      this.#sums[at]! += value;
      this.#integers.add(at, value);
      if (value < this.#minima[at]!) this.#minima[at] = value;
      if (value > this.#maxima[at]!) this.#maxima[at] = value;
      if (Math.trunc(value) !== value) this.#integral[at] = 0;
    }
    this.#sample.add(hash, row);
  }

  /** `path` is the training file that holds exactly the rows added. */
  summarize(path: string): readonly ColumnSummary[] {
    const counters = this.#names.map((_, at) => this.#counter(at));
    const others = counters.flatMap((counter, at) => (this.#integers.isSmall(at) ? [] : [{ counter, at }]));
    if (others.length > 0) {
      readRows(path, counters.length, (record) => {
        for (const { counter, at } of others) if (!record.blank(at)) counter.add(record.number(at));
      });
    }
    return counters.map((counter) => counter.summary());
  }

  #counter(at: number): ColumnCounter {
    const present = this.#present[at]!;
    const totals = {
      present,
      missing: this.#rows - present,
      integral: this.#integral[at] === 1,
      sum: this.#sums[at]!,
      minimum: present === 0 ? 0 : this.#minima[at]!,
      maximum: present === 0 ? 0 : this.#maxima[at]!,
    };
    if (!this.#integers.isSmall(at)) {
      return new ColumnCounter(this.#names[at]!, totals, quantileEdges(this.#sample.column(at)));
    }
    const counter = new ColumnCounter(this.#names[at]!, totals, this.#integers.edges(at, present));
    for (const [value, times] of this.#integers.values(at)) counter.add(value, times);
    return counter;
  }
}

function readRows(path: string, columns: number, row: (record: CsvRecord) => void): void {
  const broken = (line: number) => {
    throw new Error(`line ${line} of the training file is broken`);
  };
  const reader = new CsvReader({ ...DEFAULT_LIMITS, columns }, { row, broken });
  const chunk = Buffer.allocUnsafe(READ);
  const file = openSync(path, 'r');
  try {
    for (let count = readSync(file, chunk); count > 0; count = readSync(file, chunk)) {
      reader.push(chunk.subarray(0, count));
    }
    reader.end();
  } finally {
    closeSync(file);
  }
}
