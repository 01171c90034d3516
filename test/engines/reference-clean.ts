/** Step 1 of docs/data.md for one row, as plainly as it is written there. Slow; shares nothing with the row engine but
 * what the contracts themselves declare. */
import { fold } from '../../shared/contracts/canonical-text.ts';
import { layOut, type RawColumn } from '../../shared/contracts/data-layout.ts';
import type { DateFormat } from '../../shared/contracts/data-schema.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { RowProblem, Rule } from '../../shared/preparation/row-problem.ts';

/** A number (a date in milliseconds), a text, or missing. */
export type Value = number | string | undefined;

export type Change = 'blank' | 'canonicalised' | 'nulled' | 'clipped' | 'filled';

export interface CleanRow {
  readonly values: Value[];
  /** By column: missing when it came or made missing. */
  readonly wasMissing: boolean[];
  /** By column. */
  readonly changes: Set<Change>[];
}

class Aside extends Error {
  readonly problem: RowProblem;
  constructor(problem: RowProblem) {
    super(problem.rule);
    this.problem = problem;
  }
}

const putAside = (rule: Rule, column: string, value: string): never => {
  throw new Aside({ rule, column, value: first200(value) });
};

export const first200 = (text: string): string => [...text].slice(0, 200).join('');

/** `cells`: one for each declared column, not yet trimmed; `nested` where a typed value cannot be a cell. */
export function clean(data: DataSpecification, cells: readonly (string | Nested)[]): CleanRow | RowProblem {
  const { columns } = layOut(data);
  const row: CleanRow = {
    values: columns.map(() => undefined),
    wasMissing: columns.map(() => false),
    changes: columns.map(() => new Set<Change>()),
  };
  try {
    columns.forEach((column, at) => {
      row.values[at] = cleanCell(column, at, row, cells[at]!, column.column.blanks ?? data.blanks ?? []);
    });
    return row;
  } catch (error) {
    if (error instanceof Aside) return error.problem;
    throw error;
  }
}

export class Nested {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function cleanCell(
  raw: RawColumn,
  at: number,
  row: CleanRow,
  given: string | Nested,
  blankWords: readonly string[],
): Value {
  const { name, column } = raw;
  if (given instanceof Nested) return putAside('not-a-cell', name, given.text);
  const cell = given.trim();
  // 1. Blank?
  if (cell === '' || blankWords.includes(cell)) {
    row.changes[at]!.add('blank');
    return missing(raw, at, row, cell);
  }
  if ([...cell].some((character) => character < ' ' && !'\t\n\r'.includes(character)))
    return putAside('control-character', name, cell);
  // 2. Type, 3. Meaning.
  if (column.type === 'text') return meaningOfText(raw, at, row, cell);
  return meaningOfValue(raw, at, row, cell, typed(raw, cell));
}

/** The value of a number, integer or date cell. */
function typed({ name, column }: RawColumn, cell: string): number {
  if (column.type === 'date') return readDate(cell, column.formats!) ?? putAside('not-a-date', name, cell);
  const value = readNumber(cell);
  if (column.type === 'number') {
    if (value === undefined) return putAside('not-a-number', name, cell);
    return Math.abs(value) > 3.4028234663852886e38 ? putAside('out-of-range', name, cell) : value;
  }
  if (value === undefined) return putAside('not-an-integer', name, cell);
  if (Math.abs(value) > 2 ** 53 - 1) return putAside('out-of-range', name, cell);
  return value === Math.floor(value) ? value : putAside('not-an-integer', name, cell);
}

function readNumber(cell: string): number | undefined {
  const digits = '[0-9]+';
  const form = new RegExp(`^[+-]?(${digits}([.]${digits})?|[.]${digits})([eE][+-]?${digits})?$`);
  return form.test(cell) ? plain(Number.parseFloat(cell)) : undefined;
}

/** −0 is 0. */
export const plain = (value: number): number => (value === 0 ? 0 : value);

const CALENDAR: Readonly<Record<string, RegExp>> = {
  'YYYY-MM-DD': /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(?<rest>.*)$/s,
  'YYYY/MM/DD': /^(?<year>\d{4})\/(?<month>\d\d)\/(?<day>\d\d)(?<rest>.*)$/s,
  YYYYMMDD: /^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)(?<rest>.*)$/s,
  'DD/MM/YYYY': /^(?<day>\d\d)\/(?<month>\d\d)\/(?<year>\d{4})(?<rest>.*)$/s,
  'MM/DD/YYYY': /^(?<month>\d\d)\/(?<day>\d\d)\/(?<year>\d{4})(?<rest>.*)$/s,
  'DD.MM.YYYY': /^(?<day>\d\d)\.(?<month>\d\d)\.(?<year>\d{4})(?<rest>.*)$/s,
  'DD-MM-YYYY': /^(?<day>\d\d)-(?<month>\d\d)-(?<year>\d{4})(?<rest>.*)$/s,
};
const CLOCK =
  /^[T ](?<hour>\d\d):(?<minute>\d\d)(:(?<second>\d\d)(\.(?<fraction>\d{1,9}))?)?(?<zone>Z|[+-]\d\d:\d\d)?$/;

