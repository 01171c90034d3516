/** One row on its way through the engine, used again for the next. Arrays go by declared column, `values` further by
 * formula. */
export interface RowValues {
  /** A number; a date in milliseconds; the position of a text's canonical name. NaN where there is none. */
  readonly values: Float64Array;
  /** A text, canonical where it has a canonical name; empty where it is missing, and of other columns. */
  readonly texts: string[];
  readonly missing: Uint8Array;
  /** Missing when it came (or made missing), whatever filled it since. */
  readonly wasMissing: Uint8Array;
}

export const emptyRow = (columns: number, formulas: number): RowValues => ({
  values: new Float64Array(columns + formulas),
  texts: Array.from({ length: columns }, () => ''),
  missing: new Uint8Array(columns),
  wasMissing: new Uint8Array(columns),
});
