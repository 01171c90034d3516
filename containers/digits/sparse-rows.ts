import type { NumericTable } from '../numeric/table.ts';

/** Images as the network sees them: divided by `scale`, then less their own mean. Brightness alone would otherwise
 * outweigh every stroke, and training on light and dark images together would not settle.
 *
 * Four of five pixels of a digit are paper, so a row is kept as the cells that differ from its commonest value:
 * cell c of row r is `rest[r]`, plus `value[e]` where an entry e in [start[r], start[r + 1]) has index[e] = c. */
export interface SparseRows {
  readonly rows: number;
  readonly columns: number;
  readonly start: Int32Array;
  readonly index: Int32Array;
  readonly value: Float32Array;
  readonly rest: Float32Array;
}

/** Takes the columns from `firstColumn` on. */
export function toSparseRows(table: NumericTable, firstColumn: number, scale: number): SparseRows {
  const { values, rows, columns } = table;
  const start = new Int32Array(rows + 1);
  const common = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const cells = values.subarray(row * columns + firstColumn, (row + 1) * columns);
    common[row] = majority(cells);
    start[row + 1] = start[row]! + countOthers(cells, common[row]!);
  }
  const index = new Int32Array(start[rows]!);
  const value = new Float32Array(start[rows]!);
  const rest = new Float32Array(rows);
  const width = columns - firstColumn;
  for (let row = 0, entry = 0; row < rows; row++) {
    const offset = row * columns + firstColumn;
    let sum = 0;
    for (let column = 0; column < width; column++) {
      const difference = values[offset + column]! - common[row]!;
      if (difference === 0) continue;
      index[entry] = column;
      value[entry++] = difference / scale;
      sum += difference;
    }
    rest[row] = -sum / width / scale;
  }
  return { rows, columns: width, start, index, value, rest };
}

/** The value of more than half of the cells, where there is one (Boyer & Moore 1981). */
function majority(cells: Float32Array): number {
  let candidate = 0;
  let lead = 0;
  for (let at = 0; at < cells.length; at++) {
    if (lead === 0) candidate = cells[at]!;
    lead += cells[at] === candidate ? 1 : -1;
  }
  return candidate;
}

function countOthers(cells: Float32Array, common: number): number {
  let count = 0;
  for (let at = 0; at < cells.length; at++) if (cells[at] !== common) count++;
  return count;
}
