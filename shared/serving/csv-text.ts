/** Delimited text as docs/data.md reads it, for a body that is there as a whole: RFC 4180 quotes, LF or CRLF, a quote
 * inside an unquoted cell is a character like any other, an empty line is no row. */

export type CsvRow =
  | { readonly kind: 'cells'; readonly cells: readonly string[] }
  /** A quote that does not close, or has text behind it; only the line that it begins on is lost. */
  | { readonly kind: 'broken'; readonly line: string };

const BYTE_ORDER_MARK = '\uFEFF';
const QUOTE = '"';
/** Characters of a cell at most; a quote that does not close within them is broken. */
export const LONGEST_CELL = 32 * 1024;
const UNQUOTED = /[^,\n]*/y;

export function* csvRows(text: string): Generator<CsvRow> {
  let at = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  while (at < text.length) {
    const blank = emptyLine(text, at);
    if (blank > 0) {
      at += blank;
      continue;
    }
    const row = rowAt(text, at);
    if (row) {
      yield { kind: 'cells', cells: row.cells };
      at = row.end;
    } else {
      const end = endOfLine(text, at);
      yield { kind: 'broken', line: text.slice(at, end).replace(/\r$/, '') };
      at = end + 1;
    }
  }
}

const emptyLine = (text: string, at: number): number =>
  text[at] === '\n' ? 1 : Number(text.startsWith('\r\n', at)) * 2;

const endOfLine = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
};

interface Row {
  readonly cells: string[];
  /** Where the next row begins. */
  readonly end: number;
}

function rowAt(text: string, start: number): Row | undefined {
  const cells: string[] = [];
  for (let at = start; ; at += 1) {
    const end = text[at] === QUOTE ? quotedCell(text, at, cells) : unquotedCell(text, at, cells);
    if (end === undefined) return undefined;
    if (text[end] !== ',') return { cells, end: end + (text[end] === '\r' ? 2 : 1) };
    at = end;
  }
}

/** Answers where the cell ends: at a comma, a line's end or the text's; undefined where the quote is broken. */
function quotedCell(text: string, at: number, cells: string[]): number | undefined {
  const quote = closingQuote(text, at);
  const end = quote + 1;
  const isEnd =
    end === text.length || text[end] === ',' || text[end] === '\n' || text.startsWith('\r\n', end);
  if (quote < 0 || !isEnd || quote - at > LONGEST_CELL) return undefined;
  cells.push(text.slice(at + 1, quote).replaceAll('""', QUOTE));
  return end;
}

/** The first quote behind the one at `at` that is not doubled; -1 where there is none. */
function closingQuote(text: string, at: number): number {
  let quote = text.indexOf(QUOTE, at + 1);
  while (quote >= 0 && text[quote + 1] === QUOTE) quote = text.indexOf(QUOTE, quote + 2);
  return quote;
}

function unquotedCell(text: string, at: number, cells: string[]): number {
  UNQUOTED.lastIndex = at;
  const cell = (UNQUOTED.exec(text) as RegExpExecArray)[0];
  const end = UNQUOTED.lastIndex;
  const isLast = text[end] !== ',';
  cells.push(isLast && cell.endsWith('\r') ? cell.slice(0, -1) : cell);
  return end;
}

const SPECIAL = /[",\r\n]/;

/** One line of CSV, without its end, that `csvRows` reads back as the same cells (a single empty one as well). */
export function csvLine(cells: readonly string[]): string {
  if (cells.length === 1 && cells[0] === '') return '""';
  return cells.map((cell) => (SPECIAL.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}
