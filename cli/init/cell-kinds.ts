/** What the cells of one column are. Pure. */
import { DATE_FORMATS, type DateFormat } from '../../shared/contracts/data-schema.ts';
import { dateOf } from '../../shared/contracts/date-text.ts';
import { numberOf } from '../../shared/preparation/number-text.ts';

/** Texts by which programs write that a value is missing; compared in lower case. */
const NOTHING = new Set([
  ...['na', 'n/a', '#n/a', '#na', '<na>', 'nan', '-nan', 'null', '#null!', 'none', 'nil', '?'],
  ...['-', '--', '.', '..', '#div/0!', '#value!', '#num!'],
]);
export const meansNothing = (cell: string): boolean => NOTHING.has(cell.toLowerCase());

const POINT = /[.eE]/;
/** `1.234,5` or `12,5`: how half of the world writes numbers, and `$1,200` and `45 %`. */
const OTHER_NUMBER = /^[€$£]?\s?[+-]?\d{1,3}([., ]?\d{3})*([.,]\d+)?\s?[%€$£]?$/;
/** So many of the cells must be of a kind; the others' rows are set aside. */
const ENOUGH = 0.98;
const YEARS = { first: Date.UTC(1800, 0, 1), last: Date.UTC(2200, 0, 1) };
const EPOCHS: readonly DateFormat[] = ['epoch-seconds', 'epoch-milliseconds'];
const NAMED_TIME = /(^|[_\W])(date|day|time|timestamp|datetime|epoch|ts)([_\W]|$)|(_at|_on|Date|Time|At)$/;
const RECENT = { first: Date.UTC(1990, 0, 1), last: Date.UTC(2100, 0, 1) };

export type CellKind =
  | { readonly kind: 'number' | 'integer'; readonly unreadable: readonly string[] }
  | {
      readonly kind: 'date';
      readonly formats: readonly DateFormat[];
      readonly unreadable: readonly string[];
      /** Day and month could be the other way round. */
      readonly ambiguous: boolean;
    }
  | { readonly kind: 'text'; readonly looksNumeric: boolean };

/** `cells` without the blank ones. */
export function kindOf(name: string, cells: readonly string[]): CellKind {
  if (cells.length === 0) return { kind: 'text', looksNumeric: false };
  return asDate(name, cells) ?? asNumber(cells) ?? asText(cells);
}

function asText(cells: readonly string[]): CellKind {
  const values = cells.filter((cell) => !meansNothing(cell));
  if (values.length === 0) return { kind: 'text', looksNumeric: false };
  const like = values.filter((value) => OTHER_NUMBER.test(value)).length;
  return { kind: 'text', looksNumeric: like >= ENOUGH * values.length };
}

function asNumber(cells: readonly string[]): CellKind | undefined {
  const isNumber = (cell: string) => Math.abs(numberOf(cell)) <= 3.4e38;
  const readable = cells.filter(isNumber);
  if (readable.length < ENOUGH * cells.length) return undefined;
  const whole = readable.every((cell) => !POINT.test(cell) && Number.isSafeInteger(Number(cell)));
  return { kind: whole ? 'integer' : 'number', unreadable: cells.filter((cell) => !isNumber(cell)) };
}

function asDate(name: string, cells: readonly string[]): CellKind | undefined {
  const fits = (format: DateFormat) => cells.filter((cell) => isDate(name, cell, format)).length;
  const scored = DATE_FORMATS.map((format) => ({ format, fit: fits(format) })).filter(({ fit }) => fit > 0);
  scored.sort((a, b) => b.fit - a.fit);
  const [best] = scored;
  if (!best) return undefined;
  const formats =
    best.fit >= cells.length
      ? [best.format]
      : covering(
          name,
          cells,
          scored.map(({ format }) => format),
        );
  const isReadable = (cell: string) => formats.some((format) => isDate(name, cell, format));
  const readable = cells.filter(isReadable).length;
  if (readable < ENOUGH * cells.length) return undefined;
  const swapped = ['DD/MM/YYYY', 'MM/DD/YYYY'].every((format) =>
    scored.some((one) => one.format === format && one.fit === best.fit),
  );
  return { kind: 'date', formats, ambiguous: swapped, unreadable: cells.filter((cell) => !isReadable(cell)) };
}

/** The fewest formats, best first, of which each reads what those before it cannot. */
function covering(name: string, values: readonly string[], formats: readonly DateFormat[]): DateFormat[] {
  let left = values;
  return formats.filter((format) => {
    const before = left.length;
    left = left.filter((value) => !isDate(name, value, format));
    return left.length < before;
  });
}

/** Whole numbers are dates only where they would be of our time, and the column is named so. */
function isDate(name: string, cell: string, format: DateFormat): boolean {
  const value = dateOf(cell, [format]);
  if (Number.isNaN(value)) return false;
  if (EPOCHS.includes(format)) return NAMED_TIME.test(name) && value >= RECENT.first && value < RECENT.last;
  if (format === 'YYYYMMDD' && !NAMED_TIME.test(name)) return false;
  return value >= YEARS.first && value < YEARS.last;
}
