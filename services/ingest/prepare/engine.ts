/** The DuckDB engine: the steps of docs/data.md over all rows, from the file of cells to the files of a dataset. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fitted } from '../../../shared/preparation/fitted.ts';
import {
  type PartResult,
  type PreparedResult,
  SIDES,
  type Side,
  TOP_VALUES,
} from '../../../shared/preparation/result.ts';
import { countChanges } from './changes.ts';
import { dropDuplicates } from './duplicates.ts';
import { fitRows } from './fit.ts';
import { nearDuplicates } from './near-duplicates.ts';
import { ROW_FILES, writeOutputs } from './outputs.ts';
import { gather, goneByPart, writeQuarantine } from './quarantine.ts';
import type { AsideFile } from './read/aside-file.ts';
import type { Cells } from './read/cell-file.ts';
import type { PartFacts } from './read/part-reader.ts';
import { allOf, type Session } from './session.ts';
import { asksForNearDuplicates, sharesOf } from './shares.ts';
import { categoryType } from './sql/clean-sql.ts';
import { isCategorical, type Plan } from './sql/plan.ts';
import { ALIVE } from './sql/treated-sql.ts';
import { summarize } from './summaries.ts';

export const QUARANTINE = 'quarantine.jsonl';
export const RESULT = 'result.json';
const FITTED = 'fitted.json';
/** All that the engine writes. */
export const DATASET_FILES: readonly string[] = [...ROW_FILES, QUARANTINE, FITTED, RESULT];

export interface EngineInput {
  readonly plan: Plan;
  readonly cells: readonly Cells[];
  readonly aside: AsideFile;
  /** In the order of parts. */
  readonly parts: readonly PartFacts[];
  readonly directory: string;
}

/** Cleans the rows, each of which is clean by itself, together; what is put aside is in the table `gone`. Throws
 * Rejection where there is nothing to fit on. */
export async function cleanTogether(session: Session, { plan, cells, aside }: EngineInput): Promise<Fitted> {
  try {
    await dropDuplicates(session, plan);
    return await fitRows(session, plan);
  } finally {
    await gather(session, plan, cells, aside);
    // Nobody reads them any more, and the files of a large dataset want the room.
    for (const { path } of cells) rmSync(path);
  }
}

/** Writes the files of the dataset; answers what is known of it. `result.json` and `fitted.json` are among them. */
export async function writeDataset(
  session: Session,
  { plan, parts, directory }: EngineInput,
  fitted: Fitted,
  counted: RowCounts & Pick<PreparedResult, 'rules'>,
): Promise<PreparedResult> {
  const summarizing = summarize(session, plan, fitted);
  const scaling = summarizing.then(({ scales }) => scales);
  // Where nothing is scaled nobody waits for them, and a failure is the summaries'.
  scaling.catch(() => undefined);
  const writing = writeOutputs(await session.beside(), plan, fitted, scaling, directory);
  const [{ columns, reference, scales, correlations }] = await allOf([summarizing, writing]);
  const complete: Fitted = { ...fitted, features: scales };
  const { rows } = counted;
  const near = asksForNearDuplicates(plan.data) ? await nearDuplicates(session, plan, complete) : undefined;
  const shares = await sharesOf(session, plan, { found: near ?? 0, rows: rows.validation + rows.test });
  const classes = await classCounts(session, plan);
  const result: PreparedResult = {
    formatVersion: 1,
    kind: 'prepared',
    engine: 'duckdb',
    ...counted,
    features: plan.features.map(({ name }) => name),
    columns,
    reference,
    changes: await countChanges(session, plan, complete),
    correlations,
    ...(near === undefined ? {} : { nearDuplicates: near }),
    ...(shares.length > 0 ? { shares } : {}),
    ...(classes ? { classes } : {}),
  };
  await writeQuarantine(
    session,
    parts.map(({ key }) => key),
    join(directory, QUARANTINE),
  );
  writeFileSync(join(directory, FITTED), `${JSON.stringify(complete)}\n`);
  writeFileSync(join(directory, RESULT), `${JSON.stringify(result)}\n`);
  return result;
}

export type RowCounts = Pick<
  PreparedResult,
  'parts' | 'rows' | 'quarantined' | 'dropped' | 'duplicates' | 'fresh'
>;

export async function countRows(session: Session, parts: readonly PartFacts[]): Promise<RowCounts> {
  const gone = await goneByPart(session);
  const counted = parts.map(
    ({ fresh: _, ...part }, at): PartResult => ({
      ...part,
      ...(gone.get(at) ?? { quarantined: 0, dropped: 0, duplicates: 0 }),
    }),
  );
  const sides = await session.rows(`SELECT side, count(*) FROM rows WHERE ${ALIVE} GROUP BY side`);
  const bySide = new Map(sides.map(([side, rows]) => [Number(side), Number(rows)]));
  const total = (
    key: 'rows' | 'quarantined' | 'dropped' | 'duplicates',
    of: readonly PartResult[] = counted,
  ) => of.reduce((sum, part) => sum + part[key], 0);
  const fresh = counted.filter((_, at) => parts[at]!.fresh);
  return {
    parts: counted,
    rows: Object.fromEntries(SIDES.map((side, at) => [side, bySide.get(at) ?? 0])) as Record<Side, number>,
    quarantined: total('quarantined'),
    dropped: total('dropped'),
    duplicates: total('duplicates'),
    fresh: { rows: total('rows', fresh), quarantined: total('quarantined', fresh) },
  };
}

/** Rows by class of a text or integer target; undefined where it has too many classes to tell, or none. */
async function classCounts(session: Session, plan: Plan): Promise<PreparedResult['classes']> {
  const { target } = plan;
  if (target.column.type === 'number') return undefined;
  const value = `v${target.at}`;
  const order = isCategorical(target) ? `CAST(${value} AS ${categoryType(target.at)})` : value;
  const counts = SIDES.map((_, at) => `count(*) FILTER (side = ${at})`);
  const rows = await session.rows(
    `SELECT ${value}, ${counts.join(', ')} FROM rows WHERE ${ALIVE} GROUP BY ${value} ORDER BY ${order} LIMIT ${TOP_VALUES + 1}`,
  );
  if (rows.length > TOP_VALUES) return undefined;
  return rows.map(([name, train, validation, test]) => ({
    value: String(name),
    train: Number(train),
    validation: Number(validation),
    test: Number(test),
  }));
}
