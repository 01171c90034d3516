/** Why a row is put aside, and the sentence that tells people. */
import { layOut } from '../contracts/data-layout.ts';
import type { ColumnSpecification, DataSpecification } from '../contracts/pipeline-specification.ts';
import { numberOf } from './number-text.ts';

export type Rule =
  | 'torn-line'
  | 'broken-quote'
  | 'not-json'
  | 'not-a-cell'
  | 'control-character'
  | 'missing'
  | 'not-a-number'
  | 'not-an-integer'
  | 'not-a-date'
  | 'out-of-range'
  | 'unknown-value'
  | 'outlier'
  | 'not-finite'
  | 'duplicate';

/** `value` is the cell as it stood, at most 200 characters of it. */
export interface RowProblem {
  readonly rule: Rule;
  readonly column: string | null;
  readonly value: string;
  /** Left out as the specification wishes (`missing: drop`): no evidence against the data. */
  readonly dropped?: true;
}

const MOST = 200;
const SHOWN = 60;

/** At most 200 code points. */
export function clipValue(value: string): string {
  return value.length <= MOST ? value : firstOf(value, MOST);
}

function firstOf(value: string, count: number): string {
  return Array.from(value.slice(0, 2 * count))
    .slice(0, count)
    .join('');
}

/** The sentence for a problem of any engine: it needs no more than what a quarantine file holds. */
export function explain({ rule, column, value }: RowProblem, data: DataSpecification): string {
  const name = column ?? 'the row';
  const found = `${name} is ${quoted(value)}`;
  switch (rule) {
    case 'torn-line':
      return 'the line has another number of cells than the header';
    case 'broken-quote':
      return 'the line has a quote that does not end where its cell ends';
    case 'not-json':
      return 'the line is no JSON object';
    case 'not-a-cell':
      return `${name} holds a list or an object where one value was expected`;
    case 'control-character':
      return `${found}, which holds a control character`;
    case 'missing':
      return value === '' ? `${name} is missing` : `${found}, which counts as missing`;
    case 'not-a-number':
      return `${found}, which is not a number`;
    case 'not-an-integer':
      return `${found}, which is not a whole number`;
    case 'not-a-date':
      return `${found}, which is no date written ${formatsOf(column, data)}`;
    case 'out-of-range':
      return `${found}, ${boundOf(value, columnNamed(column, data))}`;
    case 'unknown-value':
      return `${found}, none of the declared values`;
    case 'outlier':
      return `${found}, too far from the values that the model has learnt from`;
    case 'not-finite':
      return `the formula of ${name} gives no finite number`;
    case 'duplicate':
      return 'another row says the same or something newer';
  }
}

/** A cell's text for a sentence. */
const quoted = (value: string): string =>
  JSON.stringify(value.length > SHOWN ? `${firstOf(value, SHOWN - 1)}…` : value);

function columnNamed(name: string | null, data: DataSpecification): ColumnSpecification | undefined {
  return (
    data.columns.find((column) => column.name === name) ??
    layOut(data).columns.find((column) => column.name === name)?.column
  );
}

function formatsOf(name: string | null, data: DataSpecification): string {
  return (columnNamed(name, data)?.formats ?? ['YYYY-MM-DD']).join(' or ');
}

function boundOf(value: string, column: ColumnSpecification | undefined): string {
  if (column?.type === 'date') {
    const { earliest, latest } = column;
    if (latest === undefined) return `before the earliest allowed ${earliest}`;
    if (earliest === undefined) return `after the latest allowed ${latest}`;
    return `not from ${earliest} to ${latest}`;
  }
  const { minimum, maximum } = column ?? {};
  const number = numberOf(value);
  if (minimum !== undefined && number < minimum) return `smaller than the allowed ${minimum}`;
  if (maximum !== undefined && number > maximum) return `larger than the allowed ${maximum}`;
  return 'beyond what a model can read';
}
