const QUOTE = 34;

/** A row as its bytes in the reader's window: valid only until the reader goes on. */
export class CsvRecord {
  /** Number of the row's first line in the file, from 1. */
  line = 0;
  count = 0;
  bytes: Buffer = Buffer.alloc(0);
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** 1 where the cell holds doubled quotes. */
  readonly doubled: Uint8Array;

  constructor(columns: number) {
    this.starts = new Int32Array(columns);
    this.ends = new Int32Array(columns);
    this.doubled = new Uint8Array(columns);
  }

  /** The cell's text as it stands, by its position in the file. */
  raw(position: number): string {
    const text = this.bytes.toString('utf8', this.starts[position], this.ends[position]);
    return this.doubled[position] === 1 ? text.replaceAll('""', '"') : text;
  }

  /** The row's first characters, for people. */
  excerpt(length: number): string {
    if (this.count === 0) return '';
    const start = this.starts[0]! - (this.bytes[this.starts[0]! - 1] === QUOTE ? 1 : 0);
    const end = Math.min(this.ends[this.count - 1]!, start + length * 4);
    return this.bytes.toString('utf8', start, end).slice(0, length);
  }
}
