/** Step 2 of the contract: of rows that are equal one stays. */
import type { Session } from './session.ts';
import { DUPLICATE } from './sql/fault.ts';
import { columnNamed, type Plan } from './sql/plan.ts';
import { ALIVE } from './sql/treated-sql.ts';

export async function dropDuplicates(session: Session, plan: Plan): Promise<void> {
  const { duplicates } = plan.data;
  if (duplicates === 'keep') return;
  const later = duplicates === 'drop' ? equalRows(plan) : olderRows(plan, duplicates);
  await session.run(
    `UPDATE rows SET f = ${DUPLICATE} WHERE rowid IN (SELECT place FROM (${later}) WHERE number > 1)`,
  );
}

/** All but the first of equal rows. Only rows whose hash comes twice are compared: hardly any, as a rule. */
function equalRows({ columns }: Plan): string {
  const values = columns.map(({ at }) => `v${at}`).join(', ');
  const twice = `SELECT h FROM rows WHERE ${ALIVE} GROUP BY h HAVING count(*) > 1`;
  return `SELECT rowid AS place, row_number() OVER (PARTITION BY ${values} ORDER BY rowid) AS number FROM rows WHERE ${ALIVE} AND h IN (${twice})`;
}

function olderRows(
  plan: Plan,
  { key, newest }: { readonly key: readonly string[]; readonly newest?: string },
): string {
  const keys = key.map((name) => `v${columnNamed(plan, name).at}`).join(', ');
  const age = newest === undefined ? '' : `v${columnNamed(plan, newest).at} DESC NULLS LAST, `;
  return `SELECT rowid AS place, row_number() OVER (PARTITION BY ${keys} ORDER BY ${age}rowid DESC) AS number FROM rows WHERE ${ALIVE}`;
}
