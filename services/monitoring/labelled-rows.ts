/** Matched rows as a CSV object like those that are dropped: a header of the declared columns, the target first. Pure. */
import { shortHash } from '../../shared/contracts/names.ts';
import { csvLine } from '../../shared/serving/csv-text.ts';
import type { RequestColumns } from '../../shared/serving/request-columns.ts';
import type { LabelledRow } from './join.ts';
import type { LabelledPart } from './retraining.ts';
import type { TargetLabels } from './target-labels.ts';

export const headerOf = ({ names, target }: RequestColumns): string =>
  csvLine([names[target] as string, ...names.filter((_, at) => at !== target)]);

export const headerHash = (columns: RequestColumns): string => shortHash(headerOf(columns), 16);

export interface LabelledContent {
  readonly part: LabelledPart;
  readonly lines: readonly string[];
}

/** The rows that are usable as rows of these columns, named by the hash of the content: the same rows make the same
 * object. Undefined when there are none. */
export function labelledContent(
  columns: RequestColumns,
  labels: TargetLabels,
  rows: readonly LabelledRow[],
): LabelledContent | undefined {
  const usable = rows.flatMap(({ record, label }) => {
    const written = labels.write(label);
    return record.kind === 'cells' && written !== undefined ? [csvLine([written, ...record.cells])] : [];
  });
  if (usable.length === 0) return undefined;
  const lines = [headerOf(columns), ...usable];
  return { part: { name: shortHash(lines.join('\n')), rows: usable.length }, lines };
}

/** The name of the object that unites parts, whatever their order. */
export const unitedPart = (parts: readonly LabelledPart[]): LabelledPart =>
  parts.length === 1
    ? (parts[0] as LabelledPart)
    : {
        name: shortHash(['united', ...parts.map(({ name }) => name).sort()].join('\n')),
        rows: parts.reduce((rows, part) => rows + part.rows, 0),
      };
