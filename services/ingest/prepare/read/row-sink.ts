import type { AsideFile } from './aside-file.ts';
import type { CellFile } from './cell-file.ts';
import { type Limits, type Rejection, tooLarge } from './rejection.ts';

/** Rows that all parts together may still have. */
export interface RowBudget {
  left: number;
}

/** Where all parts' rows go, a file after the other. */
export interface CellFiles {
  /** The file that is being written. */
  readonly current: CellFile;
  /** Is called between any two stretches of reading: hands on what is complete, and lets others have the processor. */
  breathe(): Promise<void>;
}

/** Where one part's rows go. */
export interface RowSink {
  /** The part's place in the order of parts. */
  readonly part: number;
  readonly cells: CellFiles;
  readonly aside: AsideFile;
  readonly limits: Limits;
  readonly budget: RowBudget;
  /** Names of the declared columns. */
  readonly columns: readonly string[];
}

/** Counts one more row. Throws Rejection when there are too many. */
export function countRow({ budget }: RowSink): void {
  budget.left--;
  if (budget.left < 0) throw tooManyRows();
}

export const tooManyRows = (): Rejection =>
  tooLarge('with this file the dataset has more rows than allowed; drop less data');

/** What is known of a part's content once it is read. */
export interface ContentFacts {
  readonly format: 'csv' | 'tsv' | 'jsonl' | 'parquet';
  /** Records, those put aside included. */
  readonly rows: number;
  /** Columns of the file that the specification does not declare. */
  readonly ignored: readonly string[];
}

/** Reads the content of one part as it streams in. Each method throws Rejection for what is no data. */
export interface ContentReader {
  push(chunk: Buffer): void;
  end(): ContentFacts | Promise<ContentFacts>;
}
