import type { Clock } from '../ports.ts';
import type { Rule } from './rule.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

/** `setTimeout` takes no more than 24.8 days; a later time just causes one more look. */
const LONGEST_SLEEP_MS = 3_600_000;

interface Entry {
  readonly rule: Rule;
  readonly schedule: Schedule;
  nextAt: number;
}

export interface SchedulerOptions {
  readonly clock: Clock;
  /** Called once when a rule falls due, with the time (epoch milliseconds) for which it was due. */
  readonly fire: (rule: Rule, at: number) => void;
}

/** Fires scheduled rules. A time that passed while nothing ran is not made up for. */
export function createScheduler({ clock, fire }: SchedulerOptions) {
  let entries: readonly Entry[] = [];
  let timer: NodeJS.Timeout | undefined;

  function arm(): void {
    clearTimeout(timer);
    const next = Math.min(...entries.map(({ nextAt }) => nextAt));
    if (!Number.isFinite(next)) return;
    timer = setTimeout(tick, Math.min(Math.max(next - clock.now(), 0), LONGEST_SLEEP_MS));
  }

  function tick(): void {
    const now = clock.now();
    for (const entry of entries) {
      if (entry.nextAt > now) continue;
      fire(entry.rule, entry.nextAt);
      entry.nextAt = entry.schedule(now) ?? Number.POSITIVE_INFINITY;
    }
    arm();
  }

  function entryOf(rule: Rule): Entry[] {
    if (rule.State === 'DISABLED' || rule.ScheduleExpression === undefined) return [];
    const known = entries.find((entry) => entry.rule.Name === rule.Name);
    if (known?.rule.ScheduleExpression === rule.ScheduleExpression) return [{ ...known, rule }];
    const schedule = parseSchedule(rule.ScheduleExpression, rule.since, clock.scale);
    return [{ rule, schedule, nextAt: schedule(clock.now()) ?? Number.POSITIVE_INFINITY }];
  }

  return {
    /** Takes the present rules; those whose schedule is unchanged keep their next time. */
    set(rules: readonly Rule[]): void {
      entries = rules.flatMap(entryOf);
      arm();
    },
    close(): void {
      clearTimeout(timer);
      entries = [];
    },
  };
}
