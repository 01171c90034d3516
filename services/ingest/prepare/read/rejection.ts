/** The whole dataset is refused; the message is the reason that its owner reads. */
export class Rejection extends Error {
  readonly code = 'DatasetRejected';
  /** Nothing is wrong with the data but that it is more than a function can hold. */
  readonly isTooLarge: boolean;

  constructor(reason: string, { isTooLarge = false }: { readonly isTooLarge?: boolean } = {}) {
    super(reason);
    this.isTooLarge = isTooLarge;
  }

  /** The same of a file. */
  of(key: string): Rejection {
    return new Rejection(`${key}: ${this.message}`, this);
  }
}

/** Refuses what a larger machine may prepare. */
export const tooLarge = (reason: string): Rejection => new Rejection(reason, { isTooLarge: true });

/** Bounds that hold while data streams in. */
export interface Limits {
  /** Bytes of one part as it lies. */
  readonly partBytes: number;
  /** Bytes of one part unpacked. */
  readonly unpackedBytes: number;
  /** How many bytes one packed byte may become, beyond the first `freeBytes`. */
  readonly expansion: number;
  readonly freeBytes: number;
  /** Cells of one row. */
  readonly columns: number;
  /** Bytes of one cell. */
  readonly cellBytes: number;
  /** Bytes of one row. */
  readonly rowBytes: number;
  /** Rows of all parts together. */
  readonly rows: number;
  /** Bytes of cells that are read before they are loaded: enough to keep all processors at work, and few enough to take
   * little memory. */
  readonly cellFileBytes: number;
  /** From the first byte to the last file. A function ends after 15 minutes. */
  readonly milliseconds: number;
}

export const DEFAULT_LIMITS: Limits = {
  partBytes: 2 * 1024 ** 3,
  unpackedBytes: 4 * 1024 ** 3,
  expansion: 200,
  freeBytes: 64 * 1024 ** 2,
  columns: 10_000,
  cellBytes: 32 * 1024,
  rowBytes: 8 * 1024 ** 2,
  rows: 100_000_000,
  cellFileBytes: 64 * 1024 ** 2,
  milliseconds: 13 * 60_000,
};

/** Throws Rejection once the time is over. */
export class Deadline {
  readonly #limits: Limits;
  readonly #end: number;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#end = performance.now() + limits.milliseconds;
  }

  get left(): number {
    return Math.max(0, this.#end - performance.now());
  }

  check(): void {
    if (this.left === 0) throw this.rejection();
  }

  rejection(): Rejection {
    const minutes = Number((this.#limits.milliseconds / 60_000).toFixed(1));
    return tooLarge(
      `the dataset takes longer than ${minutes} minutes to prepare; drop less data, or declare fewer columns`,
    );
  }
}

export const bytesText = (bytes: number): string => `${bytes.toLocaleString('en')} bytes`;

export const tooLargeCell = (line: number, { cellBytes }: Limits): Rejection =>
  new Rejection(
    `line ${line} has a cell of more than ${bytesText(cellBytes)}; shorten it, or look for a quote that does not close`,
  );

export const tooLargeRow = (line: number, { rowBytes }: Limits): Rejection =>
  new Rejection(
    `line ${line} has a row of more than ${bytesText(rowBytes)}; shorten it, or look for a line end that is missing`,
  );

export const tooManyCells = (line: number, { columns }: Limits): Rejection =>
  new Rejection(`line ${line} has more than ${columns.toLocaleString('en')} cells; leave columns out`);
