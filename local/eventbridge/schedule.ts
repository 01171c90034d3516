import { parseCron } from './cron.ts';
import { invalid } from './rule.ts';

/** When a schedule fires next, strictly after `now`; undefined when never again. Epoch milliseconds. */
export type Schedule = (now: number) => number | undefined;

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** No scale makes a rate a busy loop. */
const MIN_PERIOD = 10;

/** Parses `rate(…)` or `cron(…)`. A rate's period is divided by `scale` and counted from `since`; a cron keeps
 * the calendar. Throws ValidationException. */
export function parseSchedule(expression: string, since: number, scale: number): Schedule {
  const rate = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate) {
    const [, count, unit = '', plural] = rate;
    const value = Number(count);
    // AWS takes "1 minute" and "2 minutes", and neither "1 minutes" nor "2 minute".
    if (value < 1 || (value === 1) === (plural === 's')) throw invalidSchedule();
    const period = Math.max((value * UNITS[unit]!) / scale, MIN_PERIOD);
    return (now) => Math.ceil(since + (Math.floor((now - since) / period) + 1) * period);
  }
  const cron = parseCron(/^cron\((.*)\)$/.exec(expression)?.[1] ?? '');
  if (!cron) throw invalidSchedule();
  return (now) => cron.next(now);
}

function invalidSchedule() {
  return invalid('Parameter ScheduleExpression is not valid.');
}
