/** `reference.json` of a dataset version: how each feature was distributed in the rows that a model learned from. */

/** `edges` are ascending upper edges; `counts` has one more: value ≤ edges[i] is in bin i, a greater one in the last. */
export interface ReferenceFeature {
  readonly name: string;
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly missing: number;
}

export interface Reference {
  readonly formatVersion: 1;
  readonly rows: number;
  readonly features: readonly ReferenceFeature[];
}

/** `columns.json` of a dataset version: what its model sees, in order, and what it predicts. */
export interface Columns {
  readonly features: readonly string[];
  readonly target: string;
}

/** A file of a dataset version that is not there, or not as agreed. */
export class UnusableDataset extends Error {
  readonly code = 'UnusableDataset';
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((member) => typeof member === 'number' && Number.isFinite(member));

function isFeature(value: unknown): value is ReferenceFeature {
  if (typeof value !== 'object' || value === null) return false;
  const { name, edges, counts, missing } = value as Record<string, unknown>;
  if (typeof name !== 'string' || !isNumbers(edges) || !isNumbers(counts)) return false;
  const ascending = edges.every((edge, i) => i === 0 || (edges[i - 1] as number) < edge);
  return ascending && counts.length === edges.length + 1 && typeof missing === 'number';
}

/** Throws UnusableDataset, naming what is wrong. */
export function parseReference(value: unknown): Reference {
  const { formatVersion, rows, features } = (value ?? {}) as Record<string, unknown>;
  if (formatVersion !== 1)
    throw new UnusableDataset(`reference.json has the format version ${formatVersion}, expected 1`);
  if (!Array.isArray(features) || features.length === 0)
    throw new UnusableDataset('reference.json has no features');
  const wrong = features.findIndex((feature) => !isFeature(feature));
  if (wrong >= 0)
    throw new UnusableDataset(`reference.json: feature ${wrong} has no ascending edges with counts`);
  return { formatVersion, rows: Number(rows), features };
}

/** Throws UnusableDataset. */
export function parseColumns(value: unknown): Columns {
  const { features, target } = (value ?? {}) as Record<string, unknown>;
  const named = Array.isArray(features) && features.every((name) => typeof name === 'string');
  if (!named || typeof target !== 'string')
    throw new UnusableDataset('columns.json names no features or no target');
  return { features, target };
}
