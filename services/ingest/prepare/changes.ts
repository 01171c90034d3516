/** What cleaning did to each column, over the rows alive at the end, whatever their side. */

import type { ColumnReader } from '../../../shared/preparation/column-reader.ts';
import type { Fitted } from '../../../shared/preparation/fitted.ts';
import type { ColumnChanges } from '../../../shared/preparation/result.ts';
import type { Session } from './session.ts';
import { EVENT } from './sql/clean-sql.ts';
import type { Plan, PlannedColumn } from './sql/plan.ts';
import { ALIVE, afterOutliers } from './sql/treated-sql.ts';

const KINDS = ['blank', 'canonicalised', 'nulled', 'clipped', 'filled'] as const;
type Kind = (typeof KINDS)[number];

export async function countChanges(
  session: Session,
  plan: Plan,
  fitted: Fitted,
): Promise<readonly ColumnChanges[]> {
  const counted = plan.columns.flatMap((column) =>
    KINDS.flatMap((kind) => {
      const condition = conditionOf(kind, column, fitted);
      return condition === undefined ? [] : [{ column, kind, condition }];
    }),
  );
  const changes = plan.columns.map(({ name }): Record<Kind, number> & { name: string } => ({
    name,
    blank: 0,
    canonicalised: 0,
    nulled: 0,
    clipped: 0,
    filled: 0,
  }));
  if (counted.length === 0) return changes;
  const row = await session.row(
    afterOutliers(plan, fitted).select(
      counted.map(({ condition }, at) => ({ name: `k${at}`, sql: `count(*) FILTER (${condition})` })),
      ALIVE,
    ),
  );
  for (const [at, { column, kind }] of counted.entries()) changes[column.at]![kind] = Number(row[at]);
  return changes;
}

function conditionOf(
  kind: Kind,
  { name, at, column, reader, eventful }: PlannedColumn,
  fitted: Fitted,
): string | undefined {
  const { low, fill } = fitted.columns[name] ?? {};
  const then = low === undefined ? undefined : column.outliers?.then;
  if (kind === 'blank') return blankSql(reader, eventful, then === 'null');
  const constant = typeof reader.missing === 'object';
  const conditions = [
    ...(eventful ? [`(e${at} & ${EVENT[kind]}) <> 0`] : []),
    ...((kind === 'nulled' && then === 'null') || (kind === 'clipped' && then === 'clip') ? [`o${at}`] : []),
    ...(kind === 'filled' && fill !== undefined ? [`v${at} IS NULL`] : []),
    ...(kind === 'filled' && constant && then === 'null' ? [`o${at}`] : []),
  ];
  return conditions.length === 0 ? undefined : conditions.join(' OR ');
}

/** Missing as it came; undefined where such a row is put aside. */
function blankSql({ at, missing }: ColumnReader, eventful: boolean, nulled: boolean): string | undefined {
  if (missing === 'quarantine' || missing === 'drop') return undefined;
  if (eventful) return `(e${at} & ${EVENT.missing + EVENT.nulled}) = ${EVENT.missing}`;
  return nulled ? `v${at} IS NULL AND NOT o${at}` : `v${at} IS NULL`;
}
