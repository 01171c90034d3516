/** Parts in, a dataset's files or a reason out. Knows nothing of where parts come from. The same parts and
 * specification always give the same dataset, in whatever order the parts are named. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSpecification } from '../../../shared/contracts/pipeline-specification.ts';
import type {
  PreparedResult,
  RejectedResult,
  Result,
  RuleCount,
} from '../../../shared/preparation/result.ts';
import {
  cleanTogether,
  countRows,
  DATASET_FILES,
  type EngineInput,
  QUARANTINE,
  RESULT,
  writeDataset,
} from './engine.ts';
import { RowsLoader } from './load-rows.ts';
import { constraintsFile, referenceFile, statisticsFile } from './monitor-files.ts';
import { declaredGates, standingGates } from './quality.ts';
import { ruleCounts, writeQuarantine } from './quarantine.ts';
import { AsideFile } from './read/aside-file.ts';
import { readParquet } from './read/parquet-reader.ts';
import { type PartFacts, type PartSource, readPart } from './read/part-reader.ts';
import { DEFAULT_LIMITS, Deadline, type Limits, Rejection, tooLarge } from './read/rejection.ts';
import type { RowSink } from './read/row-sink.ts';
import { type Resources, Session } from './session.ts';
import { type Plan, planOf } from './sql/plan.ts';

export interface PrepareOptions {
  readonly data: DataSpecification;
  readonly parts: readonly PartSource[];
  /** Where the files are written; made if missing. */
  readonly directory: string;
  readonly resources: Resources;
  readonly limits?: Partial<Limits>;
  /** Columns that the last version's files had and nobody declared. */
  readonly before?: readonly string[];
}

/** `files` are relative to the directory. A rejected dataset keeps only `quarantine.jsonl` and `result.json`. */
export type Prepared =
  | {
      readonly kind: 'prepared';
      readonly result: PreparedResult;
      /** What quality gates warn of, a sentence each. */
      readonly warnings: readonly string[];
      readonly files: readonly string[];
    }
  | {
      readonly kind: 'rejected';
      readonly reason: string;
      readonly files: readonly string[];
      /** Nothing is wrong with the data but that it is more than a function can hold. */
      readonly isTooLarge: boolean;
      readonly rules: readonly RuleCount[];
    };

/** Throws only what opening or reading a part throws, or the disk (unless it is full). */
export async function prepareDataset(options: PrepareOptions): Promise<Prepared> {
  const { directory, resources } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const deadline = new Deadline(limits);
  const work = join(directory, 'work');
  mkdirSync(work, { recursive: true });
  const session = await Session.open(directory, resources);
  const timer = setTimeout(() => session.interrupt(), deadline.left);
  try {
    return await prepare(session, options, { work, limits, deadline });
  } catch (error) {
    const rejection = deadline.left > 0 ? exhausted(error) : deadline.rejection();
    if (!rejection) throw error;
    return reject(directory, rejection, []);
  } finally {
    clearTimeout(timer);
    session.close();
    rmSync(work, { recursive: true, force: true });
  }
}

/** What no second try can help: the dataset is too large for the memory or the disk that there is. */
function exhausted(error: unknown): Rejection | undefined {
  const { code, message = '' } = error as NodeJS.ErrnoException;
  const what =
    (message.startsWith('Out of Memory Error') && 'memory') ||
    ((code === 'ENOSPC' || message.includes('No space left on device')) && 'disk');
  return what
    ? tooLarge(
        `the dataset needs more ${what} than there is to prepare it; drop less data, or declare fewer columns`,
      )
    : undefined;
}

interface Work {
  readonly work: string;
  readonly limits: Limits;
  readonly deadline: Deadline;
}

async function prepare(session: Session, options: PrepareOptions, place: Work): Promise<Prepared> {
  const { data, directory, before } = options;
  const plan = planOf(data);
  let input: EngineInput;
  try {
    input = { plan, directory, ...(await readParts(session, plan, options.parts, place)) };
  } catch (error) {
    if (error instanceof Rejection) return reject(directory, error, []);
    throw error;
  }
  const fitted = await cleanTogether(session, input).catch(asRejection);
  const counts = await countRows(session, input.parts);
  const rules = await ruleCounts(session);
  const refused = standingGates(data, { ...counts, rules });
  if (refused !== undefined) return rejectRows(session, input, refused, rules);
  if (fitted instanceof Rejection) return rejectRows(session, input, fitted.message, rules);
  const result = await writeDataset(session, input, fitted, { ...counts, rules });
  const { rejection, warnings } = declaredGates(data, result, before);
  if (rejection !== undefined) return rejectRows(session, input, rejection, rules);
  return { kind: 'prepared', result, warnings, files: describe(directory, data, result) };
}

