import { cellText, isMissing, parseCell } from './cell.ts';
import { type NumericTable, TableError } from './table.ts';

export interface CsvOptions {
  /** What an empty cell is: refused, or a missing value (NaN). */
  readonly missing: 'refuse' | 'nan';
  /** The width that every row must have; the first row's where absent. */
  readonly columns?: number;
}

const COMMA = 44;
const NEWLINE = 10;
const RETURN = 13;

/** Parses `text/csv` of numbers without a header; blank lines are skipped. Throws TableError. */
export function parseCsv(bytes: Buffer, options: CsvOptions): NumericTable {
  let start = bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xefbbbf ? 3 : 0;
  const columns = options.columns ?? firstWidth(bytes, start);
  const values = new Float32Array(mostRows(bytes, start, columns) * columns);
  let row = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const next = newline < 0 ? bytes.length : newline;
    const end = next > start && bytes[next - 1] === RETURN ? next - 1 : next;
    if (end > start) {
      parseRow(bytes, start, end, { values, offset: row * columns, columns, row, missing: options.missing });
      row++;
    }
    start = next + 1;
  }
  return { values: values.subarray(0, row * columns), rows: row, columns };
}

interface RowTarget {
  readonly values: Float32Array;
  readonly offset: number;
  readonly columns: number;
  readonly row: number;
  readonly missing: 'refuse' | 'nan';
}

function parseRow(bytes: Buffer, start: number, end: number, target: RowTarget): void {
  const { values, offset, columns } = target;
  let column = 0;
  let cell = start;
  for (let at = start; at <= end; at++) {
    if (at < end && bytes[at] !== COMMA) continue;
    if (column < columns) {
      const value = parseCell(bytes, cell, at);
      if (Number.isNaN(value)) checkMissing(bytes, cell, at, column, target);
      values[offset + column] = value;
    }
    column++;
    cell = at + 1;
  }
  if (column !== columns) {
    throw new TableError('WrongWidth', target.row + 1, 0, `expected ${columns} columns, found ${column}`);
  }
}

function checkMissing(bytes: Buffer, start: number, end: number, column: number, target: RowTarget): void {
  const text = cellText(bytes, start, end);
  const [row, position] = [target.row + 1, column + 1];
  if (!isMissing(text))
    throw new TableError('NotANumber', row, position, `"${text.slice(0, 40)}" is not a number`);
  if (target.missing === 'refuse')
    throw new TableError('MissingValue', row, position, 'the value is missing');
}

function firstWidth(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && (bytes[at] === NEWLINE || bytes[at] === RETURN)) at++;
  let width = 1;
  for (; at < bytes.length && bytes[at] !== NEWLINE; at++) if (bytes[at] === COMMA) width++;
  return width;
}

/** An upper bound that grows with the bytes only: blank lines and rows too short must not claim memory. */
function mostRows(bytes: Buffer, start: number, columns: number): number {
  let lines = 1;
  for (let at = bytes.indexOf(NEWLINE, start); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  // A row has a comma or the line's end after each cell.
  return Math.min(lines, Math.floor((bytes.length - start + 1) / columns));
}
