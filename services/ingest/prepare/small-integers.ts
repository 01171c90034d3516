import { QUANTILES } from './column-summary.ts';

const VALUES = 256;

/** Exact counts of the columns that hold only whole numbers from 0 to 255 (pixels, classes, one-hot features): they
 * need neither a sample nor a second pass. */
export class SmallIntegers {
  readonly #counts: Uint32Array;
  /** 0 once the column has held another number. */
  readonly #small: Uint8Array;

  constructor(columns: number) {
    this.#counts = new Uint32Array(columns * VALUES);
    this.#small = new Uint8Array(columns).fill(1);
  }

  add(column: number, value: number): void {
    const whole = value & (VALUES - 1);
    if (whole === value) this.#counts[column * VALUES + whole]!++;
    else this.#small[column] = 0;
  }

  isSmall(column: number): boolean {
    return this.#small[column] === 1;
  }

  /** Each value of the column and how often it is there, ascending. */
  *values(column: number): Generator<readonly [value: number, times: number]> {
    for (let value = 0; value < VALUES; value++) {
      const times = this.#counts[column * VALUES + value]!;
      if (times > 0) yield [value, times];
    }
  }

  /** As `quantileEdges` of all values. */
  edges(column: number, present: number): Float64Array {
    const edges: number[] = [];
    let before = 0;
    for (const [value, times] of this.values(column)) {
      if (holdsQuantile(before, before + times, present)) edges.push(value);
      before += times;
    }
    return Float64Array.from(edges);
  }
}

/** Whether one of the ranks ceil(k · present / 64), k = 1…63, lies in (before, upTo]. */
function holdsQuantile(before: number, upTo: number, present: number): boolean {
  const next = Math.floor((before * QUANTILES) / present) + 1;
  return next < QUANTILES && Math.ceil((next * present) / QUANTILES) <= upTo;
}
