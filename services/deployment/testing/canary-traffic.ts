/** Live traffic of a canary, request by request, and the minutes that CloudWatch would make of it. */
import type { CanaryRules, MinuteBlock } from '../canary-evidence.ts';
import type { SeededRandom } from './seeded-random.ts';

export const MINUTE = 60_000;
/** A minute is complete once its metrics can no longer come late. */
export const LATENESS = 120_000;
export const noon: number = Date.UTC(2026, 0, 1, 12);

export const rules: CanaryRules = {
  weights: [0.1],
  minimumRequests: 100,
  minimumTime: '1 minute',
  timeout: '10 minutes',
  errorMargin: 0.05,
  latencyRatio: 2,
  latencyFloor: 20,
};

export interface LiveRequest {
  /** Epoch ms. */
  readonly at: number;
  readonly role: 'challenger' | 'champion';
  readonly isError: boolean;
  /** How long after `at` the metrics know of it (ms); never more than LATENESS. */
  readonly delay: number;
}

/** What the metrics show at `now`, from the minute of `from` on. */
export function minuteBlocks(requests: readonly LiveRequest[], from: number, now: number): MinuteBlock[] {
  const blocks: MinuteBlock[] = [];
  for (let start = from - (from % MINUTE); start <= now; start += MINUTE) {
    const counts = { challenger: { requests: 0, errors: 0 }, champion: { requests: 0, errors: 0 } };
    for (const { at, role, isError, delay } of requests) {
      if (at < start || at >= start + MINUTE || at + delay > now) continue;
      counts[role].requests += 1;
      if (isError) counts[role].errors += 1;
    }
    const end = start + MINUTE;
    blocks.push({ start, end, complete: end + LATENESS <= now, ...counts });
  }
  return blocks;
}

export interface Variants {
  readonly weight: number;
  /** Chance of a failure, by the second since the start. */
  challenger(second: number): number;
  champion(second: number): number;
}

/** Minutes that grow second by second; `tick` adds one second of traffic. */
export function growingMinutes(
  random: SeededRandom,
  variants: Variants,
  requestsASecond: number,
  start: number,
) {
  const minutes = new Map<number, { requests: number; errors: number }[]>();
  let second = 0;
  return {
    /** Adds a second and answers the time at its end. */
    tick(): number {
      const at = start + second * 1_000;
      const key = at - (at % MINUTE);
      const pair = minutes.get(key) ?? [
        { requests: 0, errors: 0 },
        { requests: 0, errors: 0 },
      ];
      minutes.set(key, pair);
      for (let i = 0; i < requestsASecond; i += 1) {
        const isChallenger = random.chance(variants.weight);
        const counts = pair[isChallenger ? 0 : 1] as { requests: number; errors: number };
        counts.requests += 1;
        const isError = random.chance(isChallenger ? variants.challenger(second) : variants.champion(second));
        if (isError) counts.errors += 1;
      }
      second += 1;
      return at + 999;
    },
    blocks(now: number): MinuteBlock[] {
      return [...minutes].map(([begin, [challenger, champion]]) => ({
        start: begin,
        end: begin + MINUTE,
        complete: begin + MINUTE + LATENESS <= now,
        challenger: { requests: 0, errors: 0, ...challenger },
        champion: { requests: 0, errors: 0, ...champion },
      }));
    },
  };
}
