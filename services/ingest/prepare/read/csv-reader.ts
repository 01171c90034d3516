/** RFC 4180 over bytes as they stream in, with any delimiter: quotes, doubled quotes, newlines in quotes, LF or CRLF,
 * a byte order mark.
 * 785 cells a row make 12 million cells in 30 MB, for which csv-parse takes 3 s of a core; this reads cells in place.
 * Beyond the RFC: an empty line is no row, a quote inside an unquoted cell is a character like any other. */
import { CsvRecord } from './csv-record.ts';
import { type Limits, tooLargeCell, tooLargeRow, tooManyCells } from './rejection.ts';

const NEWLINE = 10;
const QUOTE = 34;
const RETURN = 13;
const EXCERPT_BYTES = 1024;

/** Where the reader stands in the grammar. */
type State = 'cell' | 'plain' | 'quoted' | 'closed' | 'broken' | 'skip';

export interface CsvEvents {
  /** `record` is the reader's own and valid during the call. */
  row(record: CsvRecord): void;
  /** A quote that never closes, or has text after it. Only this line is lost; reading goes on at the next. */
  broken(line: number, excerpt: string, reason: string): void;
}

export class CsvReader {
  readonly record: CsvRecord;
  readonly #delimiter: number;
  readonly #limits: Limits;
  readonly #events: CsvEvents;
  #window: Buffer<ArrayBuffer> = Buffer.allocUnsafe(64 * 1024);
  #used = 0;
  #at = 0;
  #recordStart = 0;
  #cellStart = 0;
  #line = 1;
  #state: State = 'cell';
  #sawQuotes = false;
  #begun = false;
  /** What is wrong with the line in state `broken`. */
  #fault = '';

