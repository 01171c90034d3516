/** What the train rows alive at the end are like: statistics, the reference for drift, scales, correlations. */
import type { Fitted, FittedScale } from '../../../shared/preparation/fitted.ts';
import {
  type ColumnSummary,
  MOST_CORRELATED,
  type NumberSummary,
  type PreparedResult,
  type ReferenceColumn,
  TOP_VALUES,
} from '../../../shared/preparation/result.ts';
import { ALIVE_IN_TRAIN, columnValue, count, derivedColumn, scaleOf } from './fit.ts';
import type { Session } from './session.ts';
import { categoryType } from './sql/clean-sql.ts';
import { isCategorical, isValue, type Plan, type PlannedColumn } from './sql/plan.ts';
import { Levels, type Named } from './sql/sql-text.ts';
import { withDerived } from './sql/treated-sql.ts';
import { countsBetween, distinctOf, histogramOf, momentsOf, quantileEdges } from './statistics/column.ts';
import { Correlations } from './statistics/correlations.ts';
import { columnsAtOnce, type Sorted, sortedColumns } from './statistics/sorted-columns.ts';

export interface Summaries {
  readonly columns: readonly ColumnSummary[];
  readonly reference: readonly ReferenceColumn[];
  readonly scales: Readonly<Record<string, FittedScale>>;
  readonly correlations: PreparedResult['correlations'];
}

export async function summarize(session: Session, plan: Plan, fitted: Fitted): Promise<Summaries> {
  const rows = await count(session, ALIVE_IN_TRAIN);
  const treated = (selected: readonly Named[]) => withDerived(plan, fitted).select(selected, ALIVE_IN_TRAIN);
  const raw = (selected: readonly Named[]) => new Levels('rows', []).select(selected, ALIVE_IN_TRAIN);

  const summaries = new Map<string, ColumnSummary>();
  const references = new Map<string, ReferenceColumn>();
  const scales: Record<string, FittedScale> = {};
  const names = [...plan.columns, ...plan.derived].map(({ name }) => name);
  const numbers = [
    ...plan.columns.filter(isValue).map((column) => ({ at: column.at, selected: columnValue(column) })),
    ...plan.derived.map((_, at) => ({ at: plan.columns.length + at, selected: derivedColumn(at) })),
  ];
  const selected = numbers.map((number) => number.selected);
  const correlated = selected.slice(0, MOST_CORRELATED);
  const correlations = new Correlations(correlated.length);
  const isOnePass = selected.length <= columnsAtOnce(rows);
  const observe = (chunk: readonly Float64Array[]) => correlations.add(chunk.slice(0, MOST_CORRELATED));
  let next = 0;
  for await (const [, sorted] of sortedColumns(
    session,
    selected,
    rows,
    treated,
    isOnePass ? observe : undefined,
  )) {
    const { at } = numbers[next++]!;
    const name = names[at]!;
    summaries.set(name, numberSummary(name, sorted, rows));
    for (const { feature, scale } of scaled(plan, at)) scales[feature] = scaleOf(scale, sorted);
    if (isReferred(plan, at) && !isTreated(plan, fitted, at))
      references.set(name, referenceOf(name, sorted, rows));
  }
  if (!isOnePass) for await (const chunk of session.doubles(treated(correlated))) correlations.add(chunk);
  const apart = plan.columns.filter(
    (column) => column !== plan.target && isValue(column) && isTreated(plan, fitted, column.at),
  );
  next = 0;
  for await (const [, sorted] of sortedColumns(session, apart.map(columnValue), rows, raw)) {
    const { name } = apart[next++]!;
    references.set(name, referenceOf(name, sorted, rows));
  }
  for (const column of plan.columns.filter((one) => one !== plan.target && isCategorical(one)))
    references.set(column.name, referenceOf(column.name, await positionsOf(session, column), rows));
  for (const column of plan.columns.filter((one) => !isValue(one)))
    summaries.set(column.name, await textSummary(session, plan, fitted, column, rows));

  const columns = names.map((name) => summaries.get(name)!);
  return {
    columns,
    reference: plan.columns.flatMap(({ name }) => references.get(name) ?? []),
    scales,
    correlations: {
      names: numbers.slice(0, MOST_CORRELATED).map(({ at }) => names[at]!),
      r: correlations.matrix(),
    },
  };
}

const isReferred = ({ columns, target }: Plan, at: number): boolean =>
  at < columns.length && at !== target.at;

/** Whether outliers or fills may have changed its values. */
function isTreated({ columns }: Plan, fitted: Fitted, at: number): boolean {
  const { low, fill } = fitted.columns[columns[at]!.name] ?? {};
  return fill !== undefined || (low !== undefined && columns[at]!.column.outliers?.then !== 'quarantine');
}

/** The positions of a text's canonical names, ascending; any other text has none. */
async function positionsOf(session: Session, { at }: PlannedColumn): Promise<Sorted> {
  const position = `enum_code(TRY_CAST(v${at} AS ${categoryType(at)}))`;
  const counts = await session.rows(
    `SELECT ${position}, count(*) FROM rows WHERE ${ALIVE_IN_TRAIN} AND ${position} IS NOT NULL GROUP BY 1 ORDER BY 1`,
  );
  const positions = new Float64Array(counts.reduce((sum, [, times]) => sum + Number(times), 0));
  let from = 0;
  for (const [value, times] of counts) {
    positions.fill(Number(value), from, from + Number(times));
    from += Number(times);
  }
  return positions;
}

function scaled(plan: Plan, at: number): readonly { feature: string; scale: 'standard' | 'min-max' }[] {
  return plan.features.flatMap((feature) => {
    if (feature.kind !== 'column' && feature.kind !== 'derived') return [];
    const place = feature.kind === 'column' ? feature.at : plan.columns.length + feature.derived;
    const { scale, name } = feature;
    return place === at && (scale === 'standard' || scale === 'min-max') ? [{ feature: name, scale }] : [];
  });
}

function numberSummary(name: string, sorted: Sorted, rows: number): NumberSummary {
  return {
    kind: 'number',
    name,
    present: sorted.length,
    missing: rows - sorted.length,
    integral: sorted.every(Number.isInteger),
    ...momentsOf(sorted),
    minimum: sorted[0] ?? 0,
    maximum: sorted.at(-1) ?? 0,
    distinct: distinctOf(sorted),
    histogram: histogramOf(sorted),
  };
}

function referenceOf(name: string, sorted: Sorted, rows: number): ReferenceColumn {
  const edges = quantileEdges(sorted);
  return { name, edges, counts: countsBetween(sorted, edges), missing: rows - sorted.length };
}

async function textSummary(
  session: Session,
  plan: Plan,
  fitted: Fitted,
  { name, at }: PlannedColumn,
  rows: number,
): Promise<ColumnSummary> {
  const values = withDerived(plan, fitted).select([{ name: 'value', sql: `v${at}` }], ALIVE_IN_TRAIN);
  const top = await session.rows(
    `SELECT value, count(*) AS times, CAST(count(*) OVER () AS BIGINT), CAST(sum(count(*)) OVER () AS BIGINT) FROM (${values}) WHERE value IS NOT NULL GROUP BY value ORDER BY times DESC, value LIMIT ${TOP_VALUES}`,
  );
  const present = Number(top[0]?.[3] ?? 0);
  return {
    kind: 'text',
    name,
    present,
    missing: rows - present,
    distinct: Number(top[0]?.[2] ?? 0),
    top: top.map(([value, times]) => ({ value: String(value), count: Number(times) })),
  };
}
