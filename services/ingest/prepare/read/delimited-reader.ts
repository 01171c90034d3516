import { CsvReader } from './csv-reader.ts';
import type { CsvRecord } from './csv-record.ts';
import { type Header, readHeader } from './header.ts';
import { Rejection } from './rejection.ts';
import { type ContentFacts, type ContentReader, countRow, type RowSink } from './row-sink.ts';

const EXCERPT = 200;
/** Tried in this order where none is declared. */
export const DELIMITERS: readonly string[] = [',', '\t', ';', '|'];

/** Delimited text. Waits for the header to know which delimiter it is. */
export class DelimitedReader implements ContentReader {
  readonly #sink: RowSink;
  readonly #delimiters: readonly string[];
  #waiting: Buffer[] = [];
  #rows: DelimitedRows | undefined;

  constructor(sink: RowSink, delimiters: readonly string[]) {
    this.#sink = sink;
    this.#delimiters = delimiters;
  }

  push(chunk: Buffer): void {
    if (this.#rows) {
      this.#rows.push(chunk);
      return;
    }
    this.#waiting.push(Buffer.from(chunk));
    // Without a newline there is no header yet; a search for the delimiter in each chunk would be quadratic.
    if (chunk.includes('\n') || this.#waiting.length === 1) this.#begin(false);
  }

  end(): ContentFacts {
    if (!this.#rows) this.#begin(true);
    return this.#rows!.end();
  }

  #begin(final: boolean): void {
    const begin = Buffer.concat(this.#waiting);
    const [only] = this.#delimiters;
    const delimiter =
      this.#delimiters.length === 1 ? only! : findDelimiter(begin, this.#delimiters, this.#sink, final);
    if (delimiter === undefined) {
      this.#waiting = [begin];
      return;
    }
    this.#waiting = [];
    this.#rows = new DelimitedRows(this.#sink, delimiter);
    this.#rows.push(begin);
  }
}

/** The first delimiter with which the header holds every declared column; where none does, the one whose complaint
 * helps most. Undefined while the header has not ended. */
function findDelimiter(
  begin: Buffer,
  delimiters: readonly string[],
  { columns, limits }: RowSink,
  final: boolean,
): string | undefined {
  let widest = { width: 0, delimiter: delimiters[0]! };
  for (const delimiter of delimiters) {
    const cells = headerWith(begin, delimiter, limits, final);
    if (cells === undefined) return undefined;
    const names = new Set(cells.map((cell) => cell.trim()));
    if (columns.every((column) => names.has(column))) return delimiter;
    const width = columns.filter((column) => names.has(column)).length;
    if (width > widest.width) widest = { width, delimiter };
  }
  return widest.delimiter;
}

class HeaderFound extends Error {}

/** The cells of the first row; none where there is no readable one, undefined while it has not ended. */
function headerWith(
  begin: Buffer,
  delimiter: string,
  limits: RowSink['limits'],
  final: boolean,
): readonly string[] | undefined {
  let cells: readonly string[] | undefined;
  const reader = new CsvReader(delimiter, limits, {
    row: (record) => {
      cells = cellsOf(record);
      throw new HeaderFound();
    },
    broken: () => {
      cells = [];
      throw new HeaderFound();
    },
  });
  try {
    reader.push(begin);
    if (final) reader.end();
  } catch (error) {
    if (!(error instanceof HeaderFound)) throw error;
  }
  return cells ?? (final ? [] : undefined);
}

const cellsOf = (record: CsvRecord): readonly string[] =>
  Array.from({ length: record.count }, (_, at) => record.raw(at));

class DelimitedRows {
  readonly #sink: RowSink;
  readonly #delimiter: string;
  readonly #reader: CsvReader;
  #header: Header | undefined;
  #rows = 0;

  constructor(sink: RowSink, delimiter: string) {
    this.#sink = sink;
    this.#delimiter = delimiter;
    this.#reader = new CsvReader(delimiter, sink.limits, this);
  }

  push(chunk: Buffer): void {
    this.#reader.push(chunk);
  }

  end(): ContentFacts {
    this.#reader.end();
    if (!this.#header) throw new Rejection('the file is empty; drop one that has rows');
    if (this.#rows === 0) throw new Rejection('the file has a header but no rows; drop one that has rows');
    return {
      format: this.#delimiter === '\t' ? 'tsv' : 'csv',
      rows: this.#rows,
      ignored: this.#header.ignored,
    };
  }

  row(record: CsvRecord): void {
    const { cells, aside, part, columns } = this.#sink;
    if (!this.#header) {
      this.#header = readHeader(cellsOf(record), columns);
      return;
    }
    this.#count();
    if (record.count === this.#header.width) cells.current.addRecord(part, record, this.#header.positions);
    else aside.add(part, record.line, 'torn-line', record.excerpt(EXCERPT));
  }

  broken(line: number, excerpt: string, reason: string): void {
    if (!this.#header)
      throw new Rejection(`the header ${reason}; write the names of the columns without quotes`);
    this.#count();
    this.#sink.aside.add(this.#sink.part, line, 'broken-quote', excerpt);
  }

  #count(): void {
    this.#rows++;
    countRow(this.#sink);
  }
}
