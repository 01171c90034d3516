/** What the evidence of a canary allows. Pure. Guardrails can only end it; time alone never promotes. */
import { secondsOf } from '../../shared/contracts/duration.ts';
import type { Canary } from '../../shared/lifecycle/run.ts';
import type { CanaryRules } from './canary-evidence.ts';

export type CanaryVerdict =
  | { readonly kind: 'wait' }
  | { readonly kind: 'extend' }
  | { readonly kind: 'advance'; readonly weight: number }
  | { readonly kind: 'promote' | 'roll-back' | 'inconclusive'; readonly reason: string };

/** An e-process reaches 1/alpha with a probability of at most alpha while the challenger is no worse. */
const ABORT_AT = Math.log(20);
const SLOW_LOOKS = 2;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export function decide(canary: Canary, rules: CanaryRules, now: number): CanaryVerdict {
  const { evidence } = canary;
  const { challenger, champion } = evidence;
  if (evidence.logE >= ABORT_AT) {
    const rates = `${challenger.errors} of ${challenger.requests} requests failed, the champion's ${champion.errors} of ${champion.requests}`;
    return { kind: 'roll-back', reason: `The challenger fails more often: ${rates}` };
  }
  if (evidence.slowLooks >= SLOW_LOOKS) {
    const p90s = `p90 ${evidence.challengerP90Ms?.toFixed(0)} ms against the champion's ${evidence.championP90Ms?.toFixed(0)} ms`;
    return { kind: 'roll-back', reason: `The challenger is too slow: ${p90s}` };
  }
  if (isProven(canary, rules, now)) {
    const weight = rules.weights[canary.step + 1];
    if (weight !== undefined) return { kind: 'advance', weight };
    const counts = `${challenger.requests} requests, ${challenger.errors} failed`;
    return {
      kind: 'promote',
      reason: `${counts}; at most ${percent(evidence.errorBound)} more failures than the champion`,
    };
  }
  return afterTime(canary, rules, now);
}

function isProven({ evidence, stepStartedAt }: Canary, rules: CanaryRules, now: number): boolean {
  return (
    evidence.slowLooks === 0 &&
    evidence.challenger.requests >= rules.minimumRequests &&
    now - stepStartedAt >= secondsOf(rules.minimumTime) * 1000 &&
    evidence.errorBound < rules.errorMargin
  );
}

function afterTime(
  { extended, evidence, stepStartedAt }: Canary,
  rules: CanaryRules,
  now: number,
): CanaryVerdict {
  const allowed = secondsOf(rules.timeout) * 1000;
  const spent = now - stepStartedAt;
  if (spent < allowed) return { kind: 'wait' };
  if (!extended) return { kind: 'extend' };
  if (spent < 2 * allowed) return { kind: 'wait' };
  const seen = `${evidence.challenger.requests} of ${rules.minimumRequests} requests seen, bound ${percent(evidence.errorBound)} against ${percent(rules.errorMargin)}`;
  return { kind: 'inconclusive', reason: `No verdict within ${rules.timeout}, twice: ${seen}` };
}
