import { type Cells, numberOf } from './cells.ts';

const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const QUOTE = 34;
const SPACE = 32;
/** Up to 15 digits a decimal mantissa is exact in a double, so that one division rounds once, as `Number` does. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);

/** A row as its bytes in the reader's window: valid only until the reader goes on. */
export class CsvRecord implements Cells {
  /** Number of the row's first line in the file, from 1. */
  line = 0;
  count = 0;
  bytes: Buffer = Buffer.alloc(0);
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** 1 where the cell holds doubled quotes. */
  readonly doubled: Uint8Array;
  /** Position in the file of each declared column; the cells' own order where it is not set. */
  positions: Int32Array;

  constructor(columns: number) {
    this.starts = new Int32Array(columns);
    this.ends = new Int32Array(columns);
    this.doubled = new Uint8Array(columns);
    this.positions = Int32Array.from({ length: columns }, (_, at) => at);
  }

  /** The cell's text as it stands, by its position in the file. */
  raw(position: number): string {
    const text = this.bytes.toString('utf8', this.starts[position], this.ends[position]);
    return this.doubled[position] === 1 ? text.replaceAll('""', '"') : text;
  }

  blank(at: number): boolean {
    const position = this.positions[at]!;
    const start = this.starts[position]!;
    const end = this.ends[position]!;
    return start === end || (this.bytes[start]! <= SPACE && this.text(at) === '');
  }

  text(at: number): string {
    return this.raw(this.positions[at]!).trim();
  }

  number(at: number): number {
    const position = this.positions[at]!;
    const { bytes } = this;
    const start = this.starts[position]!;
    const end = this.ends[position]!;
    const negative = start < end && bytes[start] === MINUS;
    const first = negative ? start + 1 : start;
    let value = 0;
    let here = first;
    for (; here < end; here++) {
      const digit = bytes[here]! - ZERO;
      if (digit >>> 0 > 9) break;
      value = value * 10 + digit;
    }
    if (here === first || end - first > EXACT_DIGITS) return numberOf(this.text(at));
    if (here < end) {
      value = fraction(bytes, here, end, value);
      if (Number.isNaN(value)) return numberOf(this.text(at));
    }
    return negative ? -value : value;
  }

  /** The row's text from its first cell on, for people. */
  excerpt(length: number): string {
    if (this.count === 0) return '';
    const start = this.starts[0]! - (this.bytes[this.starts[0]! - 1] === QUOTE ? 1 : 0);
    const end = Math.min(this.ends[this.count - 1]!, start + length * 4);
    return this.bytes.toString('utf8', start, end).slice(0, length);
  }
}

/** Goes on after the digits `whole` with `.digits` up to `end`; NaN for anything else. */
function fraction(bytes: Uint8Array, from: number, end: number, whole: number): number {
  if (bytes[from] !== POINT) return Number.NaN;
  let value = whole;
  for (let here = from + 1; here < end; here++) {
    const digit = bytes[here]! - ZERO;
    if (digit >>> 0 > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value / POWERS[end - from - 1]!;
}
