/** What is fitted on the train rows that are alive at that step: sides by time, fences, fills, scales. */
import type { Fitted, FittedColumn, FittedScale } from '../../../shared/preparation/fitted.ts';
import { Rejection } from './read/rejection.ts';
import type { Session } from './session.ts';
import { isReadable } from './sql/clean-sql.ts';
import { columnNamed, isValue, type Plan, type PlannedColumn } from './sql/plan.ts';
import { TEST, TRAIN, VALIDATION } from './sql/split-sql.ts';
import { double, firstOf, Levels, type Named, whole } from './sql/sql-text.ts';
import {
  ALIVE,
  afterOutliers,
  derivedFault,
  derivedName,
  outlierFault,
  withDerived,
  withOutliers,
} from './sql/treated-sql.ts';
import { type Fences, fencesOf, medianOf, modeOf, momentsOf, roundedAway } from './statistics/column.ts';
import { type NamedColumn, type Sorted, sortedColumns } from './statistics/sorted-columns.ts';

export const ALIVE_IN_TRAIN = `${ALIVE} AND side = ${TRAIN}`;
const NOTHING: Fitted = { formatVersion: 1, columns: {}, features: {} };

/** Puts aside what the later steps put aside, and answers what was fitted but the scales. Throws Rejection where there
 * is nothing to fit on. */
export async function fitRows(session: Session, plan: Plan): Promise<Fitted> {
  const split = await splitByTime(session, plan);
  const fenced = await fitFences(session, plan, { ...NOTHING, ...split });
  const filled = await fitFills(session, plan, fenced);
  const fault = derivedFault(plan, isReadable);
  if (fault !== undefined) await putAside(session, withDerived(plan, filled), fault);
  return filled;
}

async function splitByTime(session: Session, plan: Plan): Promise<Pick<Fitted, 'split'>> {
  const { split } = plan.data;
  if (split.by !== 'time') return {};
  const { at } = columnNamed(plan, split.column ?? '');
  const rows = await count(session, ALIVE);
  const value = { name: 'value', sql: `v${at}` };
  const sorted = await onlyColumn(
    session,
    value,
    rows,
    ([named]) => `SELECT ${named!.sql} FROM rows WHERE ${ALIVE}`,
  );
  const begins = (share: number): number | null =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
  const validation = begins(1 - split.test - split.validation);
  const test = begins(1 - split.test);
  const side = firstOf(
    [
      ...(test === null ? [] : [[`v${at} >= ${double(test)}`, whole(TEST)] as const]),
      ...(validation === null ? [] : [[`v${at} >= ${double(validation)}`, whole(VALIDATION)] as const]),
    ],
    whole(TRAIN),
  );
  await session.run(`UPDATE rows SET side = ${side}`);
  return { split: { validation, test } };
}

async function fitFences(session: Session, plan: Plan, fitted: Fitted): Promise<Fitted> {
  const columns = plan.columns.filter(({ column }) => column.outliers);
  if (columns.length === 0) return fitted;
  const found: Record<string, FittedColumn> = {};
  const rows = await count(session, ALIVE_IN_TRAIN);
  const values = columns.map(columnValue);
  const query = (selected: readonly Named[]) => new Levels('rows', []).select(selected, ALIVE_IN_TRAIN);
  let at = 0;
  for await (const [, sorted] of sortedColumns(session, values, rows, query)) {
    const { name, column } = columns[at++]!;
    const { method, factor } = column.outliers!;
    const fences = fencesOf(sorted, method, factor ?? 0);
    if (fences) found[name] = column.type === 'integer' ? inwards(fences) : fences;
  }
  const fenced = { ...fitted, columns: found };
  const fault = outlierFault(plan, fenced);
  if (fault !== undefined) await putAside(session, withOutliers(plan, fenced), fault);
  return fenced;
}

const inwards = ({ low, high }: Fences): Fences => ({ low: Math.ceil(low) + 0, high: Math.floor(high) + 0 });

