/** Rows chosen by their hash: the same rows whatever their order, as many as memory allows. */
const MAX_VALUES = 4_000_000;
const MAX_ROWS = 65_536;
const MIN_ROWS = 1_000;

export class TrainingSample {
  readonly #width: number;
  readonly #most: number;
  /** Rows whose hash is below it are kept; halved whenever they grow too many. */
  #threshold = 2 ** 32;
  #hashes: number[] = [];
  #rows: Float64Array[] = [];

  constructor(width: number) {
    this.#width = width;
    this.#most = Math.min(MAX_ROWS, Math.max(MIN_ROWS, Math.floor(MAX_VALUES / width)));
  }

  /** `hash` is uniform from 0 to 2^32 - 1. */
  add(hash: number, row: Float64Array): void {
    if (hash >= this.#threshold) return;
    this.#hashes.push(hash);
    this.#rows.push(row.slice());
    while (this.#rows.length > this.#most) this.#halve();
  }

  /** The values of one column, ascending, without the missing ones. */
  column(at: number): Float64Array {
    if (at < 0 || at >= this.#width) throw new RangeError(`no column ${at}`);
    const values = Float64Array.from(this.#rows, (row) => row[at]!).filter((value) => !Number.isNaN(value));
    return values.sort();
  }

  /** Equal hashes leave together, so that one of them filling the sample still ends the loop. */
  #halve(): void {
    this.#threshold /= 2;
    const kept = this.#hashes.map((hash) => hash < this.#threshold);
    this.#hashes = this.#hashes.filter((_, at) => kept[at]);
    this.#rows = this.#rows.filter((_, at) => kept[at]);
  }
}
