/** What `ratchet init` has seen of a file: rows from all of it, as cells of text. */
export interface Sample {
  /** Header names as they stand, trimmed. */
  readonly names: readonly string[];
  /** Cells row by row in the order of the file, trimmed; a blank cell is ''. */
  readonly rows: readonly (readonly string[])[];
  /** Rows of the whole file. */
  readonly total: number;
  /** Between the cells of delimited text. */
  readonly delimiter?: string;
  /** What was noticed on the way: torn lines, nested values. */
  readonly notes: readonly string[];
}

/** A sample holds at most this many rows, and cells. */
export const MOST_ROWS = 20_000;
export const MOST_CELLS = 4_000_000;
export const LEAST_ROWS = 300;

/** Rows that a sample of a table with so many columns has. */
export const roomFor = (columns: number): number =>
  Math.min(MOST_ROWS, Math.max(LEAST_ROWS, Math.floor(MOST_CELLS / Math.max(1, columns))));
