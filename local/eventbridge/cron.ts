/** EventBridge's cron: minutes, hours, day of month, month, day of week (1 = Sunday), year; UTC.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
export interface Cron {
  /** The first fit strictly after an instant (epoch milliseconds), undefined when there is none. */
  next(after: number): number | undefined;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const DAY = 86_400_000;
const LAST_YEAR = 2199;

/** Parses the six fields between the parentheses. Undefined when they are not valid. */
export function parseCron(text: string): Cron | undefined {
  const fields = text.trim().split(/\s+/);
  const [minute = '', hour = '', monthDay = '', month = '', weekday = '', year = ''] = fields;
  const minutes = parseField(minute, { low: 0, high: 59 });
  const hours = parseField(hour, { low: 0, high: 23 });
  const months = parseField(month.toUpperCase(), { low: 1, high: 12, names: MONTHS });
  const years = parseField(year, { low: 1970, high: LAST_YEAR });
  const day = parseDay(monthDay.toUpperCase(), weekday.toUpperCase());
  if (fields.length !== 6 || !minutes || !hours || !months || !years || !day) return undefined;
  const fits = (date: Date): boolean =>
    years.has(date.getUTCFullYear()) && months.has(date.getUTCMonth() + 1) && day(date);
  const times = [...hours]
    .flatMap((h) => [...minutes].map((m) => (h * 60 + m) * 60_000))
    .sort((a, b) => a - b);
  const last = Math.max(...years);
  return { next: (after) => nextTime(after, last, fits, times) };
}

function nextTime(
  after: number,
  lastYear: number,
  fits: (date: Date) => boolean,
  times: readonly number[],
): number | undefined {
  for (let midnight = after - (after % DAY); ; midnight += DAY) {
    const date = new Date(midnight);
    if (date.getUTCFullYear() > lastYear) return undefined;
    if (!fits(date)) continue;
    const time = times.find((offset) => midnight + offset > after);
    if (time !== undefined) return midnight + time;
  }
}

interface FieldRange {
  readonly low: number;
  readonly high: number;
  /** Names of the values from `low` on. */
  readonly names?: readonly string[];
}

/** A list of `*`, values, ranges and steps. */
function parseField(text: string, range: FieldRange): Set<number> | undefined {
  const items = text.split(',').map((item) => parseItem(item, range));
  const values = items.flatMap((item) => item ?? []);
  return items.includes(undefined) ? undefined : new Set(values);
}

function parseItem(item: string, { low, high, names = [] }: FieldRange): number[] | undefined {
  const [matched, first = '', last, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(item) ?? [];
  const number = (word: string): number => (names.includes(word) ? names.indexOf(word) + low : Number(word));
  const from = first === '*' ? low : number(first);
  // `n/step`, like `*`, runs to the end.
  const to = last ? number(last) : step || first === '*' ? high : from;
  if (!(matched && from >= low && to <= high && from <= to && step !== '0')) return undefined;
  const by = Number(step ?? 1);
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
}

type DayTest = (date: Date) => boolean;

/** One of day of month and day of week must be `?`. */
function parseDay(monthDay: string, weekday: string): DayTest | undefined {
  if ((monthDay === '?') === (weekday === '?')) return undefined;
  return weekday === '?' ? parseMonthDay(monthDay) : parseWeekday(weekday);
}

const daysIn = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

function parseMonthDay(text: string): DayTest | undefined {
  if (text === 'L') return (date) => date.getUTCDate() === daysIn(date);
  const nearest = /^(\d+)W$/.exec(text);
  if (nearest) {
    const day = Number(nearest[1]);
    return day >= 1 && day <= 31 ? (date) => date.getUTCDate() === nearestWorkday(date, day) : undefined;
  }
  const days = parseField(text, { low: 1, high: 31 });
  return days && ((date) => days.has(date.getUTCDate()));
}

function nearestWorkday(date: Date, day: number): number {
  const last = daysIn(date);
  const wanted = Math.min(day, last);
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), wanted)).getUTCDay();
  if (weekday === 6) return wanted === 1 ? 3 : wanted - 1;
  if (weekday === 0) return wanted === last ? wanted - 2 : wanted + 1;
  return wanted;
}

function parseWeekday(text: string): DayTest | undefined {
  const special = /^(\w+?)(?:#([1-5])|(L))$/.exec(text);
  const days = parseField(special?.[1] ?? text, { low: 1, high: 7, names: WEEKDAYS });
  if (!days) return undefined;
  const onDay: DayTest = (date) => days.has(date.getUTCDay() + 1);
  if (!special) return onDay;
  if (special[3]) return (date) => onDay(date) && date.getUTCDate() > daysIn(date) - 7;
  return (date) => onDay(date) && Math.ceil(date.getUTCDate() / 7) === Number(special[2]);
}
