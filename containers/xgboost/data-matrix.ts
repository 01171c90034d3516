import { readFileSync } from 'node:fs';
import { type Channel, fileLabel } from '../contract/channels.ts';
import { UserError } from '../contract/user-error.ts';
import { parseCsv } from '../numeric/csv.ts';
import { type NumericTable, TableError } from '../numeric/table.ts';
import { parseLibsvm, type SparseLine, toTable } from './libsvm.ts';

/** Features with their labels. */
export interface DataMatrix {
  readonly table: NumericTable;
  readonly labels: Float32Array;
}

/** Reads a channel: `text/csv` (label first, no header, empty cell = missing) or `text/libsvm` (the default). With
 * `features` the matrix gets that many columns. Throws UserError. */
export function readDataMatrix(channel: Channel, features?: number): DataMatrix {
  switch (channel.contentType ?? 'text/libsvm') {
    case 'text/csv':
      return readCsv(channel, features);
    case 'text/libsvm':
    case 'text/x-libsvm':
      return readLibsvm(channel, features);
    default:
      throw new UserError(
        `Channel ${channel.name} has ContentType ${channel.contentType}; use text/csv or text/libsvm.`,
      );
  }
}

function readCsv(channel: Channel, features: number | undefined): DataMatrix {
  const parts: NumericTable[] = [];
  for (const file of channel.files) {
    const bytes = readFileSync(file);
    const columns = parts[0]?.columns ?? (features === undefined ? undefined : features + 1);
    const options = { missing: 'nan', ...(columns === undefined ? {} : { columns }) } as const;
    if (bytes.length > 0) parts.push(explain(channel, file, () => parseCsv(bytes, options)));
  }
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const columns = parts[0]?.columns ?? 0;
  if (rows === 0) throw new UserError(`Channel ${channel.name} holds no row.`);
  if (columns < 2) throw new UserError(`Channel ${channel.name} has a label but no feature column.`);
  return splitLabels(parts, rows, columns, channel.name);
}

function splitLabels(
  parts: readonly NumericTable[],
  rows: number,
  columns: number,
  channel: string,
): DataMatrix {
  const labels = new Float32Array(rows);
  const values = new Float32Array(rows * (columns - 1));
  let target = 0;
  for (const part of parts) {
    for (let row = 0; row < part.rows; row++) {
      const label = part.values[row * columns]!;
      if (Number.isNaN(label))
        throw new UserError(`Channel ${channel}, row ${target + 1}: the label is missing.`);
      labels[target] = label;
      values.set(part.values.subarray(row * columns + 1, (row + 1) * columns), target * (columns - 1));
      target++;
    }
  }
  return { labels, table: { values, rows, columns: columns - 1 } };
}

function readLibsvm(channel: Channel, features: number | undefined): DataMatrix {
  const lines: SparseLine[] = [];
  for (const file of channel.files) {
    const text = readFileSync(file, 'utf8');
    // One by one: spreading a large file's lines into push would overflow the stack.
    for (const line of explain(channel, file, () => parseLibsvm(text, 'required'))) lines.push(line);
  }
  if (lines.length === 0) throw new UserError(`Channel ${channel.name} holds no row.`);
  const table = explain(channel, channel.directory, () => toTable(lines, features));
  if (table.columns === 0) throw new UserError(`Channel ${channel.name} has labels but no feature.`);
  return { labels: Float32Array.from(lines, (line) => line.label!), table };
}

function explain<T>(channel: Channel, file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TableError) {
      throw new UserError(
        `${fileLabel(channel, file)}, ${error.message} (a CSV has the label first and no header).`,
      );
    }
    throw error;
  }
}
