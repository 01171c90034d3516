import type { DatePart } from '../contracts/data-schema.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** A part of an instant (milliseconds since 1970) in UTC; weekday 1 is Monday, day-of-year begins with 1. NaN stays
 * NaN. */
export function partOf(instant: number, part: DatePart): number {
  if (Number.isNaN(instant)) return instant;
  const day = Math.floor(instant / DAY);
  switch (part) {
    case 'hour':
      return Math.floor((instant - day * DAY) / HOUR);
    case 'minute':
      return Math.floor((instant - day * DAY) / MINUTE) % 60;
    case 'weekday':
      // 1970-01-01 was a Thursday.
      return ((((day + 3) % 7) + 7) % 7) + 1;
    default:
      return calendarPart(new Date(instant), day, part);
  }
}

function calendarPart(date: Date, day: number, part: 'year' | 'month' | 'day' | 'day-of-year'): number {
  switch (part) {
    case 'year':
      return date.getUTCFullYear();
    case 'month':
      return date.getUTCMonth() + 1;
    case 'day':
      return date.getUTCDate();
    case 'day-of-year': {
      const newYear = new Date(0).setUTCFullYear(date.getUTCFullYear(), 0, 1);
      return day - newYear / DAY + 1;
    }
  }
}
