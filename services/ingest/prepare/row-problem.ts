/** Why a row is put aside. */
export type Rule =
  | 'torn-line'
  | 'broken-quote'
  | 'missing'
  | 'not-a-number'
  | 'not-an-integer'
  | 'out-of-range'
  | 'unknown-value'
  | 'not-finite'
  | 'duplicate';

/** `reason` is a sentence for people; `value` the cell as it stood. */
export interface RowProblem {
  readonly rule: Rule;
  readonly column: string | null;
  readonly value: string;
  readonly reason: string;
}

const SHOWN = 60;
const VALUE = 200;

export const clipValue = (value: string): string => (value.length > VALUE ? value.slice(0, VALUE) : value);

/** A cell's text for a sentence. */
export const quoted = (value: string): string =>
  JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN - 1)}…` : value);
