import { Cron } from 'croner';
import { invalid } from './request.ts';

/** When a schedule fires next, strictly after `now`; undefined when never again. Epoch milliseconds. */
export type Schedule = (now: number) => number | undefined;

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** No scale makes a rate a busy loop. */
const MIN_PERIOD = 10;
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
/** Minutes, hours, day of month, month, day of week, year: what AWS takes in each, beside what croner itself refuses. */
const FIELDS = [
  /^[\d,*/-]+$/,
  /^[\d,*/-]+$/,
  /^(\?|L|\d+W|[\d,*/-]+)$/,
  /^[\dA-Z,*/-]+$/,
  /^(\?|L|[1-7A-Z]+L|[1-7A-Z]+#[1-5]|[1-7A-Z,*-]+)$/,
  /^[\d,*/-]+$/,
];
const isYear = (text: string) => /^(\*|19[7-9]\d|20\d\d|21\d\d)(\/\d+)?$/.test(text);

/** Parses `rate(…)` or `cron(…)`. A rate's period is divided by `scale` and counted from `since`; a cron keeps
 * the calendar, in UTC. Throws ValidationException.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
export function parseSchedule(expression: string, since: number, scale: number): Schedule {
  const [, kind, text = ''] = /^(rate|cron)\(([^()]*)\)$/.exec(expression) ?? [];
  const schedule = kind === 'rate' ? parseRate(text, since, scale) : parseCron(text);
  if (!schedule) throw invalid('Parameter ScheduleExpression is not valid.');
  return schedule;
}

/** AWS takes "1 minute" and "2 minutes", and neither "1 minutes" nor "2 minute". */
function parseRate(text: string, since: number, scale: number): Schedule | undefined {
  const [, count, unit = '', plural] = /^(\d+) (minute|hour|day)(s?)$/.exec(text) ?? [];
  const value = Number(count ?? 0);
  if (value < 1 || (value === 1) === (plural === 's')) return undefined;
  const period = Math.max((value * UNITS[unit]!) / scale, MIN_PERIOD);
  return (now) => Math.ceil(since + (Math.floor((now - since) / period) + 1) * period);
}

/** AWS counts weekdays from Sunday = 1 and wants `?` in exactly one of the two fields for days. */
function parseCron(text: string): Schedule | undefined {
  const fields = text.trim().toUpperCase().split(/\s+/);
  const [minutes, hours, monthDay, month, weekday, year] = fields;
  if (fields.length !== FIELDS.length || !fields.every((field, at) => FIELDS[at]!.test(field)))
    return undefined;
  if ((monthDay === '?') === (weekday === '?')) return undefined;
  if (!year!.split(/[,-]/).every(isYear)) return undefined;
  const days = weekday!.replace(/^L$/, 'SAT').replace(/(?<!#)\d/g, (day) => WEEKDAYS[Number(day) - 1]!);
  const pattern = ['0', minutes, hours, monthDay, month, days, year].join(' ').replaceAll('?', '*');
  try {
    const cron = new Cron(pattern, { timezone: 'UTC', sloppyRanges: true, paused: true });
    return (now) => cron.nextRun(new Date(now))?.getTime();
  } catch {
    return undefined;
  }
}
