/** The files of a dataset version that hold its rows. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Feature } from '../../../shared/contracts/data-layout.ts';
import type { Fitted } from '../../../shared/preparation/fitted.ts';
import { SIDES, type Side } from '../../../shared/preparation/result.ts';
import { count } from './fit.ts';
import { SEPARATOR } from './read/cell-format.ts';
import { allOf, type Session } from './session.ts';
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

/** Writes them into the directory. Those with features wait for the scales where they hold scaled ones. */
export async function writeOutputs(
  session: Session,
  plan: Plan,
  fitted: Fitted,
  scales: Promise<Fitted['features']>,
  directory: string,
): Promise<void> {
  for (const folder of [...SIDES, 'parquet']) mkdirSync(join(directory, folder), { recursive: true });
  const isWhole = await wholeColumns(session, plan, fitted);
  await allOf([
    writeClean(await session.beside(), plan, fitted, isWhole, directory),
    writeFeatures(session, plan, fitted, scales, isWhole, directory),
  ]);
}

type IsWhole = (value: string) => boolean;

async function writeClean(
  session: Session,
  plan: Plan,
  fitted: Fitted,
  isWhole: IsWhole,
  directory: string,
): Promise<void> {
  for (const side of SIDES) {
    const rows = withDerived(plan, fitted).select(cleanColumns(plan, isWhole), alive(side));
    await copy(session, rows, join(directory, 'parquet', `${side}.parquet`), PARQUET);
  }
  const records = `SELECT record FROM rows WHERE ${alive('test')}`;
  await copy(session, records, join(directory, 'test/records.csv'), LINES);
}

async function writeFeatures(
  session: Session,
  plan: Plan,
  fitted: Fitted,
  scales: Promise<Fitted['features']>,
  isWhole: IsWhole,
  directory: string,
): Promise<void> {
  const complete: Fitted = { ...fitted, features: plan.features.some(isFitted) ? await scales : {} };
  const target = {
    name: 'target',
    sql: plain('target', isCategorical(plan.target) || isWhole(`v${plan.target.at}`)),
  };
  const features = featureColumns(plan, isWhole);
  const write = (name: string, side: Side, columns: readonly Named[]) =>
    copy(
      session,
      withFeatures(plan, complete).select(columns, alive(side)),
      join(directory, side, name),
      CSV,
    );
  await write('data.csv', 'train', [target, ...features]);
  await write('data.csv', 'validation', [target, ...features]);
  await write('features.csv', 'test', features);
  await write('labels.csv', 'test', [target]);
}

const copy = (session: Session, query: string, path: string, options: string): Promise<void> =>
  session.run(`COPY (${query}) TO ${text(path)} ${options}`);

const isFitted = (feature: Feature): boolean =>
  (feature.kind === 'column' || feature.kind === 'derived') &&
  (feature.scale === 'standard' || feature.scale === 'min-max');

function featureColumns(plan: Plan, isWhole: IsWhole): readonly Named[] {
  return plan.features.map((feature, at): Named => {
    const source = feature.kind === 'derived' ? derivedName(feature.derived) : `v${feature.at}`;
    const double =
      (feature.kind === 'derived' || (feature.kind === 'column' && isValue(plan.columns[feature.at]!))) &&
      !feature.bucket;
    const name = featureName(at);
    return { name, sql: plain(name, double && !feature.scale && isWhole(source)) };
  });
}

/** Whole numbers are written without a point. */
const plain = (sql: string, isWhole: boolean): string => (isWhole ? `CAST(${sql} AS BIGINT)` : sql);

function cleanColumns(plan: Plan, isWhole: IsWhole): readonly Named[] {
  return [
    ...plan.columns.map((column): Named => ({ name: identifier(column.name), sql: clean(column, isWhole) })),
    ...plan.derived.map(({ name }, at): Named => ({ name: identifier(name), sql: derivedName(at) })),
  ];
}

function clean({ at, column }: PlannedColumn, isWhole: IsWhole): string {
  const value = `v${at}`;
  if (column.type === 'date') return `make_timestamp(CAST(${value} AS BIGINT) * 1000)`;
  // A clipped integer may lie on a fence between two.
  return column.type === 'integer' ? plain(value, isWhole(value)) : value;
}

/** Of a date or integer all values are, unless a bound that they were clipped to is none. */
const isSurelyWhole = ({ reader, column }: PlannedColumn): boolean =>
  reader.kind === 'date' || (reader.kind === 'integer' && reader.outside !== 'clip' && !column.outliers);

/** Rows that tell of most columns that they are not whole. */
const FEW = 10_000;

/** Which values are whole numbers in every row. */
async function wholeColumns(session: Session, plan: Plan, fitted: Fitted): Promise<IsWhole> {
  const values = plan.columns.filter(isValue);
  const known = values.filter(isSurelyWhole).map(({ at }) => `v${at}`);
  const doubtful = [
    ...values.filter((column) => !isSurelyWhole(column)).map(({ at }) => `v${at}`),
    ...plan.derived.map((_, at) => derivedName(at)),
  ];
  const few = await wholeAmong(session, plan, fitted, doubtful, `${ALIVE} AND rowid < ${FEW}`);
  const isSure = (await count(session, `rowid >= ${FEW}`)) === 0;
  const whole = new Set([...known, ...(isSure ? few : await wholeAmong(session, plan, fitted, few, ALIVE))]);
  return (value) => whole.has(value);
}

async function wholeAmong(
  session: Session,
  plan: Plan,
  fitted: Fitted,
  values: readonly string[],
  where: string,
): Promise<readonly string[]> {
  if (values.length === 0) return [];
  const row = await session.row(
    withDerived(plan, fitted).select(
      values.map((value) => ({
        name: `is_${value}`,
        sql: `coalesce(bool_and(trunc(${value}) = ${value} AND abs(${value}) < ${LARGEST_WHOLE}), true)`,
      })),
      where,
    ),
  );
  return values.filter((_, at) => row[at] === true);
}
