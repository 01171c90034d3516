/** What the cleaning engine asks of each column, for both forms of a part. */
import { spellingsOf } from '../../../shared/contracts/canonical-text.ts';
import {
  categoriesOf,
  type DataLayout,
  type Feature,
  isNumeric,
} from '../../../shared/contracts/data-layout.ts';
import { compileFormula, type Formula } from '../../../shared/contracts/formula.ts';
import type {
  ColumnSpecification,
  DataSpecification,
} from '../../../shared/contracts/pipeline-specification.ts';

interface ColumnRule {
  readonly name: string;
  /** What a blank cell becomes: NaN stays missing; undefined puts the row aside. */
  readonly blank: number | string | undefined;
}

export interface NumberRule extends ColumnRule {
  readonly kind: 'number';
  readonly integer: boolean;
  readonly minimum: number;
  readonly maximum: number;
}

export interface TextRule extends ColumnRule {
  readonly kind: 'text';
  readonly categories: readonly string[];
  /** Position of the category by folded spelling. */
  readonly spellings: ReadonlyMap<string, number>;
  readonly quarantineUnknown: boolean;
}

export interface RowLayout {
  readonly columns: readonly (NumberRule | TextRule)[];
  /** Position of the target among the columns; undefined for rows without one. */
  readonly target: number | undefined;
  readonly derived: readonly { readonly name: string; readonly formula: Formula }[];
  readonly features: readonly Feature[];
}

/** Models read their input in single precision. */
export const LARGEST = 3.4028234663852886e38;

/** The layout of raw rows. */
export function rawLayout(data: DataSpecification, { columns, features, target }: DataLayout): RowLayout {
  const names = columns.map(({ name }) => name);
  const derived = data.derive.map(({ name, formula }, at) => {
    const known = [...names, ...data.derive.slice(0, at).map((earlier) => earlier.name)];
    return { name, formula: compileFormula(formula, known) };
  });
  const rules = columns.map(({ name, column }) =>
    isNumeric(column) ? numberRule(name, column) : textRule(name, column),
  );
  return { columns: rules, target, derived, features };
}

/** The layout of rows that already are what the model sees: the target, then its features. */
export function featureLayout(data: DataSpecification, layout: DataLayout): RowLayout {
  const raw = rawLayout(data, layout);
  const target = layout.columns[layout.target]!;
  const features = layout.features.map((feature): NumberRule => {
    const blank = mayBeMissing(feature, raw) ? Number.NaN : undefined;
    return { kind: 'number', name: feature.name, integer: false, minimum: -LARGEST, maximum: LARGEST, blank };
  });
  return {
    columns: [numberRule(target.name, target.column), ...features],
    target: 0,
    derived: [],
    features: features.map(({ name }, at) => ({ kind: 'column', name, at: at + 1 })),
  };
}

function mayBeMissing(feature: Feature, { columns, derived }: RowLayout): boolean {
  switch (feature.kind) {
    case 'category':
    case 'hash':
    case 'indicator':
      return false;
    case 'part':
    case 'column':
      return maybeBlank(columns[feature.at]!);
    case 'derived':
      return derived[feature.derived]!.formula.inputs.some((input) =>
        input < columns.length
          ? maybeBlank(columns[input]!)
          : mayBeMissing(
              { kind: 'derived', name: '', derived: input - columns.length },
              { columns, derived, features: [], target: 0 },
            ),
      );
  }
}

function maybeBlank(rule: NumberRule | TextRule): boolean {
  if (rule.kind === 'text') return !rule.quarantineUnknown || rule.blank !== undefined;
  return Number.isNaN(rule.blank);
}

function numberRule(name: string, column: ColumnSpecification): NumberRule {
  const integer = column.type === 'integer';
  const bound = integer ? Number.MAX_SAFE_INTEGER : LARGEST;
  return {
    kind: 'number',
    name,
    integer,
    minimum: Math.max(column.minimum ?? -bound, -bound),
    maximum: Math.min(column.maximum ?? bound, bound),
    blank: blankOf(column, Number.NaN),
  };
}

function textRule(name: string, column: ColumnSpecification): TextRule {
  return {
    kind: 'text',
    name,
    blank: blankOf(column, ''),
    categories: categoriesOf(column),
    spellings: spellingsOf(column),
    quarantineUnknown: column.canonical !== undefined && column.unknown === 'quarantine',
  };
}

function blankOf({ missing }: ColumnSpecification, allowed: number | string): number | string | undefined {
  if (missing === 'allow') return allowed;
  return typeof missing === 'object' ? missing.constant : undefined;
}
