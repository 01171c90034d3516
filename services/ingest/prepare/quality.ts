/** Whether a prepared dataset is good enough to train on. Pure. */

import type { DataSpecification } from '../../../shared/contracts/pipeline-specification.ts';
import { type QualityCheck, qualityChecks } from '../../../shared/contracts/quality-checks.ts';
import type { PreparedResult, RuleCount, Side } from '../../../shared/preparation/result.ts';
import { explain, type Rule } from '../../../shared/preparation/row-problem.ts';

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
  { rows, fresh, rules }: Pick<PreparedResult, 'rows' | 'fresh' | 'rules'>,
): string | undefined {
  const { quality, split } = data;
  const clean = rows.train + rows.validation + rows.test;
  const often = commonest(rules, data);
  if (clean === 0) return `no row is clean${often}`;
  const share = fresh.rows === 0 ? 0 : fresh.quarantined / fresh.rows;
  if (share > quality.maximumQuarantined) {
    const found = `${fresh.quarantined} of ${fresh.rows} rows (${percent(share)})`;
    return `${found} are quarantined, more than the allowed ${percent(quality.maximumQuarantined)}${often}`;
  }
  if (clean < quality.minimumRows) {
    const found = clean === 1 ? 'there is 1 clean row' : `there are ${clean} clean rows`;
    return `${found}, fewer than the required ${quality.minimumRows}${often || '; drop more of them'}`;
  }
  const wanted: readonly Side[] = split.test > 0 ? ['train', 'test'] : ['train'];
  const empty = wanted.find((side) => rows[side] === 0);
  return (
    empty && `the split of ${clean} clean rows leaves none for ${empty}; drop more rows, or change the split`
  );
}

/** What speaks against the data most often, for people; nothing where nothing does. */
export function commonest(rules: readonly RuleCount[], data: DataSpecification): string {
  const most = rules.find(({ rule }) => rule !== 'duplicate');
  if (!most) return '';
  const { rule, column, rows, example } = most;
  const reason = explain({ rule: rule as Rule, column, value: example }, data);
  return `; most often (${rows} ${rows === 1 ? 'row' : 'rows'}) such as: ${reason}`;
}

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

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
    return `${percent(share)} of the held-out rows are almost training rows, more than the allowed ${percent(check.maximum)}`;
  }
  if (share >= check.minimum) return undefined;
  return `${subject(check, share)}, fewer than the required ${percent(check.minimum)}`;
}

function subject(
  check: Exclude<QualityCheck, { check: 'schema-change' | 'near-duplicates' }>,
  share: number,
): string {
  switch (check.check) {
    case 'completeness':
      return `the column "${check.column}" is present in ${percent(share)} of the rows`;
    case 'uniqueness':
      return `${percent(share)} of the rows are distinct in ${check.columns.join(', ')}`;
    case 'allowed-values':
      return `${percent(share)} of the values of "${check.column}" are among the allowed ones`;
    case 'label-balance':
      return `the rarest class has ${percent(share)} of the rows`;
  }
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
  return `the files have other columns than those of the last version (${told.join('; ')})`;
}

const listed = (names: readonly string[]): string =>
  names.length > SHOWN
    ? `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`
    : names.join(', ');