/** Milliseconds since 1970 by the first format that fits. */
export function readDate(cell: string, formats: readonly DateFormat[]): number | undefined {
  for (const format of formats) {
    const value = format.startsWith('epoch') ? readEpoch(cell, format) : readCalendar(cell, format);
    if (value !== undefined && value >= Date.parse('0001-01-01T00:00:00Z') && value < 253402300800000)
      return plain(value);
  }
  return undefined;
}

function readEpoch(cell: string, format: DateFormat): number | undefined {
  if (!/^[+-]?[0-9]{1,19}$/.test(cell)) return undefined;
  return Number(cell) * (format === 'epoch-seconds' ? 1000 : 1);
}

function readCalendar(cell: string, format: DateFormat): number | undefined {
  const { year, month, day, rest } = CALENDAR[format]!.exec(cell)?.groups ?? {};
  if (year === undefined) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const exists = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!exists || Number(year) < 1) return undefined;
  if (rest === '') return date.getTime();
  const clock = CLOCK.exec(rest!)?.groups;
  if (!clock) return undefined;
  const { hour, minute, second = '0', fraction = '0', zone = 'Z' } = clock;
  const [zoneHours, zoneMinutes] = zone === 'Z' ? [0, 0] : zone.slice(1).split(':').map(Number);
  if ([hour, zoneHours].some((hours) => Number(hours) > 23)) return undefined;
  if ([minute, second, zoneMinutes].some((sixtieth) => Number(sixtieth) > 59)) return undefined;
  const east = (zone.startsWith('-') ? -1 : 1) * (zoneHours! * 60 + zoneMinutes!);
  const milliseconds = Number(`${fraction}00`.slice(0, 3));
  return (
    date.getTime() + ((Number(hour) * 60 + Number(minute) - east) * 60 + Number(second)) * 1000 + milliseconds
  );
}

function meaningOfText(raw: RawColumn, at: number, row: CleanRow, cell: string): Value {
  const { name, column } = raw;
  const text = cell.normalize('NFC');
  if (!column.canonical) return text;
  const known = canonicalName(column.canonical, text);
  if (known !== undefined) {
    if (known !== text) row.changes[at]!.add('canonicalised');
    return known;
  }
  switch (column.unknown) {
    case 'quarantine':
      return putAside('unknown-value', name, cell);
    case 'null':
      row.changes[at]!.add('nulled');
      return missing(raw, at, row, cell);
    default:
      return text;
  }
}

function canonicalName(
  canonical: Readonly<Record<string, readonly string[]>>,
  text: string,
): string | undefined {
  return Object.keys(canonical).find((name) =>
    [name, ...canonical[name]!].some((spelling) => fold(spelling) === fold(text)),
  );
}

function meaningOfValue(raw: RawColumn, at: number, row: CleanRow, cell: string, value: number): Value {
  const { name, column } = raw;
  const isDate = column.type === 'date';
  const date = (text: string | undefined) =>
    text === undefined ? undefined : readDate(text.trim(), ['YYYY-MM-DD']);
  const low = isDate ? date(column.earliest) : column.minimum;
  const high = isDate ? date(column.latest) : column.maximum;
  const bound =
    low !== undefined && value < low ? low : high !== undefined && value > high ? high : undefined;
  if (bound === undefined) return value;
  switch (column.outside) {
    case 'clip':
      row.changes[at]!.add('clipped');
      return plain(bound);
    case 'null':
      row.changes[at]!.add('nulled');
      return missing(raw, at, row, cell);
    default:
      return putAside('out-of-range', name, cell);
  }
}

/** 4. Missing. */
export function missing({ name, column }: RawColumn, at: number, row: CleanRow, cell: string): Value {
  const rule = column.missing;
  if (rule === 'quarantine') return putAside('missing', name, cell);
  if (rule === 'drop')
    throw new Aside({ rule: 'missing', column: name, value: first200(cell), dropped: true });
  row.wasMissing[at] = true;
  if (typeof rule !== 'object') return undefined;
  row.changes[at]!.add('filled');
  if (column.type === 'date') return readDate(String(rule.constant).trim(), ['YYYY-MM-DD']);
  if (column.type !== 'text') return plain(Number(rule.constant));
  const text = String(rule.constant).trim().normalize('NFC');
  return (column.canonical && canonicalName(column.canonical, text)) ?? text;
}

/** The problem that `act` throws, or undefined. */
export function asideOf(act: () => void): RowProblem | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Aside) return error.problem;
    throw error;
  }
}

export const refuse = (problem: RowProblem): never => {
  throw new Aside(problem);
};