const FITTED_FILLS = ['mean', 'median', 'mode'];

async function fitFills(session: Session, plan: Plan, fitted: Fitted): Promise<Fitted> {
  const columns = plan.columns.filter(({ column }) => FITTED_FILLS.includes(String(column.missing)));
  if (columns.length === 0) return fitted;
  const fills = new Map<string, number | string>();
  const values = columns.filter(isValue);
  const rows = await count(session, ALIVE_IN_TRAIN);
  const query = (selected: readonly Named[]) => afterOutliers(plan, fitted).select(selected, ALIVE_IN_TRAIN);
  let at = 0;
  for await (const [, sorted] of sortedColumns(session, values.map(columnValue), rows, query)) {
    const column = values[at++]!;
    fills.set(column.name, fillOf(column, sorted));
  }
  for (const column of columns.filter((one) => !isValue(one)))
    fills.set(column.name, await textMode(session, column));
  const merged = plan.columns.flatMap(({ name }): [string, FittedColumn][] => {
    const fill = fills.get(name);
    const known = fitted.columns[name];
    return fill === undefined && !known
      ? []
      : [[name, { ...known, ...(fill === undefined ? {} : { fill }) }]];
  });
  return { ...fitted, columns: Object.fromEntries(merged) };
}

function fillOf({ name, column }: PlannedColumn, sorted: Sorted): number {
  if (sorted.length === 0) refuseFill(name);
  if (column.missing === 'mode') return modeOf(sorted);
  const value = column.missing === 'mean' ? momentsOf(sorted).mean : medianOf(sorted);
  return column.type === 'number' ? value + 0 : roundedAway(value);
}

async function textMode(session: Session, { name, at }: PlannedColumn): Promise<string> {
  const value = `v${at}`;
  const [most] = await session.rows(
    `SELECT ${value} FROM rows WHERE ${ALIVE_IN_TRAIN} AND ${value} IS NOT NULL GROUP BY ${value} ORDER BY count(*) DESC, ${value} LIMIT 1`,
  );
  return most ? String(most[0]) : refuseFill(name);
}

function refuseFill(name: string): never {
  throw new Rejection(
    `the column "${name}" has no value in any training row, so that nothing can fill its missing ones; set "missing" to another rule`,
  );
}

/** Scales are fitted on the values that the summaries are made of. */
export function scaleOf(scale: 'standard' | 'min-max', sorted: Sorted): FittedScale {
  if (scale === 'min-max') return { minimum: sorted[0] ?? 0, maximum: sorted.at(-1) ?? 0 };
  const { mean, deviation } = momentsOf(sorted);
  return { mean, deviation };
}

/** Gives rows that are alive the fault that `fault` finds in them. */
async function putAside(session: Session, levels: Levels, fault: string): Promise<void> {
  const found = levels.select(
    [
      { name: 'rowid', sql: 'rowid' },
      { name: 'found', sql: fault },
    ],
    ALIVE,
  );
  await session.run(
    `UPDATE rows SET f = faults.found FROM (SELECT rowid AS place, found FROM (${found}) WHERE found IS NOT NULL) AS faults WHERE rows.rowid = faults.place`,
  );
}

export async function count(session: Session, where: string): Promise<number> {
  const [rows] = await session.row(`SELECT count(*) FROM rows WHERE ${where}`);
  return Number(rows);
}

async function onlyColumn(
  session: Session,
  column: NamedColumn,
  rows: number,
  query: (selected: readonly NamedColumn[]) => string,
): Promise<Sorted> {
  for await (const [, sorted] of sortedColumns(session, [column], rows, query)) return sorted;
  return new Float64Array();
}

export const columnValue = ({ at }: PlannedColumn): NamedColumn => ({ name: `v${at}`, sql: `v${at}` });
export const derivedColumn = (at: number): NamedColumn => ({ name: derivedName(at), sql: derivedName(at) });
