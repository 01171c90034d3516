/** The whole dataset is refused; the message is the reason that its owner reads. */
export class Rejection extends Error {
  readonly code = 'DatasetRejected';
}

/** Bounds that hold while data streams in. */
export interface Limits {
  /** Bytes of one part. */
  readonly partBytes: number;
  /** Cells of one row. */
  readonly columns: number;
  /** Bytes of one cell. */
  readonly cellBytes: number;
  /** Bytes of one row. */
  readonly rowBytes: number;
  /** Rows of all parts together. */
  readonly rows: number;
}

export const DEFAULT_LIMITS: Limits = {
  partBytes: 2 * 1024 ** 3,
  columns: 10_000,
  cellBytes: 32 * 1024,
  rowBytes: 8 * 1024 ** 2,
  rows: 5_000_000,
};
