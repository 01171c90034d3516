import { Nested } from './cell-file.ts';
import { Rejection, tooLargeCell, tooLargeRow, tooManyCells } from './rejection.ts';
import { type ContentFacts, type ContentReader, countRow, type RowSink } from './row-sink.ts';

const NEWLINE = 10;
const MARK = '\ufeff';

/** One JSON object a line; keys are column names. */
export class JsonLinesReader implements ContentReader {
  readonly #sink: RowSink;
  readonly #declared: ReadonlySet<string>;
  readonly #ignored = new Set<string>();
  #rest: Buffer = Buffer.alloc(0);
  #line = 0;
  #rows = 0;

  constructor(sink: RowSink) {
    this.#sink = sink;
    this.#declared = new Set(sink.columns);
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : Buffer.from(chunk);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.#read(bytes.subarray(start, end));
      start = end + 1;
    }
    this.#rest = bytes.subarray(start);
    if (this.#rest.length > this.#sink.limits.rowBytes) throw tooLargeRow(this.#line + 1, this.#sink.limits);
  }

  end(): ContentFacts {
    if (this.#rest.length > 0) this.#read(this.#rest);
    if (this.#rows === 0) throw new Rejection('the file has no rows; drop one JSON object a line');
    return { format: 'jsonl', rows: this.#rows, ignored: [...this.#ignored] };
  }

  #read(bytes: Buffer): void {
    this.#line++;
    if (bytes.length > this.#sink.limits.rowBytes) throw tooLargeRow(this.#line, this.#sink.limits);
    const text = bytes.toString('utf8').replace(this.#line === 1 ? MARK : '', '');
    if (text.trim() === '') return;
    this.#rows++;
    countRow(this.#sink);
    const record = objectOf(text);
    const { part, cells, aside, columns } = this.#sink;
    if (!record) {
      aside.add(part, this.#line, 'not-json', text.trimEnd());
      return;
    }
    this.#ignore(record);
    const values = columns.map((name) => (Object.hasOwn(record, name) ? this.#cell(record[name]) : ''));
    cells.current.addValues(part, this.#line, values);
  }

  #cell(value: unknown): string | Nested {
    if (value === null) return '';
    if (typeof value === 'object') return new Nested(JSON.stringify(value));
    const cell = typeof value === 'number' ? numberCell(value) : String(value);
    if (
      cell.length * 3 > this.#sink.limits.cellBytes &&
      Buffer.byteLength(cell) > this.#sink.limits.cellBytes
    )
      throw tooLargeCell(this.#line, this.#sink.limits);
    return cell;
  }

  #ignore(record: Readonly<Record<string, unknown>>): void {
    const names = Object.keys(record);
    if (names.length > this.#sink.limits.columns) throw tooManyCells(this.#line, this.#sink.limits);
    if (this.#ignored.size >= this.#sink.limits.columns) return;
    for (const name of names) if (!this.#declared.has(name)) this.#ignored.add(name);
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The shortest decimal form that reads back to the same double. A number that none can hold stays one. */
export function numberCell(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '1e999';
  if (value === Number.NEGATIVE_INFINITY) return '-1e999';
  return String(value);
}
