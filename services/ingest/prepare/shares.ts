/** The share that each of the specification's checks looks at, over the rows alive at the end, as they were cleaned
 * one by one (what is filled was not there). */

import { dateOf } from '../../../shared/contracts/date-text.ts';
import type { DataSpecification } from '../../../shared/contracts/pipeline-specification.ts';
import { type QualityCheck, qualityChecks } from '../../../shared/contracts/quality-checks.ts';
import type { Session } from './session.ts';
import { columnNamed, isCategorical, type Plan, type PlannedColumn } from './sql/plan.ts';
import { double, text } from './sql/sql-text.ts';
import { ALIVE, wasMissing } from './sql/treated-sql.ts';

export async function sharesOf(
  session: Session,
  plan: Plan,
  near: { readonly found: number; readonly rows: number },
): Promise<readonly (number | null)[]> {
  const shares: (number | null)[] = [];
  for (const check of qualityChecks(plan.data)) shares.push(await shareOf(session, plan, check, near));
  return shares;
}

async function shareOf(
  session: Session,
  plan: Plan,
  check: QualityCheck,
  near: { readonly found: number; readonly rows: number },
): Promise<number | null> {
  switch (check.check) {
    case 'completeness': {
      const column = columnNamed(plan, check.column);
      return ratio(session, `count(*) FILTER (NOT ${wasMissing(column)})`, 'count(*)');
    }
    case 'uniqueness': {
      const values = check.columns.map((name) => `v${columnNamed(plan, name).at}`);
      return ratio(session, `count(DISTINCT row(${values.join(', ')}))`, 'count(*)');
    }
    case 'allowed-values': {
      const column = columnNamed(plan, check.column);
      const value = `v${column.at}`;
      const allowed = check.values.map((one) => literalOf(column, one));
      return ratio(session, `count(*) FILTER (${value} IN (${allowed.join(', ')}))`, `count(${value})`);
    }
    case 'label-balance':
      return rarest(session, plan);
    case 'near-duplicates':
      return near.rows === 0 ? 0 : near.found / near.rows;
    case 'schema-change':
      return null;
  }
}

/** 1 where there is nothing to look at. */
async function ratio(session: Session, some: string, all: string): Promise<number> {
  const [found, of] = await session.row(`SELECT ${some}, ${all} FROM rows WHERE ${ALIVE}`);
  return Number(of) === 0 ? 1 : Number(found) / Number(of);
}

function literalOf({ column }: PlannedColumn, value: string | number): string {
  if (column.type === 'text') return text(String(value));
  return double(column.type === 'date' ? dateOf(String(value).trim(), ['YYYY-MM-DD']) : Number(value));
}

/** Of the classes that are declared or found. */
async function rarest(session: Session, plan: Plan): Promise<number> {
  const { target } = plan;
  const value = `v${target.at}`;
  const [least, all, classes] = await session.row(
    `SELECT min(times), CAST(sum(times) AS BIGINT), count(*) FROM (SELECT count(*) AS times FROM rows WHERE ${ALIVE} GROUP BY ${value})`,
  );
  if (Number(all) === 0) return 0;
  const declared =
    isCategorical(target) && target.reader.kind === 'text' ? target.reader.categories.length : 0;
  return Number(classes) < declared ? 0 : Number(least) / Number(all);
}

/** Whether the gate of near-duplicates is declared. */
export const asksForNearDuplicates = (data: DataSpecification): boolean =>
  qualityChecks(data).some(({ check }) => check === 'near-duplicates');
