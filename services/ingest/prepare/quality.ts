/** Whether a prepared dataset is good enough to train on. Pure. */

import type { DataSpecification } from '../../../shared/contracts/pipeline-specification.ts';
import { type QualityCheck, qualityChecks } from '../../../shared/contracts/quality-checks.ts';
import { asideRows } from '../../../shared/preparation/remedy.ts';
import { type PreparedResult, type RuleCount, SIDES, type Side } from '../../../shared/preparation/result.ts';

export interface Verdict {
  /** The first gate that rejects, as a sentence; undefined when none does. */
  readonly rejection?: string;
  /** What gates warn of, a sentence each. */
  readonly warnings: readonly string[];
}

/** The gates that the specification declares. `before`: columns that the files of the last version had and nobody
 * declared; undefined when there is no version. */
export function declaredGates(
  data: DataSpecification,
  result: PreparedResult,
  before: readonly string[] | undefined,
): Verdict {
  const warnings: string[] = [];
  const rejections: string[] = [];
  for (const [at, check] of qualityChecks(data).entries()) {
    const failed = failure(check, result.shares?.[at] ?? null, result, before);
    if (failed !== undefined) (check.otherwise === 'warn' ? warnings : rejections).push(failed);
  }
  const [rejection] = rejections;
  return { ...(rejection === undefined ? {} : { rejection }), warnings };
}

/** The gates that every dataset has: why it is rejected, as a sentence; undefined when it is not. */
export function standingGates(
  data: DataSpecification,
  { rows, fresh, rules, parts }: Pick<PreparedResult, 'rows' | 'fresh' | 'rules' | 'parts'>,
): string | undefined {
  const { quality, split } = data;
  const clean = rowsOf(rows);
  const read = parts.reduce((sum, part) => sum + part.rows, 0);
  const often = commonest(rules, data, read > fresh.rows ? ' in the whole dataset' : '');
  if (clean === 0) return `no row is clean${often}`;
  const share = fresh.rows === 0 ? 0 : fresh.quarantined / fresh.rows;
  if (share > quality.maximumQuarantined) {
    const found = `${fresh.quarantined} of ${fresh.rows} rows (${percent(share)})`;
    return `${found} are quarantined, more than the allowed ${percent(quality.maximumQuarantined)} ("maximumQuarantined")${often}`;
  }
  if (clean < quality.minimumRows) {
    const found = clean === 1 ? 'there is 1 clean row' : `there are ${clean} clean rows`;
    return `${found}, fewer than the required ${quality.minimumRows}${often}; drop more rows, or lower "minimumRows"`;
  }
  const wanted: readonly Side[] = split.test > 0 ? ['train', 'test'] : ['train'];
  const empty = wanted.find((side) => rows[side] === 0);
  return (
    empty &&
    `the split of ${clean} clean rows leaves none for ${empty}; drop more rows, or ${moreFor(data, empty)}`
  );
}

/** The split's key that gives this side more. */
function moreFor({ split }: DataSpecification, side: Side): string {
  if (split.by === 'time') return `choose another "column" for "split": too many rows have the same time`;
  return side === 'test' ? 'raise "test" of "split"' : 'lower "test" and "validation" of "split"';
}

const rowsOf = (rows: PreparedResult['rows']): number => SIDES.reduce((sum, side) => sum + rows[side], 0);
const counted = (rows: number): string => `${rows} ${rows === 1 ? 'row' : 'rows'}`;
const EXAMPLES = 3;

/** What speaks against the data most often, an example each, and what to do about the first; nothing where nothing does. */
function commonest(rules: readonly RuleCount[], data: DataSpecification, where: string): string {
  const told = asideRows(
    rules.filter(({ rule }) => rule !== 'duplicate'),
    data,
  ).slice(0, EXAMPLES);
  const [first, ...others] = told;
  if (!first) return '';
  const further = others.map(({ rows, reason }) => `; then (${counted(rows)}): ${reason}`).join('');
  return `; most often${where} (${counted(first.rows)}) such as: ${first.reason}${further}; ${further && 'for the first: '}${first.remedy}`;
}

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

/** What one gate has found, what it allows and what to do. */
interface Failure {
  readonly found: string;
  readonly remedy: string;
}

