/** How dates are written, and what they are: milliseconds since 1970 in UTC. */
import type { DateFormat } from './data-schema.ts';

/** Where a format has year, month and day: offsets into the text, the length of the date, and its separator. */
interface Shape {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly length: number;
  readonly separators: readonly (readonly [at: number, character: string])[];
}

const dayFirst = (separator: string): Shape => ({
  year: 6,
  month: 3,
  day: 0,
  length: 10,
  separators: [
    [2, separator],
    [5, separator],
  ],
});
const yearFirst = (separator: string): Shape => ({
  year: 0,
  month: 5,
  day: 8,
  length: 10,
  separators: [
    [4, separator],
    [7, separator],
  ],
});

const SHAPES: Readonly<Record<Exclude<DateFormat, 'epoch-seconds' | 'epoch-milliseconds'>, Shape>> = {
  'YYYY-MM-DD': yearFirst('-'),
  'YYYY/MM/DD': yearFirst('/'),
  YYYYMMDD: { year: 0, month: 4, day: 6, length: 8, separators: [] },
  'DD/MM/YYYY': dayFirst('/'),
  'MM/DD/YYYY': { ...dayFirst('/'), month: 0, day: 3 },
  'DD.MM.YYYY': dayFirst('.'),
  'DD-MM-YYYY': dayFirst('-'),
};

const EPOCH = /^[+-]?\d{1,19}$/;
/** What may follow a date: `T` or one blank, a time, a zone. */
const TIME = /^[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):(\d\d))?$/;

const MINUTE = 60_000;
const DAY = 86_400_000;
/** 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z. */
export const FIRST_DATE = -62_135_596_800_000;
export const LAST_DATE = 253_402_300_799_999;

/** Reads `text` (trimmed) in the first of `formats` that fits; NaN when none does. */
export function dateOf(text: string, formats: readonly DateFormat[]): number {
  for (const format of formats) {
    const value = read(text, format);
    if (!Number.isNaN(value)) return value;
  }
  return Number.NaN;
}

function read(text: string, format: DateFormat): number {
  if (format === 'epoch-seconds' || format === 'epoch-milliseconds') {
    if (!EPOCH.test(text)) return Number.NaN;
    return within(Number(text) * (format === 'epoch-seconds' ? 1000 : 1));
  }
  const shape = SHAPES[format];
  if (shape.separators.some(([at, character]) => text[at] !== character)) return Number.NaN;
  const date = midnight(
    digits(text, shape.year, 4),
    digits(text, shape.month, 2),
    digits(text, shape.day, 2),
  );
  return text.length === shape.length ? date : within(date + timeOf(text.slice(shape.length)));
}

const within = (value: number): number =>
  value >= FIRST_DATE && value <= LAST_DATE ? value + 0 : Number.NaN;

function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** The start of a day; NaN where there is no such day. */
function midnight(year: number, month: number, day: number): number {
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return Number.NaN;
  return daysSinceEpoch(year, month, day) * DAY;
}

const leap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysIn(year: number, month: number): number {
  if (month === 2) return leap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar, counted in years that begin in March. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + ofYear - 719_468;
}

/** Milliseconds that a time and a zone add to midnight in UTC; NaN for anything else. */
function timeOf(rest: string): number {
  const match = TIME.exec(rest);
  if (!match) return Number.NaN;
  const [, hours, minutes, seconds = '0', fraction = '', sign, zoneHours, zoneMinutes] = match;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return Number.NaN;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const time = (Number(hours) * 60 + Number(minutes)) * MINUTE + Number(seconds) * 1000 + milliseconds;
  return time - offset(sign, zoneHours, zoneMinutes);
}

/** Milliseconds east of UTC; NaN for a zone that no clock has. */
function offset(sign: string | undefined, hours: string | undefined, minutes: string | undefined): number {
  if (sign === undefined) return 0;
  if (Number(hours) > 23 || Number(minutes) > 59) return Number.NaN;
  const east = (Number(hours) * 60 + Number(minutes)) * MINUTE;
  return sign === '-' ? -east : east;
}
