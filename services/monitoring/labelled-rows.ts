/** Matched rows as a CSV object that a training reads: header `<target>,<features>`, label first. Pure. */
import { shortHash } from '../../shared/contracts/names.ts';
import type { LabelledRow } from './join.ts';
import type { Columns } from './reference.ts';
import type { LabelledPart } from './retraining.ts';

export const headerOf = ({ target, features }: Columns): string =>
  [target, ...features].map(quoted).join(',');

export const headerHash = (columns: Columns): string => shortHash(headerOf(columns), 16);

const quoted = (name: string): string => (/[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);

export interface LabelledContent {
  readonly part: LabelledPart;
  readonly lines: readonly string[];
}

/** The rows that are usable as training rows of these columns, named by the hash of the content: the same rows make
 * the same object. Undefined when there are none. */
export function labelledContent(columns: Columns, rows: readonly LabelledRow[]): LabelledContent | undefined {
  const usable = rows.filter(({ features }) => isUsable(features, columns.features.length));
  if (usable.length === 0) return undefined;
  const lines = [headerOf(columns), ...usable.map(({ label, features }) => `${label},${features.trim()}`)];
  return { part: { name: shortHash(lines.join('\n')), rows: usable.length }, lines };
}

const CELL = /^\s*([-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)?\s*$/;

/** Numbers or nothing, one cell per feature. */
function isUsable(features: string, width: number): boolean {
  const cells = features.split(',');
  return cells.length === width && cells.every((cell) => CELL.test(cell));
}

/** The name of the object that unites parts, whatever their order. */
export const unitedPart = (parts: readonly LabelledPart[]): LabelledPart =>
  parts.length === 1
    ? (parts[0] as LabelledPart)
    : {
        name: shortHash(['united', ...parts.map(({ name }) => name).sort()].join('\n')),
        rows: parts.reduce((rows, part) => rows + part.rows, 0),
      };
