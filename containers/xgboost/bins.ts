import type { NumericTable } from '../numeric/table.ts';

/** The candidate split points of every feature. A value v of feature f lies in the bin b with
 * cuts[b - 1] ≤ v < cuts[b]; bins of all features are numbered through, feature f has [offset[f], offset[f + 1]). */
export interface Cuts {
  readonly values: Float32Array;
  readonly offset: Int32Array;
}

/** The training matrix by bins, row after row. A cell holds its bin's slot in a histogram, 2 · bin; a missing value
 * has the slot behind the last bin, so that counting needs no branch. */
export interface BinnedMatrix {
  readonly slots: Uint16Array | Int32Array;
  readonly missingSlot: number;
  readonly rows: number;
  readonly features: number;
  readonly cuts: Cuts;
  /** Whether a feature has any missing value, by feature. */
  readonly hasMissing: Uint8Array;
}

/** Cuts at the distinct values, or at `maxBin` quantiles where there are more; the last cut lies above all values,
 * as in XGBoost's sketch. */
export function findCuts(table: NumericTable, maxBin: number): Cuts {
  const offset = new Int32Array(table.columns + 1);
  const parts: number[][] = [];
  for (let feature = 0; feature < table.columns; feature++) {
    const cuts = cutsOf(presentValues(table, feature).sort(), maxBin);
    parts.push(cuts);
    offset[feature + 1] = offset[feature]! + cuts.length;
  }
  return { values: Float32Array.from(parts.flat()), offset };
}

function presentValues(table: NumericTable, feature: number): Float32Array {
  const present = new Float32Array(table.rows);
  let count = 0;
  for (let row = 0; row < table.rows; row++) {
    const value = table.values[row * table.columns + feature]!;
    if (!Number.isNaN(value)) present[count++] = value;
  }
  return present.subarray(0, count);
}

function cutsOf(sorted: Float32Array, maxBin: number): number[] {
  if (sorted.length === 0) return [];
  const distinct = sorted.filter((value, at) => at === 0 || value !== sorted[at - 1]);
  const above = Math.fround(distinct.at(-1)! + Math.abs(distinct.at(-1)!) + 1e-5);
  if (distinct.length <= maxBin) return [...distinct.subarray(1), above];
  const cuts: number[] = [];
  for (let bin = 1; bin < maxBin; bin++) {
    const cut = sorted[Math.floor((bin * sorted.length) / maxBin)]!;
    if (cut > (cuts.at(-1) ?? sorted[0]!)) cuts.push(cut);
  }
  return [...cuts, above];
}

export function binMatrix(table: NumericTable, cuts: Cuts): BinnedMatrix {
  const { rows, columns, values } = table;
  const missingSlot = 2 * cuts.values.length;
  const slots = missingSlot <= 0xffff ? new Uint16Array(rows * columns) : new Int32Array(rows * columns);
  const hasMissing = new Uint8Array(columns);
  for (let feature = 0; feature < columns; feature++) {
    const first = cuts.offset[feature]!;
    const last = cuts.offset[feature + 1]! - 1;
    for (let at = feature; at < slots.length; at += columns) {
      const value = values[at]!;
      const missing = Number.isNaN(value);
      if (missing) hasMissing[feature] = 1;
      slots[at] = missing ? missingSlot : 2 * binOf(cuts.values, first, last, value);
    }
  }
  return { slots, missingSlot, rows, features: columns, cuts, hasMissing };
}

/** The first bin in [first, last] whose cut lies above the value. */
function binOf(cuts: Float32Array, first: number, last: number, value: number): number {
  let low = first;
  let high = last;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value < cuts[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}
