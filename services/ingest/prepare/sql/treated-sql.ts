/** Steps 4 to 7 over the table `rows`, given what was fitted: outliers, fills, derived values, features. */
import type { Feature } from '../../../../shared/contracts/data-layout.ts';
import type { DatePart } from '../../../../shared/contracts/data-schema.ts';
import type { Fitted, FittedScale } from '../../../../shared/preparation/fitted.ts';
import { categoryType, EVENT } from './clean-sql.ts';
import { faultCode } from './fault.ts';
import { formulaSql } from './formula-sql.ts';
import { isCategorical, isValue, type Plan, type PlannedColumn } from './plan.ts';
import { first32Bits } from './split-sql.ts';
import { double, firstOf, Levels, type Named, text, whole } from './sql-text.ts';

export const ALIVE = 'f IS NULL';

export const derivedName = (at: number): string => `x${at}`;
export const featureName = (at: number): string => `y${at}`;

interface Fence {
  readonly column: PlannedColumn;
  readonly low: number;
  readonly high: number;
  readonly then: 'clip' | 'null' | 'quarantine';
}

function fencesOf({ columns }: Plan, fitted: Fitted): readonly Fence[] {
  return columns.flatMap((column) => {
    const { low, high } = fitted.columns[column.name] ?? {};
    const { outliers } = column.column;
    return outliers && low !== undefined && high !== undefined
      ? [{ column, low, high, then: outliers.then }]
      : [];
  });
}

/** The rows with `o<i>`: whether the value is an outlier, for columns that have fences. */
export function withOutliers(plan: Plan, fitted: Fitted): Levels {
  return new Levels('rows', rowNames(plan)).with(
    fencesOf(plan, fitted).map(({ column: { at }, low, high }) => ({
      name: `o${at}`,
      sql: `coalesce(v${at} < ${double(low)} OR v${at} > ${double(high)}, false)`,
    })),
  );
}

function rowNames({ columns }: Plan): readonly string[] {
  return [
    'rowid',
    'part',
    'line',
    'f',
    'side',
    'record',
    ...columns.map(({ at }) => `v${at}`),
    ...columns.filter(({ eventful }) => eventful).map(({ at }) => `e${at}`),
  ];
}

/** The fault of a row whose outliers put it aside; undefined when no column's can. */
export function outlierFault(plan: Plan, fitted: Fitted): string | undefined {
  const branches = fencesOf(plan, fitted).flatMap(({ column: { at, reader }, then }): [string, string][] => {
    if (then === 'quarantine') return [[`o${at}`, whole(faultCode(at, 'outlier', true))]];
    if (then === 'clip' || (reader.missing !== 'quarantine' && reader.missing !== 'drop')) return [];
    return [[`o${at}`, whole(faultCode(at, reader.missing === 'drop' ? 'dropped' : 'missing', true))]];
  });
  return branches.length === 0 ? undefined : firstOf(branches, 'NULL');
}

/** Values behind the outliers; `m<i>` for columns with an indicator: whether the value is (or was) missing. */
export function afterOutliers(plan: Plan, fitted: Fitted): Levels {
  const fences = fencesOf(plan, fitted);
  const fenced = new Set(fences.filter(({ then }) => then === 'null').map(({ column }) => column.at));
  return withOutliers(plan, fitted)
    .with(
      plan.columns
        .filter(({ column }) => column.indicator)
        .map((column) => ({
          name: `m${column.at}`,
          sql: `CAST(${wasMissing(column)}${fenced.has(column.at) ? ` OR o${column.at}` : ''} AS TINYINT)`,
        })),
    )
    .with(
      fences
        .filter(({ then }) => then !== 'quarantine')
        .map(({ column: { at, reader }, low, high, then }) => ({
          name: `v${at}`,
          sql:
            then === 'clip'
              ? firstOf(
                  [
                    [`v${at} < ${double(low)}`, double(low)],
                    [`v${at} > ${double(high)}`, double(high)],
                  ],
                  `v${at}`,
                )
              : firstOf(
                  [
                    [
                      `o${at}`,
                      typeof reader.missing === 'object' ? double(Number(reader.missing.constant)) : 'NULL',
                    ],
                  ],
                  `v${at}`,
                ),
        })),
    );
}

/** Whether the value was missing as it was cleaned. */
export const wasMissing = ({ at, eventful }: PlannedColumn): string =>
  eventful ? `((e${at} & ${EVENT.missing}) <> 0)` : `(v${at} IS NULL)`;

/** With what fills missing values, and with the derived values `x<j>`. */
export function withDerived(plan: Plan, fitted: Fitted): Levels {
  const levels = afterOutliers(plan, fitted).with(
    plan.columns.flatMap(({ name, at }) => {
      const fill = fitted.columns[name]?.fill;
      if (fill === undefined) return [];
      return [
        { name: `v${at}`, sql: `coalesce(v${at}, ${typeof fill === 'string' ? text(fill) : double(fill)})` },
      ];
    }),
  );
  for (const level of derivedLevels(plan)) levels.with(level);
  return levels;
}

