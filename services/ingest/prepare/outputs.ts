/** The files of a dataset version that hold its rows. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Fitted } from '../../../shared/preparation/fitted.ts';
import { type ColumnSummary, SIDES, type Side } from '../../../shared/preparation/result.ts';
import { SEPARATOR } from './read/cell-format.ts';
import type { Session } from './session.ts';
import { isCategorical, isValue, type Plan, type PlannedColumn } from './sql/plan.ts';
import { TEST, TRAIN, VALIDATION } from './sql/split-sql.ts';
import { identifier, type Named, text } from './sql/sql-text.ts';
import { ALIVE, derivedName, featureName, withDerived, withFeatures } from './sql/treated-sql.ts';

const NUMBER: Readonly<Record<Side, number>> = { train: TRAIN, validation: VALIDATION, test: TEST };
const CSV = '(FORMAT csv, HEADER false)';
const LINES = `(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER ${text(SEPARATOR)})`;
const PARQUET = '(FORMAT parquet, COMPRESSION snappy)';
/** Beyond it a double is not each whole number. */
const LARGEST_WHOLE = 2 ** 53;

const alive = (side: Side): string => `${ALIVE} AND side = ${NUMBER[side]}`;

export const ROW_FILES: readonly string[] = [
  'train/data.csv',
  'validation/data.csv',
  'test/features.csv',
  'test/labels.csv',
  'test/records.csv',
  ...SIDES.map((side) => `parquet/${side}.parquet`),
];

/** Writes them into the directory. */
export async function writeOutputs(
  session: Session,
  plan: Plan,
  fitted: Fitted,
  summaries: readonly ColumnSummary[],
  directory: string,
): Promise<void> {
  const isWhole = await wholeColumns(session, plan, fitted, summaries);
  const target = {
    name: 'target',
    sql: plain('target', isCategorical(plan.target) || isWhole(`v${plan.target.at}`)),
  };
  const features = plan.features.map((feature, at): Named => {
    const source = feature.kind === 'derived' ? derivedName(feature.derived) : `v${feature.at}`;
    const double =
      (feature.kind === 'derived' || (feature.kind === 'column' && isValue(plan.columns[feature.at]!))) &&
      !feature.bucket;
    const name = featureName(at);
    return { name, sql: plain(name, double && !feature.scale && isWhole(source)) };
  });
  const rows = (side: Side, columns: readonly Named[]) =>
    withFeatures(plan, fitted).select(columns, alive(side));
  const files: [name: string, query: string, options: string][] = [
    ['train/data.csv', rows('train', [target, ...features]), CSV],
    ['validation/data.csv', rows('validation', [target, ...features]), CSV],
    ['test/features.csv', rows('test', features), CSV],
    ['test/labels.csv', rows('test', [target]), CSV],
    ['test/records.csv', `SELECT record FROM rows WHERE ${alive('test')}`, LINES],
    ...SIDES.map((side): [string, string, string] => [
      `parquet/${side}.parquet`,
      withDerived(plan, fitted).select(cleanColumns(plan, isWhole), alive(side)),
      PARQUET,
    ]),
  ];
  for (const folder of [...SIDES, 'parquet']) mkdirSync(join(directory, folder), { recursive: true });
  for (const [name, query, options] of files)
    await session.run(`COPY (${query}) TO ${text(join(directory, name))} ${options}`);
}

/** Whole numbers are written without a point. */
const plain = (sql: string, isWhole: boolean): string => (isWhole ? `CAST(${sql} AS BIGINT)` : sql);

function cleanColumns(plan: Plan, isWhole: (value: string) => boolean): readonly Named[] {
  return [
    ...plan.columns.map((column): Named => ({ name: identifier(column.name), sql: clean(column, isWhole) })),
    ...plan.derived.map(({ name }, at): Named => ({ name: identifier(name), sql: derivedName(at) })),
  ];
}

function clean({ at, column }: PlannedColumn, isWhole: (value: string) => boolean): string {
  const value = `v${at}`;
  if (column.type === 'date') return `make_timestamp(CAST(${value} AS BIGINT) * 1000)`;
  // A clipped integer may lie on a fence between two.
  return column.type === 'integer' ? plain(value, isWhole(value)) : value;
}

/** Of a date or integer all values are, unless a bound that they were clipped to is none. */
const isSurelyWhole = ({ reader, column }: PlannedColumn): boolean =>
  reader.kind === 'date' || (reader.kind === 'integer' && reader.outside !== 'clip' && !column.outliers);

/** Which values are whole numbers in every row; `summaries` are of the train rows. */
async function wholeColumns(
  session: Session,
  plan: Plan,
  fitted: Fitted,
  summaries: readonly ColumnSummary[],
): Promise<(value: string) => boolean> {
  const isKnown = new Set(plan.columns.filter(isSurelyWhole).map(({ at }) => `v${at}`));
  const values = summaries.flatMap((summary, at) => {
    if (summary.kind === 'text' || !summary.integral) return [];
    const value = at < plan.columns.length ? `v${at}` : derivedName(at - plan.columns.length);
    return isKnown.has(value) ? [] : [value];
  });
  if (values.length === 0) return (value) => isKnown.has(value);
  const row = await session.row(
    withDerived(plan, fitted).select(
      values.map((value) => ({
        name: `is_${value}`,
        sql: `coalesce(bool_and(trunc(${value}) = ${value} AND abs(${value}) < ${LARGEST_WHOLE}), true)`,
      })),
      ALIVE,
    ),
  );
  const whole = new Set([...isKnown, ...values.filter((_, at) => row[at] === true)]);
  return (value) => whole.has(value);
}
