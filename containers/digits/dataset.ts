import { readFileSync } from 'node:fs';
import { type Channel, fileLabel } from '../contract/channels.ts';
import { UserError } from '../contract/user-error.ts';
import { parseCsv } from '../numeric/csv.ts';
import { type NumericTable, TableError } from '../numeric/table.ts';
import { type SparseRows, toSparseRows } from './sparse-rows.ts';

/** Labelled rows: whole labels from 0, inputs already divided by `scale`. */
export interface Dataset {
  readonly labels: Int32Array;
  readonly inputs: SparseRows;
}

/** Reads all files of a channel as one table: `text/csv`, label first, no header. Throws UserError. */
export function readDataset(channel: Channel, scale: number): Dataset {
  if (channel.contentType !== undefined && channel.contentType !== 'text/csv') {
    throw new UserError(`Channel ${channel.name} has ContentType ${channel.contentType}; use text/csv.`);
  }
  const table = readChannelTable(channel);
  return { labels: readLabels(table, channel.name), inputs: toSparseRows(table, 1, scale) };
}

function readChannelTable(channel: Channel): NumericTable {
  const parts: NumericTable[] = [];
  for (const file of channel.files) {
    const bytes = readFileSync(file);
    if (bytes.length === 0) continue;
    const width = parts[0]?.columns;
    try {
      parts.push(parseCsv(bytes, { missing: 'refuse', ...(width === undefined ? {} : { columns: width }) }));
    } catch (error) {
      if (error instanceof TableError) throw new UserError(`${fileLabel(channel, file)}, ${error.message}.`);
      throw error;
    }
  }
  const table = join(parts);
  if (table.rows === 0) throw new UserError(`Channel ${channel.name} holds no row.`);
  if (table.columns < 2) throw new UserError(`Channel ${channel.name} has a label but no feature column.`);
  return table;
}

function join(parts: readonly NumericTable[]): NumericTable {
  if (parts.length === 1) return parts[0]!;
  const columns = parts[0]?.columns ?? 0;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const values = new Float32Array(rows * columns);
  let offset = 0;
  for (const part of parts) {
    values.set(part.values, offset);
    offset += part.values.length;
  }
  return { values, rows, columns };
}

function readLabels(table: NumericTable, channel: string): Int32Array {
  const labels = new Int32Array(table.rows);
  for (let row = 0; row < table.rows; row++) {
    const label = table.values[row * table.columns]!;
    if (!Number.isInteger(label) || label < 0 || label > 999) {
      throw new UserError(
        `Channel ${channel}, row ${row + 1}: the label ${label} is not a whole number from 0 to 999.`,
      );
    }
    labels[row] = label;
  }
  return labels;
}
