/** What to do about rows that a rule puts aside. */
import type { AsideRows } from '../contracts/aside-rows.ts';
import { layOut } from '../contracts/data-layout.ts';
import type { DataSpecification } from '../contracts/pipeline-specification.ts';
import { numberOf } from './number-text.ts';
import type { RuleCount } from './result.ts';
import { explain, type RowProblem, type Rule } from './row-problem.ts';

const MOST = 10;

/** The most frequent first, at most ten. */
export const asideRows = (rules: readonly RuleCount[], data: DataSpecification): readonly AsideRows[] =>
  rules.slice(0, MOST).map(({ rule, column, rows, example }) => {
    const problem = { rule: rule as Rule, column, value: example };
    return { rule, column, rows, reason: explain(problem, data), remedy: remedyOf(problem, data) };
  });

/** In the imperative: mend the data so, or declare so. */
export function remedyOf({ rule, column, value }: RowProblem, data: DataSpecification): string {
  switch (rule) {
    case 'torn-line':
      return 'give every line as many cells as the header has, and quote cells that hold the delimiter';
    case 'broken-quote':
      return 'close each quote at the end of its cell, and double those within';
    case 'not-json':
      return 'write one JSON object a line';
    case 'not-a-cell':
      return 'give each value a column of its own, or declare fewer columns';
    case 'control-character':
      return 'remove the control characters';
    case 'missing':
      if (column === data.target) return 'fill it in, or set "missing" to drop';
      return 'fill it in, or say with "missing" what stands for it (drop, allow, mean, median, mode, or a constant)';
    case 'not-a-number':
      return noNumber(value);
    case 'not-an-integer':
      return Number.isNaN(numberOf(value)) ? noNumber(value) : 'mend it, or declare the column as "number"';
    case 'not-a-date':
      return 'mend it, or name its format in "formats"';
    case 'out-of-range':
      return rangeRemedy(column, data);
    case 'unknown-value':
      if (column === data.target) return 'mend it, or add the spelling to "canonical"';
      return 'mend it, add the spelling to "canonical", or set "unknown" to null';
    case 'outlier':
      return 'mend it, raise the "factor" of "outliers", or set its "then" to clip or null';
    case 'not-finite':
      return 'mend the formula: it divides by 0, or takes the root or logarithm of what has none';
    case 'duplicate':
      return 'nothing, or set "duplicates" to keep';
  }
}

const noNumber = (value: string): string =>
  `mend it, list ${JSON.stringify(value.slice(0, 20))} in "blanks" if it means that there is no value, or declare the column as "text"`;

function rangeRemedy(name: string | null, data: DataSpecification): string {
  const { columns } = layOut(data);
  const column = columns.find((one) => one.name === name)?.column;
  const bounds = column?.type === 'date' ? '"earliest" and "latest"' : '"minimum" and "maximum"';
  return `mend it, widen ${bounds}, or set "outside" to clip or null`;
}