  /** `delimiter` is one character of ASCII. */
  constructor(delimiter: string, limits: Limits, events: CsvEvents) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#limits = limits;
    this.#events = events;
    this.record = new CsvRecord(limits.columns);
  }

  push(chunk: Uint8Array): void {
    this.#append(chunk);
    this.#scan(false);
    this.#keepRest();
  }

  /** The file ends here; a last row needs no newline. */
  end(): void {
    this.#scan(true);
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#used + chunk.length;
    if (needed > this.#window.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#window.length * 2));
      this.#window.copy(larger, 0, 0, this.#used);
      this.#window = larger;
    }
    this.#window.set(chunk, this.#used);
    this.#used = needed;
  }

  /** Moves the row that has not ended to the front of the window. */
  #keepRest(): void {
    const shift = this.#recordStart;
    if (this.#state !== 'broken') this.#checkRow(this.#used);
    if (shift === 0) return;
    this.#window.copyWithin(0, shift, this.#used);
    this.#used -= shift;
    this.#at -= shift;
    this.#cellStart -= shift;
    this.#recordStart = 0;
    const { starts, ends, count } = this.record;
    for (let cell = 0; cell < count; cell++) {
      starts[cell]! -= shift;
      ends[cell]! -= shift;
    }
  }

  #scan(final: boolean): void {
    if (!this.#skipMark(final)) return;
    this.record.bytes = this.#window;
    for (;;) {
      while (this.#at < this.#used && this.#step(final));
      if (!final || this.#finish()) return;
    }
  }

  /** Takes the reader through one stretch of one state; false when it needs more bytes. */
  #step(final: boolean): boolean {
    switch (this.#state) {
      case 'cell':
      case 'plain':
        return this.#plain();
      case 'quoted':
        return this.#quoted(final);
      case 'closed':
        return this.#closed(final);
      case 'broken':
        return this.#broken(final);
      case 'skip':
        return this.#skip();
    }
  }

  #plain(): boolean {
    const window = this.#window;
    const used = this.#used;
    const delimiter = this.#delimiter;
    let at = this.#at;
    if (this.#state === 'cell' && window[at] === QUOTE) return this.#open();
    while (at < used) {
      const byte = window[at]!;
      if (byte === NEWLINE) return this.#plainRow(at);
      at++;
      if (byte !== delimiter) continue;
      this.#cell(this.#cellStart, at - 1, 0);
      this.#cellStart = at;
      if (at < used && window[at] === QUOTE) break;
    }
    this.#at = at;
    this.#state = this.#cellStart === at ? 'cell' : 'plain';
    const length = this.#withoutReturn(at) - this.#cellStart;
    if (length > this.#limits.cellBytes) this.#tooLarge('cell');
    return true;
  }

  #plainRow(newline: number): boolean {
    this.#at = newline;
    this.#endRow(newline > this.#cellStart && this.#window[newline - 1] === RETURN ? newline - 1 : newline);
    return true;
  }

  #open(): boolean {
    this.#cellStart = ++this.#at;
    this.#state = 'quoted';
    this.#sawQuotes = true;
    this.record.doubled[Math.min(this.record.count, this.#limits.columns - 1)] = 0;
    return true;
  }

  #quoted(final: boolean): boolean {
    const quote = this.#window.subarray(0, this.#used).indexOf(QUOTE, this.#at);
    if (quote < 0 || quote - this.#cellStart > this.#limits.cellBytes) {
      if (this.#used - this.#cellStart > this.#limits.cellBytes) return this.#unclosed();
      this.#at = this.#used;
      return true;
    }
    if (quote + 1 >= this.#used && !final) {
      this.#at = quote;
      return false;
    }
    if (this.#window[quote + 1] === QUOTE && quote + 1 < this.#used) {
      this.#at = quote + 2;
      this.record.doubled[Math.min(this.record.count, this.#limits.columns - 1)] = 1;
      return true;
    }
    this.#at = quote + 1;
    this.#state = 'closed';
    return true;
  }

  /** After a closing quote only a delimiter, a newline or the end may stand. */
  #closed(final: boolean): boolean {
    const byte = this.#window[this.#at];
    const end = this.#at - 1;
    const doubled = this.record.doubled[Math.min(this.record.count, this.#limits.columns - 1)]!;
    if (byte === this.#delimiter) {
      this.#cell(this.#cellStart, end, doubled);
      this.#cellStart = ++this.#at;
      this.#state = 'cell';
      return true;
    }
    if (byte === RETURN && this.#at + 1 >= this.#used && !final) return false;
    if (byte === RETURN && this.#window[this.#at + 1] === NEWLINE && this.#at + 1 < this.#used) this.#at++;
    if (this.#window[this.#at] !== NEWLINE) return this.#breakOff('has text after a closing quote', this.#at);
    this.#endRow(end, doubled);
    return true;
  }

  #skip(): boolean {
    const newline = this.#window.subarray(0, this.#used).indexOf(NEWLINE, this.#at);
    this.#at = newline < 0 ? this.#used : newline + 1;
    this.#recordStart = this.#at;
    if (newline >= 0) this.#startRow(this.#line + 1);
    return true;
  }

  #unclosed(): boolean {
    const seen = this.#cellStart + this.#limits.cellBytes;
    const newline = this.#window.indexOf(NEWLINE, this.#recordStart);
    // One line that long is a cell that long; with lines in it, it is more likely a stray quote.
    if (newline < 0 || newline > seen) this.#tooLarge('cell');
    return this.#breakOff('opens a quote that does not close', Math.max(seen, this.#at));
  }

  /** Gives the row's first line up and goes back to the one after it. `at` is where the fault showed. */
  #breakOff(fault: string, at: number): boolean {
    this.#checkRow(at);
    this.#fault = fault;
    this.#state = 'broken';
    this.record.count = 0;
    this.#sawQuotes = false;
    return true;
  }

  /** Waits for as much of the line as is told of it, so that what is told never depends on the chunks. */
  #broken(final: boolean): boolean {
    const window = this.#window.subarray(0, this.#used);
    const newline = window.indexOf(NEWLINE, this.#recordStart);
    const lineEnd = newline < 0 ? this.#used : newline;
    if (newline < 0 && !final && this.#used - this.#recordStart < EXCERPT_BYTES) {
      this.#at = this.#used;
      return false;
    }
    const end = Math.min(lineEnd, this.#recordStart + EXCERPT_BYTES);
    this.#events.broken(this.#line, window.toString('utf8', this.#recordStart, end).trimEnd(), this.#fault);
    this.#at = lineEnd;
    this.#state = 'skip';
    return true;
  }

  #cell(start: number, end: number, doubled: number): void {
    const { record } = this;
    if (end - start > this.#limits.cellBytes) this.#tooLarge('cell');
    if (record.count >= this.#limits.columns) {
      throw tooManyCells(this.#line, this.#limits);
    }
    record.starts[record.count] = start;
    record.ends[record.count] = end;
    record.doubled[record.count] = doubled;
    record.count++;
  }

  /** Stands on the newline (or the end of the file) behind the row's last cell. */
  #endRow(end: number, doubled = 0): void {
    const { record } = this;
    this.#checkRow(this.#at);
    const empty = record.count === 0 && end === this.#recordStart;
    this.#cell(this.#cellStart, end, doubled);
    record.line = this.#line;
    if (!empty) this.#events.row(record);
    const lines = this.#sawQuotes ? this.#newlines() : 0;
    this.#at++;
    this.#startRow(this.#line + lines + 1);
  }

  #newlines(): number {
    let count = 0;
    for (let at = this.#recordStart; at < this.#at; at++) if (this.#window[at] === NEWLINE) count++;
    return count;
  }

  #startRow(line: number): void {
    this.#line = line;
    this.#recordStart = this.#at;
    this.#cellStart = this.#at;
    this.#state = 'cell';
    this.#sawQuotes = false;
    this.record.count = 0;
  }

  /** Ends the last row; false when a quote that never closed sends the reader back. */
  #finish(): boolean {
    switch (this.#state) {
      case 'skip':
        return true;
      case 'quoted':
        this.#breakOff('opens a quote that does not close', this.#used);
        this.#broken(true);
        return false;
      case 'broken':
        this.#broken(true);
        return false;
      case 'closed':
        this.#endRow(this.#at - 1, this.record.doubled[this.record.count]!);
        return true;
      case 'cell':
      case 'plain':
        if (this.#used > this.#recordStart) this.#endRow(this.#used);
        return true;
    }
  }

  #skipMark(final: boolean): boolean {
    if (this.#begun) return true;
    if (this.#used < 3 && !final) return false;
    this.#begun = true;
    const marked = this.#used >= 3 && this.#window.readUIntBE(0, 3) === 0xefbbbf;
    this.#at = marked ? 3 : 0;
    this.#recordStart = this.#at;
    this.#cellStart = this.#at;
    return true;
  }

  /** `end` bytes of the window are read, and the row has not ended before. */
  #checkRow(end: number): void {
    if (this.#withoutReturn(end) - this.#recordStart > this.#limits.rowBytes) {
      this.#tooLarge('row');
    }
  }

  /** A carriage return may (still turn out to) belong to the newline. */
  #withoutReturn(end: number): number {
    return this.#window[end - 1] === RETURN ? end - 1 : end;
  }

  #tooLarge(what: 'row' | 'cell'): never {
    throw what === 'row' ? tooLargeRow(this.#line, this.#limits) : tooLargeCell(this.#line, this.#limits);
  }
}
