/** What was fitted on the training rows of a dataset version: `fitted.json`, beside its other files. */
export interface Fitted {
  readonly formatVersion: 1;
  /** Where a split by time begins each side; null where no row falls on it. */
  readonly split?: { readonly validation: number | null; readonly test: number | null };
  /** By raw column: the fences of outliers, and what fills a missing value (a date in milliseconds). */
  readonly columns: Readonly<Record<string, FittedColumn>>;
  /** By feature with `scale: standard` or `min-max`. */
  readonly features: Readonly<Record<string, FittedScale>>;
}

export interface FittedColumn {
  readonly low?: number;
  readonly high?: number;
  readonly fill?: number | string;
}

export type FittedScale =
  | { readonly mean: number; readonly deviation: number }
  | { readonly minimum: number; readonly maximum: number };
