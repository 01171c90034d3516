/** What is known of one column of the training rows. */
export interface ColumnSummary {
  readonly name: string;
  readonly present: number;
  readonly missing: number;
  readonly integral: boolean;
  readonly sum: number;
  readonly mean: number;
  readonly deviation: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Ten bins of equal width from minimum to maximum. */
  readonly histogram: readonly number[];
  /** Distinct ascending values at the column's quantiles, at most 63. */
  readonly edges: readonly number[];
  /** Values up to each edge (and above the one before); the last counts those above all. */
  readonly counts: readonly number[];
}

export const BINS = 10;
export const QUANTILES = 64;

/** At most 63 distinct values, each at a quantile of `sorted`. */
export function quantileEdges(sorted: Float64Array): Float64Array {
  const edges: number[] = [];
  for (let at = 1; at < QUANTILES && sorted.length > 0; at++) {
    const value = sorted[Math.ceil((at * sorted.length) / QUANTILES) - 1]!;
    if (edges.length === 0 || value > edges.at(-1)!) edges.push(value);
  }
  return Float64Array.from(edges);
}

/** Position of the first edge that is not below `value`; `edges.length` when all are. */
export function binOf(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts a column whose total, bounds and edges are known already. */
export class ColumnCounter {
  readonly #name: string;
  readonly #totals: ColumnTotals;
  readonly #edges: Float64Array;
  readonly #counts: Float64Array;
  readonly #histogram = new Float64Array(BINS);
  readonly #mean: number;
  readonly #range: number;
  #squares = 0;

  constructor(name: string, totals: ColumnTotals, edges: Float64Array) {
    const { present, sum, minimum, maximum } = totals;
    this.#name = name;
    this.#totals = totals;
    this.#edges = edges;
    this.#counts = new Float64Array(edges.length + 1);
    this.#mean = present === 0 ? 0 : sum / present;
    this.#range = maximum - minimum;
  }

  add(value: number, times = 1): void {
    const distance = value - this.#mean;
    this.#squares += distance * distance * times;
    this.#counts[binOf(this.#edges, value)]! += times;
    const share = this.#range === 0 ? 0 : (value - this.#totals.minimum) / this.#range;
    const bin = Math.trunc(share * BINS);
    this.#histogram[Math.min(BINS - 1, bin)]! += times;
  }

  summary(): ColumnSummary {
    const { present } = this.#totals;
    return {
      name: this.#name,
      ...this.#totals,
      mean: this.#mean,
      deviation: present === 0 ? 0 : Math.sqrt(this.#squares / present),
      histogram: [...this.#histogram],
      edges: [...this.#edges],
      counts: [...this.#counts],
    };
  }
}

/** What a first pass over a column knows. */
export interface ColumnTotals {
  readonly present: number;
  readonly missing: number;
  readonly integral: boolean;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}
