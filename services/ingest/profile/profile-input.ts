/** What the profile of a dataset version is made from. */
import { columnNames } from '../../../shared/contracts/column-names.ts';
import type { DataSpecification } from '../../../shared/contracts/pipeline-specification.ts';
import {
  type ColumnChanges,
  type ColumnSummary,
  type PreparedResult,
  SIDES,
} from '../../../shared/preparation/result.ts';

export interface ProfileInput {
  readonly pipeline: string;
  readonly version: string;
  readonly data: DataSpecification;
  readonly result: PreparedResult;
  /** What quality gates warn of, a sentence each. */
  readonly warnings: readonly string[];
}

/** A column as the page shows it. */
export interface ShownColumn {
  readonly summary: ColumnSummary;
  /** `number`, `integer`, `date`, `text`, or `derived`. */
  readonly type: string;
  readonly isTarget: boolean;
  readonly changes: ColumnChanges | undefined;
}

/** The target first, then the others as the specification has them. */
export function shownColumns({ data, result }: ProfileInput): readonly ShownColumn[] {
  const types = new Map<string, string>(
    data.columns.flatMap((column) =>
      columnNames(column.name).map((name): [string, string] => [name, column.type]),
    ),
  );
  const changes = new Map(result.changes.map((change) => [change.name, change]));
  const shown = result.columns.map((summary) => ({
    summary,
    type: types.get(summary.name) ?? 'derived',
    isTarget: summary.name === data.target,
    changes: changes.get(summary.name),
  }));
  return [...shown.filter(({ isTarget }) => isTarget), ...shown.filter(({ isTarget }) => !isTarget)];
}

export const rowsRead = ({ parts }: PreparedResult): number => parts.reduce((sum, { rows }) => sum + rows, 0);

export const rowsKept = ({ rows }: PreparedResult): number =>
  SIDES.reduce((sum, side) => sum + rows[side], 0);
