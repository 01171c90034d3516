/** What an engine says of a dataset that it prepared: `result.json`, beside the files that docs/data.md lists. The same
 * from every engine; everything about distributions is of the train rows alive at the end. */

export type Side = 'train' | 'validation' | 'test';
export const SIDES: readonly Side[] = ['train', 'validation', 'test'];

/** Bins of equal width in a histogram, as in Model Monitor's statistics. */
export const BINS = 10;
/** A reference has at most this many bins: 63 edges between them. */
export const QUANTILES = 64;
/** Values of a text column that are listed with their counts, the most frequent first (ties by code points). */
export const TOP_VALUES = 50;
/** Columns that the correlation matrix takes, in order; further ones are left out. */
export const MOST_CORRELATED = 60;

export interface PartResult {
  readonly key: string;
  readonly versionId: string;
  /** Of the part as it lies, packed or not. */
  readonly sha256: string;
  /** Records read, those put aside included. */
  readonly rows: number;
  readonly quarantined: number;
  readonly dropped: number;
  readonly duplicates: number;
  readonly format: 'csv' | 'tsv' | 'jsonl' | 'parquet';
  /** Columns of the file that the specification does not declare. */
  readonly ignored: readonly string[];
}

/** Of a number, integer or date column (dates in milliseconds), or a derived one. Deviation of the population; minimum,
 * maximum, mean are 0 where nothing is present. */
export interface NumberSummary {
  readonly kind: 'number';
  readonly name: string;
  readonly present: number;
  readonly missing: number;
  /** Every present value is whole. */
  readonly integral: boolean;
  readonly sum: number;
  readonly mean: number;
  readonly deviation: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly distinct: number;
  /** BINS counts: x is in bin floor((x − minimum) / (maximum − minimum) · BINS), the maximum in the last; all in the first
   * where all are equal. */
  readonly histogram: readonly number[];
}

export interface TextSummary {
  readonly kind: 'text';
  readonly name: string;
  readonly present: number;
  readonly missing: number;
  readonly distinct: number;
  readonly top: readonly { readonly value: string; readonly count: number }[];
}

export type ColumnSummary = NumberSummary | TextSummary;

/** How a raw column (not the target) was distributed after *clean*, *before* outliers and fitted fills, for drift: what
 * a request's cell is compared with. A constant that stands for a missing value is a value. A number or date is its
 * value; text with `canonical` is the position of its canonical name, anything else missing; text without `canonical`
 * is left out. */
export interface ReferenceColumn {
  readonly name: string;
  /** Distinct ascending values, each at index ceil(i·n/64) − 1 (i = 1 … 63) of the n present values sorted. */
  readonly edges: readonly number[];
  /** Values ≤ edges[i] and above the one before; the last counts those above all. */
  readonly counts: readonly number[];
  readonly missing: number;
}

/** What cleaning did to one column of the rows alive at the end, of all sides; a row counts once in each. */
export interface ColumnChanges {
  readonly name: string;
  /** Blank cells as they came. */
  readonly blank: number;
  /** Texts that became another spelling. */
  readonly canonicalised: number;
  /** Unknown texts, out-of-range values and outliers that were made missing. */
  readonly nulled: number;
  /** Out-of-range values and outliers that became a bound. */
  readonly clipped: number;
  /** Missing values that got a constant or a fitted fill. */
  readonly filled: number;
}

export interface RuleCount {
  readonly rule: string;
  readonly column: string | null;
  readonly rows: number;
  /** The first row's value. */
  readonly example: string;
}

export interface PreparedResult {
  readonly formatVersion: 1;
  readonly kind: 'prepared';
  readonly engine: 'duckdb' | 'spark';
  readonly parts: readonly PartResult[];
  readonly rows: Readonly<Record<Side, number>>;
  readonly quarantined: number;
  readonly dropped: number;
  readonly duplicates: number;
  /** Of the parts that the run brought. */
  readonly fresh: { readonly rows: number; readonly quarantined: number };
  /** What quarantine.jsonl lists, counted by rule and column: most frequent first, then by the first row. */
  readonly rules: readonly RuleCount[];
  readonly features: readonly string[];
  /** The declared columns in order (the target among them), after fills; then the derived ones. */
  readonly columns: readonly ColumnSummary[];
  readonly reference: readonly ReferenceColumn[];
  readonly changes: readonly ColumnChanges[];
  /** Pearson's r between the first MOST_CORRELATED number columns (target and derived included) over rows where both
   * are present; null where one of two different columns is constant. Symmetric, 1 on the diagonal. */
  readonly correlations: {
    readonly names: readonly string[];
    readonly r: readonly (readonly (number | null)[])[];
  };
  /** Test and validation rows, distinct after rounding, whose features, each rounded to 3 significant digits (ties away
   * from 0, as toPrecision), equal those of a train row. Counted only when a gate asks. */
  readonly nearDuplicates?: number;
  /** By `data.quality.checks`: the share that the check looks at, over the rows alive at the end as step 1 left them;
   * null where it looks at none (`schema-change`). Of present values for `allowed-values`, 1 where there are none; of
   * validation and test rows for `near-duplicates`. */
  readonly shares?: readonly (number | null)[];
  /** Rows by class of a text or integer target with at most TOP_VALUES classes that occur, by side; in the order of the
   * target's values. */
  readonly classes?: readonly ({ readonly value: string } & Readonly<Record<Side, number>>)[];
}

export interface RejectedResult {
  readonly formatVersion: 1;
  readonly kind: 'rejected';
  readonly engine: 'duckdb' | 'spark';
  /** One sentence that names the file and says what to do. */
  readonly reason: string;
  readonly rules: readonly RuleCount[];
}

export type Result = PreparedResult | RejectedResult;
