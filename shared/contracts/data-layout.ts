/** Which columns a specification declares and which features the model sees, in order. */
import { columnNames } from './column-names.ts';
import type { ColumnSpecification, DataSpecification } from './pipeline-specification.ts';

export const MAX_COLUMNS = 10_000;

/** One raw column; a family stands here unfolded. */
export interface RawColumn {
  readonly name: string;
  readonly column: ColumnSpecification;
}

/** Where a feature's value comes from: a raw column (`encode: ordinal` included), one category of a one-hot column,
 * or a formula. `at` counts the raw columns, `derived` the formulas. */
export type Feature =
  | { readonly kind: 'column'; readonly name: string; readonly at: number }
  | { readonly kind: 'category'; readonly name: string; readonly at: number; readonly category: number }
  | { readonly kind: 'derived'; readonly name: string; readonly derived: number };

export interface DataLayout {
  readonly columns: readonly RawColumn[];
  readonly features: readonly Feature[];
  /** Position of the target among the columns. */
  readonly target: number;
}

export const isNumeric = (column: ColumnSpecification): boolean => column.type !== 'text';

/** The canonical names of a text column, in the order that encodings follow: as declared. */
export const categoriesOf = (column: ColumnSpecification): readonly string[] =>
  Object.keys(column.canonical ?? {});

/** Throws RangeError where more than 10,000 columns are declared, or a family is wrong. */
function rawColumnsOf(columns: readonly ColumnSpecification[]): readonly RawColumn[] {
  const unfolded: RawColumn[] = [];
  for (const column of columns) {
    const names = columnNames(column.name);
    if (unfolded.length + names.length > MAX_COLUMNS) {
      throw new RangeError(`more than ${MAX_COLUMNS.toLocaleString('en')} columns`);
    }
    for (const name of names) unfolded.push({ name, column });
  }
  return unfolded;
}

/** The features that `name` (a raw column or a derived one) stands for; undefined when it is no such column. */
function featuresNamed(
  name: string,
  columns: ReadonlyMap<string, { readonly at: number; readonly column: ColumnSpecification }>,
  derived: ReadonlyMap<string, number>,
): readonly Feature[] | undefined {
  const formula = derived.get(name);
  if (formula !== undefined) return [{ kind: 'derived', name, derived: formula }];
  const found = columns.get(name);
  if (!found) return undefined;
  const { at, column } = found;
  if (column.encode !== 'one-hot') return [{ kind: 'column', name, at }];
  return categoriesOf(column).map((value, category) => ({
    kind: 'category',
    name: `${name}=${value}`,
    at,
    category,
  }));
}

/** The layout of a specification that `parseSpecification` accepted. Throws RangeError where it could not have. */
export function layOut(data: DataSpecification): DataLayout {
  const columns = rawColumnsOf(data.columns);
  const byName = new Map(columns.map(({ name, column }, at) => [name, { at, column }]));
  const derived = new Map(data.derive.map(({ name }, at) => [name, at]));
  const names = data.features?.flatMap(columnNames) ?? [
    ...columns
      .filter(({ name, column }) => name !== data.target && seenByDefault(column))
      .map(({ name }) => name),
    ...derived.keys(),
  ];
  const features = names.flatMap((name) => {
    const found = featuresNamed(name, byName, derived);
    if (!found) throw new RangeError(`the feature "${name}" is no declared column`);
    return found;
  });
  const target = byName.get(data.target)?.at;
  if (target === undefined) throw new RangeError(`the target "${data.target}" is no declared column`);
  return { columns, features, target };
}

function seenByDefault(column: ColumnSpecification): boolean {
  return isNumeric(column) || (column.encode !== undefined && column.canonical !== undefined);
}
