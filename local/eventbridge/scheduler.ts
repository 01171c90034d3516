import type { Clock } from '../ports.ts';
import type { Rule } from './rule.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

const MAX_TIMER_MS = 3_600_000;

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
export class Scheduler {
  readonly #options: SchedulerOptions;
  #entries: Entry[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Takes the present rules; those whose schedule is unchanged keep their next time. */
  set(rules: readonly Rule[]): void {
    const { clock } = this.#options;
    const now = clock.now();
    const known = new Map(this.#entries.map((entry) => [entry.rule.name, entry]));
    this.#entries = rules.flatMap((rule) => {
      if (!rule.enabled || rule.schedule === undefined) return [];
      const same = known.get(rule.name);
      if (same?.rule.schedule === rule.schedule) return [{ ...same, rule }];
      const schedule = parseSchedule(rule.schedule, rule.since, clock.scale);
      return [{ rule, schedule, nextAt: schedule(now) ?? Number.POSITIVE_INFINITY }];
    });
    this.#arm();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#entries = [];
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const next = Math.min(...this.#entries.map(({ nextAt }) => nextAt));
    if (!Number.isFinite(next)) return;
    const wait = Math.min(Math.max(next - this.#options.clock.now(), 0), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#tick(), wait);
  }

  #tick(): void {
    const now = this.#options.clock.now();
    for (const entry of this.#entries) {
      if (entry.nextAt > now) continue;
      this.#options.fire(entry.rule, entry.nextAt);
      entry.nextAt = entry.schedule(now) ?? Number.POSITIVE_INFINITY;
    }
    this.#arm();
  }
}