function failure(
  check: QualityCheck,
  share: number | null,
  result: PreparedResult,
  before: readonly string[] | undefined,
): string | undefined {
  if (check.check === 'schema-change') return schemaChange(result, before);
  if (share === null) return undefined;
  if (check.check === 'near-duplicates') {
    if (share <= check.maximum) return undefined;
    return `${percent(share)} of the held-out rows${heldOut(result)} are almost training rows, more than the allowed ${percent(check.maximum)}; keep rows that belong together on one side with the "key" of "split", or raise "maximum" of the check`;
  }
  if (share >= check.minimum) return undefined;
  const { found, remedy } = shortfall(check, share, result);
  return `${found}, fewer than the required ${percent(check.minimum)}; ${remedy}, or lower "minimum" of the check "${check.check}"`;
}

function heldOut({ nearDuplicates, rows }: PreparedResult): string {
  return nearDuplicates === undefined ? '' : ` (${nearDuplicates} of ${rows.validation + rows.test})`;
}

function shortfall(
  check: Exclude<QualityCheck, { check: 'schema-change' | 'near-duplicates' }>,
  share: number,
  result: PreparedResult,
): Failure {
  const all = rowsOf(result.rows);
  const without = `${Math.round((1 - share) * all)} of ${all}`;
  switch (check.check) {
    case 'completeness':
      return {
        found: `the column "${check.column}" is present in ${percent(share)} of the rows (${without} lack it)`,
        remedy: 'fill it in where the data comes from',
      };
    case 'uniqueness':
      return {
        found: `${percent(share)} of the rows are distinct in ${check.columns.join(', ')} (${without} repeat another)`,
        remedy: `leave the repetitions out, as "duplicates: {key: [${check.columns.join(', ')}]}" does`,
      };
    case 'allowed-values':
      return {
        found: `${percent(share)} of the values of "${check.column}" are among the allowed ones${others(check, result)}`,
        remedy: 'mend the others or add them to "values"',
      };
    case 'label-balance':
      return rarest(share, result, all);
  }
}

/** Up to three values that are not among the allowed ones, with how often each comes in the training rows. */
function others(
  { column, values }: { readonly column: string; readonly values: readonly (string | number)[] },
  { columns }: PreparedResult,
): string {
  const summary = columns.find(({ name }) => name === column);
  if (summary?.kind !== 'text') return '';
  const allowed = new Set(values.map(String));
  const found = summary.top.filter(({ value }) => !allowed.has(value)).slice(0, EXAMPLES);
  return found.length === 0
    ? ''
    : ` (not ${found.map(({ value, count }) => `${JSON.stringify(value.slice(0, 60))}, ${counted(count)}`).join('; ')})`;
}

function rarest(share: number, { classes = [] }: PreparedResult, all: number): Failure {
  const [first] = classes
    .map((one) => ({ value: one.value, rows: rowsOf(one) }))
    .sort((a, b) => a.rows - b.rows);
  const which = first ? `, ${JSON.stringify(first.value)},` : '';
  const rows = first ? ` (${first.rows} of ${all})` : '';
  return {
    found: `the rarest class${which} has ${percent(share)} of the rows${rows}`,
    remedy: 'drop more rows of it',
  };
}

/** Columns of the files that nobody declared, in order. */
export const undeclaredColumns = ({ parts }: PreparedResult): readonly string[] =>
  [...new Set(parts.flatMap(({ ignored }) => ignored))].sort();

const SHOWN = 10;

function schemaChange(result: PreparedResult, before: readonly string[] | undefined): string | undefined {
  if (!before) return undefined;
  const now = undeclaredColumns(result);
  const came = now.filter((name) => !before.includes(name));
  const went = before.filter((name) => !now.includes(name));
  if (came.length + went.length === 0) return undefined;
  const told = [
    ...(came.length > 0 ? [`came: ${listed(came)}`] : []),
    ...(went.length > 0 ? [`went: ${listed(went)}`] : []),
  ];
  return `the files have other columns than those of the last version (${told.join('; ')}); mend the files, or set "otherwise" of the check "schema-change" to warn where this is meant`;
}

const listed = (names: readonly string[]): string =>
  names.length > SHOWN
    ? `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`
    : names.join(', ');
