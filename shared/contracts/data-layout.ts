/** Which columns a specification declares and which features the model sees, in order. */
import { blanksOf } from './blank-words.ts';
import { columnNames } from './column-names.ts';
import type { DatePart } from './data-schema.ts';
import type { ColumnSpecification, DataSpecification } from './pipeline-specification.ts';

export const MAX_COLUMNS = 10_000;

/** One raw column; a family stands here unfolded. */
export interface RawColumn {
  readonly name: string;
  readonly column: ColumnSpecification;
  /** Texts that mean "no value" in its cells. */
  readonly blanks: readonly string[];
}

type Bucket = { readonly bucket?: readonly number[] };
type Scale = { readonly scale?: NonNullable<ColumnSpecification['scale']> };

/** Where a feature's value comes from. `at` counts the raw columns, `derived` the formulas. */
export type Feature =
  /** A number, or the position of a text's canonical name (`encode: ordinal`). */
  | ({ readonly kind: 'column'; readonly name: string; readonly at: number } & Bucket & Scale)
  | ({ readonly kind: 'derived'; readonly name: string; readonly derived: number } & Bucket & Scale)
  /** 1 for one canonical name of a one-hot column. */
  | { readonly kind: 'category'; readonly name: string; readonly at: number; readonly category: number }
  /** 1 where a text's hash falls on `slot` of `slots`. */
  | {
      readonly kind: 'hash';
      readonly name: string;
      readonly at: number;
      readonly slot: number;
      readonly slots: number;
    }
  | { readonly kind: 'part'; readonly name: string; readonly at: number; readonly part: DatePart }
  /** 1 where the value was missing. */
  | { readonly kind: 'indicator'; readonly name: string; readonly at: number };

export interface DataLayout {
  readonly columns: readonly RawColumn[];
  readonly features: readonly Feature[];
  /** Position of the target among the columns. */
  readonly target: number;
}

/** Integers, numbers and dates have a value that formulas can read. */
export const isNumeric = (column: ColumnSpecification): boolean => column.type !== 'text';

/** Integers and numbers. */
export const isNumber = (column: ColumnSpecification): boolean =>
  column.type === 'integer' || column.type === 'number';

/** The canonical names of a text column, in the order that encodings follow: as declared, but names that are whole
 * numbers come first, ascending. */
export const categoriesOf = (column: Pick<ColumnSpecification, 'canonical'>): readonly string[] =>
  Object.keys(column.canonical ?? {});

/** Throws RangeError where more than 10,000 columns are declared, or a family is wrong. */
function rawColumnsOf(data: DataSpecification): readonly RawColumn[] {
  const unfolded: RawColumn[] = [];
  for (const column of data.columns) {
    const blanks = blanksOf(data, column);
    const names = columnNames(column.name);
    if (unfolded.length + names.length > MAX_COLUMNS) {
      throw new RangeError(`more than ${MAX_COLUMNS.toLocaleString('en')} columns`);
    }
    for (const name of names) unfolded.push({ name, column, blanks });
  }
  return unfolded;
}

/** The features of one raw column; none for a text without `encode` or a date without `parts`. */
function featuresOf(name: string, at: number, column: ColumnSpecification): readonly Feature[] {
  const own = isNumber(column)
    ? [{ kind: 'column', name, at, ...shaping(column) } as const]
    : column.type === 'date'
      ? (column.parts ?? []).map((part) => ({ kind: 'part', name: `${name}.${part}`, at, part }) as const)
      : encoded(name, at, column);
  return column.indicator ? [...own, { kind: 'indicator', name: `${name}.missing`, at }] : own;
}

function encoded(name: string, at: number, column: ColumnSpecification): readonly Feature[] {
  const { encode } = column;
  if (encode === undefined) return [];
  if (encode === 'ordinal') return [{ kind: 'column', name, at }];
  if (encode === 'one-hot') {
    return categoriesOf(column).map((value, category) => ({
      kind: 'category',
      name: `${name}=${value}`,
      at,
      category,
    }));
  }
  const slots = encode.hash;
  return Array.from({ length: slots }, (_, slot) => ({
    kind: 'hash',
    name: `${name}#${slot}`,
    at,
    slot,
    slots,
  }));
}

const shaping = ({ bucket, scale }: Pick<ColumnSpecification, 'bucket' | 'scale'>): Bucket & Scale => ({
  ...(bucket ? { bucket } : {}),
  ...(scale ? { scale } : {}),
});

/** The layout of a specification that `parseSpecification` accepted. Throws RangeError where it could not have. */
export function layOut(data: DataSpecification): DataLayout {
  const columns = rawColumnsOf(data);
  const byName = new Map(columns.map(({ name, column }, at) => [name, { at, column }]));
  const own = new Map<string, readonly Feature[]>();
  for (const [name, { at, column }] of byName) own.set(name, featuresOf(name, at, column));
  data.derive.forEach((formula, derived) => {
    own.set(formula.name, [{ kind: 'derived', name: formula.name, derived, ...shaping(formula) }]);
  });
  const names = data.features?.flatMap(columnNames) ?? [...own.keys()].filter((name) => name !== data.target);
  const features = names.flatMap((name) => {
    const found = own.get(name);
    if (!found) throw new RangeError(`the feature "${name}" is no declared column`);
    return found;
  });
  const target = byName.get(data.target)?.at;
  if (target === undefined) throw new RangeError(`the target "${data.target}" is no declared column`);
  return { columns, features, target };
}

/** Whether the model can see this column: it has features of its own, or tells whether it was missing. */
export const hasFeatures = (column: ColumnSpecification): boolean =>
  isNumber(column) || Boolean(column.parts ?? column.encode ?? column.indicator);
