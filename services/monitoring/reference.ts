/** `reference.json` of a dataset version: how each column was distributed in the rows that a model learned from. */
import type { ReferenceColumn } from '../../shared/preparation/result.ts';

export interface Reference {
  readonly formatVersion: 1;
  readonly rows: number;
  readonly columns: readonly ReferenceColumn[];
}

/** A file of a dataset version that is not there, or not as agreed. */
export class UnusableDataset extends Error {
  readonly code = 'UnusableDataset';
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((member) => typeof member === 'number' && Number.isFinite(member));

function isColumn(value: unknown): value is ReferenceColumn {
  if (typeof value !== 'object' || value === null) return false;
  const { name, edges, counts, missing } = value as Record<string, unknown>;
  if (typeof name !== 'string' || !isNumbers(edges) || !isNumbers(counts)) return false;
  const ascending = edges.every((edge, i) => i === 0 || (edges[i - 1] as number) < edge);
  return ascending && counts.length === edges.length + 1 && typeof missing === 'number';
}

/** Throws UnusableDataset, naming what is wrong. Datasets of before have `features` in place of `columns`. */
export function parseReference(value: unknown): Reference {
  const { formatVersion, rows, columns, features } = (value ?? {}) as Record<string, unknown>;
  if (formatVersion !== 1)
    throw new UnusableDataset(`reference.json has the format version ${formatVersion}, expected 1`);
  const found = columns ?? features;
  if (!Array.isArray(found)) throw new UnusableDataset('reference.json has no columns');
  const wrong = found.findIndex((column) => !isColumn(column));
  if (wrong >= 0)
    throw new UnusableDataset(`reference.json: column ${wrong} has no ascending edges with counts`);
  return { formatVersion, rows: Number(rows), columns: found };
}
