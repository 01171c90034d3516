import { type NumericTable, TableError } from '../numeric/table.ts';

/** One line of `text/libsvm`: `<label> <index>:<value> …`, indices from 0 as XGBoost reads them. */
export interface SparseLine {
  readonly label: number | undefined;
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

/** Dense single precision is what the trees read; beyond this an index is a mistake or the data too sparse. */
const MOST_CELLS = 100_000_000;

/** Parses lines; a comment starts with `#`, `qid:` is skipped. In requests the label may be left out. Throws
 * TableError. */
export function parseLibsvm(text: string, label: 'required' | 'optional'): SparseLine[] {
  const lines: SparseLine[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.split('#')[0]!.trim();
    if (line !== '') lines.push(parseLine(line.split(/\s+/), lines.length + 1, label));
  }
  return lines;
}

function parseLine(tokens: readonly string[], row: number, label: 'required' | 'optional'): SparseLine {
  const hasLabel = !tokens[0]!.includes(':');
  if (!hasLabel && label === 'required') throw new TableError('MissingValue', row, 1, 'the label is missing');
  const pairs = tokens.slice(hasLabel ? 1 : 0).filter((token) => !token.startsWith('qid:'));
  const indices: number[] = [];
  const values: number[] = [];
  pairs.forEach((pair, at) => {
    const column = at + (hasLabel ? 2 : 1);
    const [index, value, ...rest] = pair.split(':');
    if (!/^\d{1,9}$/.test(index!) || value === undefined || rest.length > 0) {
      throw new TableError('NotANumber', row, column, `"${pair.slice(0, 40)}" is not <index>:<value>`);
    }
    indices.push(Number(index));
    values.push(toNumber(value, row, column));
  });
  return { label: hasLabel ? toNumber(tokens[0]!, row, 1) : undefined, indices, values };
}

function toNumber(text: string, row: number, column: number): number {
  const value = text.toLowerCase() === 'nan' ? Number.NaN : Number(text);
  const isNumber = text !== '' && (Number.isFinite(Math.fround(value)) || text.toLowerCase() === 'nan');
  if (!isNumber) throw new TableError('NotANumber', row, column, `"${text.slice(0, 40)}" is not a number`);
  return value;
}

/** A dense table; what a line does not name is missing. Width: `features`, or one more than the largest index. */
export function toTable(lines: readonly SparseLine[], features?: number): NumericTable {
  const needed = lines.reduce(
    (widest, { indices }) => indices.reduce((a, b) => Math.max(a, b + 1), widest),
    0,
  );
  const columns = features ?? needed;
  if (lines.length * columns > MOST_CELLS) {
    throw new TableError(
      'WrongWidth',
      1,
      0,
      `${lines.length} rows of ${columns} features are too many cells`,
    );
  }
  const values = new Float32Array(lines.length * columns).fill(Number.NaN);
  lines.forEach((line, row) => {
    line.indices.forEach((index, at) => {
      if (index >= columns) {
        throw new TableError('WrongWidth', row + 1, 0, `expected ${columns} features, found index ${index}`);
      }
      values[row * columns + index] = line.values[at]!;
    });
  });
  return { values, rows: lines.length, columns };
}