function asRejection(error: unknown): Rejection {
  if (error instanceof Rejection) return error;
  throw error;
}

async function readParts(
  session: Session,
  plan: Plan,
  sources: readonly PartSource[],
  { work, limits, deadline }: Work,
): Promise<Pick<EngineInput, 'cells' | 'aside' | 'parts'>> {
  if (sources.length === 0) throw new Rejection('there are no files to prepare; drop one');
  const columns = plan.columns.map(({ name }) => name);
  const loader = await RowsLoader.open(session, plan, work, limits);
  const aside = new AsideFile(join(work, 'aside'));
  const reading = {
    data: plan.data,
    deadline,
    scratch: join(work, 'part.parquet'),
    readParquet: (path: string, sink: RowSink) => readParquet(session, path, sink),
  };
  const budget = { left: limits.rows };
  const parts: PartFacts[] = [];
  try {
    for (const [part, source] of [...sources].sort(byKeyAndVersion).entries())
      parts.push(await readPart(source, { part, cells: loader, aside, limits, budget, columns }, reading));
    await loader.complete();
  } finally {
    await loader.settled();
    aside.close();
  }
  return { cells: loader.files, aside, parts };
}

function byKeyAndVersion({ part: a }: PartSource, { part: b }: PartSource): number {
  return compare(a.key, b.key) || compare(a.versionId, b.versionId) || compare(a.bucket, b.bucket);
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** What the gates make of a dataset that another engine has prepared; its description is written to `directory`. */
export function judge(
  data: DataSpecification,
  result: Result,
  before: readonly string[] | undefined,
  directory: string,
): Prepared {
  const files = [QUARANTINE, RESULT];
  const refused = { kind: 'rejected', files, isTooLarge: false, rules: result.rules } as const;
  if (result.kind === 'rejected') return { ...refused, reason: result.reason };
  const { rejection, warnings } = declaredGates(data, result, before);
  const reason = standingGates(data, result) ?? rejection;
  if (reason !== undefined) return { ...refused, reason };
  return { kind: 'prepared', result, warnings, files: describe(directory, data, result) };
}

/** Writes what describes the dataset; answers all its files. */
function describe(
  directory: string,
  { target }: DataSpecification,
  result: PreparedResult,
): readonly string[] {
  const described = {
    'columns.json': { target, features: result.features },
    'constraints.json': constraintsFile(result),
    'reference.json': referenceFile(result),
    'statistics.json': statisticsFile(result),
  };
  for (const [name, content] of Object.entries(described)) writeJson(join(directory, name), content);
  return [...DATASET_FILES, ...Object.keys(described)].sort();
}

async function rejectRows(
  session: Session,
  { parts, directory }: EngineInput,
  reason: string,
  rules: readonly RuleCount[],
): Promise<Prepared> {
  await writeQuarantine(
    session,
    parts.map(({ key }) => key),
    join(directory, QUARANTINE),
  );
  return reject(directory, new Rejection(reason), rules);
}

/** Leaves only what tells why. */
function reject(
  directory: string,
  { message: reason, isTooLarge }: Rejection,
  rules: readonly RuleCount[],
): Prepared {
  for (const file of DATASET_FILES) if (file !== QUARANTINE) rmSync(join(directory, file), { force: true });
  if (!existsSync(join(directory, QUARANTINE))) writeFileSync(join(directory, QUARANTINE), '');
  const result: RejectedResult = { formatVersion: 1, kind: 'rejected', engine: 'duckdb', reason, rules };
  writeJson(join(directory, RESULT), result);
  return { kind: 'rejected', reason, isTooLarge, rules, files: [QUARANTINE, RESULT] };
}

const writeJson = (path: string, content: unknown): void =>
  writeFileSync(path, `${JSON.stringify(content)}\n`);
