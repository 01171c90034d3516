/** The columns that a specification declares, families unfolded, and what is said of a name that is none. */
import { columnNames } from './column-names.ts';
import { MAX_COLUMNS } from './data-layout.ts';
import { didYouMean } from './did-you-mean.ts';
import type { ColumnSpecification, DataSpecification } from './pipeline-specification.ts';
import type { Finding } from './yaml-source.ts';

export type Columns = ReadonlyMap<string, { readonly at: number; readonly column: ColumnSpecification }>;

/** Unfolds the families; undefined when there are too many columns to go on. */
export function declaredColumns(data: DataSpecification, found: Finding[]): Columns | undefined {
  const columns = new Map<string, { at: number; column: ColumnSpecification }>();
  for (const [declaration, column] of data.columns.entries()) {
    const path = ['data', 'columns', declaration, 'name'];
    const names = unfold(column.name, path, found);
    if (columns.size + names.length > MAX_COLUMNS) {
      found.push({ path, message: `expected at most ${MAX_COLUMNS} columns in all` });
      return undefined;
    }
    const twice = names.find((name) => columns.has(name));
    if (twice !== undefined) found.push({ path, message: `the column "${twice}" is declared twice` });
    for (const name of names) columns.set(name, { at: columns.size, column });
  }
  return columns;
}

export function unfold(pattern: string, path: Finding['path'], found: Finding[]): readonly string[] {
  try {
    return columnNames(pattern);
  } catch (error) {
    found.push({ path, message: `expected a family that counts up: ${(error as Error).message}` });
    return [];
  }
}

export const noColumn = (name: string, known: Iterable<string>): string =>
  `expected a declared column, found "${name}"${didYouMean(name, known)}`;

/** A finding for each of `names` that is no declared column. */
export const undeclared = (
  names: readonly string[],
  columns: Columns,
  path: Finding['path'],
): readonly Finding[] =>
  names.flatMap((name, at) =>
    columns.has(name) ? [] : [{ path: [...path, at], message: noColumn(name, columns.keys()) }],
  );
