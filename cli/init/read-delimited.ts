import { parse } from 'csv-parse/sync';
import { CliError, exitCode } from '../exit.ts';
import { literal, queryTexts, sampled } from './duckdb.ts';
import { roomFor, type Sample } from './sample.ts';

/** In the order in which ingest tries them; the last three must be declared. */
const DELIMITERS = [',', '\t', ';', '|', ':', '^', '~'] as const;
const LOOKED_AT = 200;
const MOST_LINE_BYTES = 8 * 1024 ** 2;

interface Dialect {
  readonly delimiter: string;
  readonly header: readonly string[];
  /** Share of the records looked at that are as wide as the header. */
  readonly fit: number;
}

/** `head` is the text that the file begins with. */
export async function readDelimited(
  path: string,
  head: string,
  shown: string,
  target: string,
): Promise<Sample> {
  const { delimiter, header } = dialectOf(head, shown, target);
  const fields = header.map((_, at) => `c${at}`);
  const types = fields.map((field) => `${literal(field)}: 'VARCHAR'`).join(', ');
  const from = `read_csv(${literal(path)}, columns = {${types}}, auto_detect = false, header = true, delim = ${literal(delimiter)}, quote = '"', escape = '"', nullstr = '', strict_mode = false, ignore_errors = true, max_line_size = ${MOST_LINE_BYTES}, null_padding = false)`;
  const [[count] = []] = await queryTexts(`SELECT count(*) FROM ${from}`).catch((error: Error) => {
    throw new CliError(`${shown} cannot be read: ${error.message.split('\n')[0]}`, exitCode.badData);
  });
  const total = Number(count);
  const rows = await queryTexts(sampled(fields, from, total, roomFor(header.length)));
  return {
    names: header,
    rows: rows.map((row) => row.map((cell) => (cell ?? '').trim())),
    total,
    delimiter,
    notes: [],
  };
}

/** The delimiter with which the header holds the target, else the one that the lines fit best. */
function dialectOf(head: string, shown: string, target: string): Dialect {
  const dialects = DELIMITERS.map((delimiter) => tryDelimiter(head, delimiter)).filter(
    (dialect) => dialect.header.length > 1,
  );
  const best = [...dialects].sort((a, b) => b.fit - a.fit || b.header.length - a.header.length)[0];
  if (!best) {
    throw new CliError(
      `${shown} has one column only: a table with a header needs two at least, separated by one of , ; | or a tab`,
      exitCode.badData,
    );
  }
  return dialects.find(({ header, fit }) => header.includes(target) && fit > 0.5) ?? best;
}

function tryDelimiter(head: string, delimiter: string): Dialect {
  const records = recordsOf(head, delimiter);
  const [header = [], ...rows] = records;
  const fitting = rows.filter((row) => row.length === header.length).length;
  return {
    delimiter,
    header: header.map((name) => name.trim()),
    fit: rows.length === 0 ? 0.75 : fitting / rows.length,
  };
}

function recordsOf(head: string, delimiter: string): string[][] {
  const whole = head.length < 1024 ** 2 / 2 ? head : head.slice(0, head.lastIndexOf('\n') + 1) || head;
  try {
    return parse(whole, {
      delimiter,
      bom: true,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      to: LOOKED_AT,
    }) as string[][];
  } catch {
    // A quote that does not close within the head: the dialect does not fit.
    return [];
  }
}