/** Formulas that do not need one another stand on the same level. */
function derivedLevels({ columns, target, derived }: Plan): readonly (readonly Named[])[] {
  const names = new Map<string, string>();
  for (const column of columns)
    if (column !== target && isValue(column)) names.set(column.name, `v${column.at}`);
  const heights = new Map<string, number>();
  const levels: Named[][] = [];
  const put = (height: number, named: readonly Named[]) => {
    while (levels.length <= height) levels.push([]);
    levels[height]!.push(...named);
  };
  for (const [at, { name, formula }] of derived.entries()) {
    const value = derivedName(at);
    const written = formulaSql(formula, names, `${value}_`);
    const base = Math.max(0, ...written.inputs.map((input) => heights.get(input) ?? 0));
    for (const [depth, level] of written.levels.entries()) put(base + depth, level);
    const height = base + written.levels.length;
    const missing: [string, string][] =
      written.inputs.length === 0
        ? []
        : [[written.inputs.map((input) => `${input} IS NULL`).join(' OR '), 'NULL']];
    put(height, [{ name: value, sql: firstOf(missing, `${written.result} + ${double(0)}`) }]);
    names.set(name, value);
    heights.set(value, height + 1);
  }
  return levels;
}

/** The fault of a row with a derived value that no model can read; undefined when nothing is derived. */
export function derivedFault(
  { columns, derived }: Plan,
  isReadable: (sql: string) => string,
): string | undefined {
  if (derived.length === 0) return undefined;
  return firstOf(
    derived.map((_, at): [string, string] => [
      // NaN is greater than any number; NULL is neither.
      `NOT ${isReadable(derivedName(at))}`,
      whole(faultCode(columns.length + at, 'not-finite', true)),
    ]),
    'NULL',
  );
}

/** The features `y<k>` and the target `target`, as doubles or NULL. */
export function withFeatures(plan: Plan, fitted: Fitted): Levels {
  const used = new Set(plan.features.flatMap((feature) => ('at' in feature ? [feature.at] : [])));
  const hashed = new Set(plan.features.flatMap((feature) => (feature.kind === 'hash' ? [feature.at] : [])));
  return withDerived(plan, fitted)
    .with(
      plan.columns.flatMap((column): Named[] => {
        const { at } = column;
        if (hashed.has(at)) return [{ name: `g${at}`, sql: first32Bits(`md5_number_upper(v${at})`) }];
        if (isCategorical(column) && (used.has(at) || column === plan.target))
          return [{ name: `g${at}`, sql: `enum_code(TRY_CAST(v${at} AS ${categoryType(at)}))` }];
        return column.column.type === 'date' && used.has(at)
          ? [{ name: `g${at}`, sql: `make_timestamp(CAST(v${at} AS BIGINT) * 1000)` }]
          : [];
      }),
    )
    .with([
      { name: 'target', sql: isCategorical(plan.target) ? `g${plan.target.at}` : `v${plan.target.at}` },
      ...plan.features.map((feature, at) => ({
        name: featureName(at),
        sql: featureSql(plan, feature, fitted),
      })),
    ]);
}

const PARTS: Readonly<Record<DatePart, string>> = {
  year: 'year',
  month: 'month',
  day: 'day',
  weekday: 'isodow',
  hour: 'hour',
  minute: 'minute',
  'day-of-year': 'dayofyear',
};

function featureSql({ columns }: Plan, feature: Feature, fitted: Fitted): string {
  switch (feature.kind) {
    case 'column': {
      const column = columns[feature.at]!;
      return isCategorical(column)
        ? `g${feature.at}`
        : shaped(feature, `v${feature.at}`, fitted.features[feature.name]);
    }
    case 'derived':
      return shaped(feature, derivedName(feature.derived), fitted.features[feature.name]);
    case 'category':
      return `CAST(coalesce(g${feature.at} = ${feature.category}, false) AS TINYINT)`;
    case 'hash':
      return `CAST(coalesce(g${feature.at} % ${feature.slots} = ${feature.slot}, false) AS TINYINT)`;
    case 'part':
      return `${PARTS[feature.part]}(g${feature.at})`;
    case 'indicator':
      return `m${feature.at}`;
  }
}

function shaped(
  { bucket, scale, name }: Extract<Feature, { kind: 'column' | 'derived' }>,
  value: string,
  fitted: FittedScale | undefined,
): string {
  if (bucket) return `CASE WHEN ${value} IS NOT NULL THEN ${edgesUpTo(bucket, value, 0, bucket.length)} END`;
  if (scale === undefined) return value;
  if (scale === 'log') return `(sign(${value}) * ln(${double(1)} + abs(${value})) + ${double(0)})`;
  if (!fitted) throw new RangeError(`nothing was fitted for the feature "${name}"`);
  const [origin, unit] =
    'mean' in fitted ? [fitted.mean, fitted.deviation] : [fitted.minimum, fitted.maximum - fitted.minimum];
  if (unit === 0) return `CASE WHEN ${value} IS NOT NULL THEN 0 END`;
  return `((${value} - ${double(origin)}) / ${double(unit)} + ${double(0)})`;
}

/** How many of the edges are at most the value: a search by halves, written out. */
function edgesUpTo(edges: readonly number[], value: string, low: number, high: number): string {
  if (low === high) return whole(low);
  const middle = (low + high) >> 1;
  return `CASE WHEN ${value} >= ${double(edges[middle]!)} THEN ${edgesUpTo(edges, value, middle + 1, high)} ELSE ${edgesUpTo(edges, value, low, middle)} END`;
}
