/** A row's fault as one number, so that a million sound rows say nothing: column · 32 + rule. */
import type { Rule } from '../../../../shared/preparation/row-problem.ts';

const RULES = [
  'missing',
  'not-a-number',
  'not-an-integer',
  'not-a-date',
  'out-of-range',
  'unknown-value',
  'control-character',
  'not-a-cell',
  'outlier',
  'not-finite',
  'duplicate',
] as const satisfies readonly Rule[];
type CellRule = (typeof RULES)[number];

/** Rules of a row that was cleaned before: its cell lies in the file of cells only. */
const LATE = 16;
const PER_COLUMN = 32;
const MISSING = 0;
/** `missing: drop`. */
const DROPPED = 15;

export interface Fault {
  readonly rule: CellRule;
  readonly dropped: boolean;
  /** Found after the cleaning of single rows. */
  readonly late: boolean;
  /** Position among the declared columns, then the derived ones; undefined for a whole row. */
  readonly column: number | undefined;
}

export const DUPLICATE = -1;

export function faultCode(column: number, rule: CellRule | 'dropped', late = false): number {
  const number = rule === 'dropped' ? DROPPED : RULES.indexOf(rule);
  return column * PER_COLUMN + number + (late ? LATE : 0);
}

export function faultOf(code: number): Fault {
  if (code === DUPLICATE) return { rule: 'duplicate', dropped: false, late: true, column: undefined };
  const number = code % LATE;
  const dropped = number === DROPPED;
  return {
    rule: RULES[dropped ? MISSING : number]!,
    dropped,
    late: code % PER_COLUMN >= LATE,
    column: Math.floor(code / PER_COLUMN),
  };
}

/** The column of the fault in the SQL column `code`. */
export const columnOf = (code: string): string => `(${code} // ${PER_COLUMN})`;

/** Whether the faulty cell has to be looked up in the file of cells. */
export const needsCell = (code: string): string =>
  `(${code} >= 0 AND ${code} % ${PER_COLUMN} >= ${LATE} AND ${code} % ${LATE} <> ${RULES.indexOf('not-finite')})`;
