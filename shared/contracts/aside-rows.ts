/** Rows of a dataset that one rule put aside because of one column, as people are told of them. */
export interface AsideRows {
  readonly rule: string;
  /** Null where it is the whole row. */
  readonly column: string | null;
  readonly rows: number;
  /** What is wrong with the first of them. */
  readonly reason: string;
  /** What to do about it, in the imperative. */
  readonly remedy: string;
}
