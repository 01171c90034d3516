import type { Fitted } from '../../../shared/preparation/fitted.ts';
import type { Session } from './session.ts';
import type { Plan } from './sql/plan.ts';
import { TRAIN } from './sql/split-sql.ts';
import { ALIVE, featureName, withFeatures } from './sql/treated-sql.ts';

/** Distinct test and validation rows whose features, each rounded to 3 significant digits, are those of a train row. */
export async function nearDuplicates(session: Session, plan: Plan, fitted: Fitted): Promise<number> {
  const rounded = plan.features.map(
    (_, at) => `coalesce(three_digits(CAST(${featureName(at)} AS DOUBLE)), '')`,
  );
  const keys = withFeatures(plan, fitted).select(
    [
      { name: 'side', sql: 'side' },
      { name: 'key', sql: `md5_number(concat_ws(',', ${rounded.join(', ')}))` },
    ],
    ALIVE,
  );
  const [near] = await session.row(
    `WITH keys AS (${keys}) SELECT count(DISTINCT key) FROM keys WHERE side <> ${TRAIN} AND key IN (SELECT key FROM keys WHERE side = ${TRAIN})`,
  );
  return Number(near);
}
