import { closeSync, openSync, writeSync } from 'node:fs';
import { CLASSES, SeenIn } from './cell-classes.ts';
import { CARRIAGE_RETURN, CONTROL_MARK, LINE_FEED, NESTED_MARK, SEPARATOR } from './cell-format.ts';
import type { CsvRecord } from './csv-record.ts';
import { bytesText, type Limits, Rejection } from './rejection.ts';

const CHUNK = 1024 * 1024;
const SEPARATOR_BYTE = SEPARATOR.charCodeAt(0);
const NEWLINE = 10;
const TAB = 9;
const SPACE = 32;
const NOT_ASCII = 128;
const ZERO = 48;
/** Digits of a part's and a line's number. */
const NUMBERS = 40;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f]/;
const BREAK = /[\n\r]/;

/** A value that is no cell: a list or an object, as text. */
export class Nested {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A file of cells that is complete, and what is known of it. */
export interface Cells {
  readonly path: string;
  /** Which characters the cells of each column hold, as bits of `SeenIn`. */
  readonly classes: Uint16Array;
  /** Whether cells hold line breaks. */
  readonly broken: boolean;
  /** Whether there are cells that no column can read. */
  readonly marked: boolean;
  /** Bytes of the longest row. */
  readonly longestRow: number;
}

/** A stretch of the rows as lines `part ␟ line ␟ cells…` in the format of cell-format.ts: the declared columns' trimmed
 * cells, whatever file they came from. Cells of delimited text are copied as bytes, hardly any is decoded. */
export class CellFile implements Cells {
  readonly path: string;
  readonly classes: Uint16Array;
  longestRow = 0;
  broken = false;
  marked = false;
  readonly #file: number;
  readonly #limits: Limits;
  #written = 0;
  #closed = false;
  #out = Buffer.allocUnsafe(2 * CHUNK);
  #used = 0;

  constructor(path: string, columns: number, limits: Limits) {
    this.path = path;
    this.classes = new Uint16Array(columns);
    this.#limits = limits;
    this.#file = openSync(path, 'w');
  }

  get bytes(): number {
    return this.#written + this.#used;
  }

  /** `positions[i]`: where column i stands in the record. */
  addRecord(part: number, record: CsvRecord, positions: Int32Array): void {
    const { starts, ends, doubled, bytes } = record;
    this.#reserve(NUMBERS + 2 * positions.length + 2 * (ends[record.count - 1]! - starts[0]!));
    const begin = this.#begin(part, record.line);
    for (let column = 0; column < positions.length; column++) {
      const position = positions[column]!;
      this.#out[this.#used++] = SEPARATOR_BYTE;
      const start = starts[position]!;
      const end = ends[position]!;
      if (start === end) continue;
      if (doubled[position] === 1 || !this.#copy(column, bytes, start, end))
        this.#text(column, record.raw(position));
    }
    this.#end(begin);
  }

  addValues(part: number, line: number, values: readonly (string | Nested)[]): void {
    const begin = this.#begin(part, line);
    for (let column = 0; column < values.length; column++) {
      const value = values[column]!;
      this.#reserve(NUMBERS);
      this.#out[this.#used++] = SEPARATOR_BYTE;
      if (value instanceof Nested) this.#mark(column, NESTED_MARK, value.text);
      else if (value !== '') this.#text(column, value);
    }
    this.#reserve(1);
    this.#end(begin);
  }

  close(): void {
    if (this.#closed) return;
    this.#flush();
    closeSync(this.#file);
    this.#closed = true;
  }

  #begin(part: number, line: number): number {
    this.#reserve(NUMBERS);
    const begin = this.#used;
    this.#number(part);
    this.#out[this.#used++] = SEPARATOR_BYTE;
    this.#number(line);
    return begin;
  }

  #end(begin: number): void {
    this.#out[this.#used++] = NEWLINE;
    this.longestRow = Math.max(this.longestRow, this.#used - begin);
    if (this.#used >= CHUNK) this.#flush();
  }

  #number(value: number): void {
    let divisor = 1;
    while (divisor * 10 <= value) divisor *= 10;
    for (; divisor >= 1; divisor /= 10) this.#out[this.#used++] = ZERO + (Math.floor(value / divisor) % 10);
  }

  /** Copies a cell without blanks around it; false (and nothing copied) where it has to be looked at as text. */
  #copy(column: number, bytes: Buffer, start: number, end: number): boolean {
    if (isDelicate(bytes[start]!) || isDelicate(bytes[end - 1]!)) return false;
    const out = this.#out;
    let to = this.#used;
    let seen = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte < SPACE && byte !== TAB) return false;
      seen |= CLASSES[byte]!;
      out[to++] = byte;
    }
    this.classes[column]! |= seen;
    this.#used = to;
    return true;
  }

  #text(column: number, untrimmed: string): void {
    const text = untrimmed.trim();
    if (text === '') return;
    if (CONTROL.test(text)) this.#mark(column, CONTROL_MARK, text);
    else if (BREAK.test(text)) {
      this.broken = true;
      this.classes[column]! |= SeenIn.lineBreak;
      this.#write(column, text.replaceAll('\n', LINE_FEED).replaceAll('\r', CARRIAGE_RETURN));
    } else this.#write(column, text);
  }

  #mark(column: number, mark: string, text: string): void {
    this.marked = true;
    this.#write(column, `${mark}${Buffer.from(text).toString('hex')}`);
  }

  #write(column: number, text: string): void {
    const most = text.length * 3;
    if (most > this.#limits.cellBytes && Buffer.byteLength(text) > 2 * this.#limits.cellBytes + 1)
      throw new Rejection(`a cell has more than ${bytesText(this.#limits.cellBytes)}; shorten it`);
    this.#reserve(most);
    const end = this.#used + this.#out.write(text, this.#used);
    let seen = 0;
    for (let at = this.#used; at < end; at++) seen |= CLASSES[this.#out[at]!]!;
    this.classes[column]! |= seen;
    this.#used = end;
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#out.length * 2));
    this.#out.copy(larger, 0, 0, this.#used);
    this.#out = larger;
  }

  #flush(): void {
    let written = 0;
    while (written < this.#used) written += writeSync(this.#file, this.#out, written, this.#used - written);
    this.#written += written;
    this.#used = 0;
  }
}

/** At an end of a cell: it may be (part of) a blank. */
const isDelicate = (byte: number): boolean => byte <= SPACE || byte >= NOT_ASCII;
