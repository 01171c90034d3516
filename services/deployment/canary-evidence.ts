/** What a canary's minutes say, gathered look by look. Pure. Pairs are minute by minute, never pooled over weights: a
 * failure rate that moves with the hour moves for both variants alike. */
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { CanaryCounts, CanaryEvidence } from '../../shared/lifecycle/run.ts';
import { lowerRate, upperRate } from './confidence.ts';

export type CanaryRules = PipelineSpecification['deploy']['canary'];

/** One minute of both variants' live traffic; times in epoch ms, latencies in ms. A minute is `complete` when its
 * figures no longer change. */
export interface MinuteBlock {
  readonly start: number;
  readonly end: number;
  readonly complete: boolean;
  readonly challenger: CanaryCounts;
  readonly champion: CanaryCounts;
  readonly challengerP90Ms?: number;
  readonly championP90Ms?: number;
}

/** How many times likelier a challenger's request fails, in the alternatives that the e-process bets on in equal parts. */
const ODDS = [2, 4, 8, 16] as const;
/** Error level of the promotion's bound, split between its two sides. */
const ALPHA = 0.05;
const MINUTE_MS = 60_000;
/** Fewer requests of the challenger in a minute say nothing of its p90. */
const LATENCY_REQUESTS = 20;

const none: CanaryCounts = { requests: 0, errors: 0 };
const plus = (a: CanaryCounts, b: CanaryCounts): CanaryCounts => ({
  requests: a.requests + b.requests,
  errors: a.errors + b.errors,
});
const minus = (a: CanaryCounts, b: CanaryCounts): CanaryCounts => ({
  requests: Math.max(0, a.requests - b.requests),
  errors: Math.max(0, a.errors - b.errors),
});

/** Evidence at the start of a step: nothing, but for what its first minute had counted before. */
export function startEvidence(blocks: readonly MinuteBlock[], startedAt: number): CanaryEvidence {
  const minute = Math.floor(startedAt / MINUTE_MS) * MINUTE_MS;
  const first = blocks.find((block) => block.start === minute);
  return {
    challenger: none,
    champion: none,
    logE: 0,
    errorBound: 1,
    slowLooks: 0,
    until: minute,
    closed: { challenger: none, champion: none, logE: ODDS.map(() => 0) },
    baseline: { minute, challenger: first?.challenger ?? none, champion: first?.champion ?? none },
  };
}

/** The evidence after a look at the minutes from `evidence.until` on. Complete minutes are closed and never read
 * again; open ones count for this look only, so that looking often or rarely comes to the same. */
export function observe(evidence: CanaryEvidence, blocks: readonly MinuteBlock[], rules: CanaryRules): CanaryEvidence {
  const fresh = blocks
    .filter((block) => block.start >= evidence.until)
    .sort((a, b) => a.start - b.start)
    .map((block) => sinceStart(block, evidence.baseline));
  const firstOpen = fresh.findIndex((block) => !block.complete);
  const completed = firstOpen < 0 ? fresh : fresh.slice(0, firstOpen);
  const open = firstOpen < 0 ? [] : fresh.slice(firstOpen);
  const closed = completed.reduce(gather, evidence.closed);
  const total = open.reduce(gather, closed);
  const { challenger, champion } = total;
  const latency = latencyOf(fresh);
  return {
    ...latency,
    challenger,
    champion,
    logE: mixture(total.logE),
    errorBound:
      upperRate(challenger.errors, challenger.requests, ALPHA / 2) - lowerRate(champion.errors, champion.requests, ALPHA / 2),
    slowLooks: isSlow(latency, rules) ? evidence.slowLooks + 1 : 0,
    until: completed.at(-1)?.end ?? evidence.until,
    closed,
    baseline: evidence.baseline,
  };
}

function sinceStart(block: MinuteBlock, baseline: CanaryEvidence['baseline']): MinuteBlock {
  if (block.start !== baseline.minute) return block;
  return {
    ...block,
    challenger: minus(block.challenger, baseline.challenger),
    champion: minus(block.champion, baseline.champion),
  };
}

function gather(total: CanaryEvidence['closed'], block: MinuteBlock): CanaryEvidence['closed'] {
  return {
    challenger: plus(total.challenger, block.challenger),
    champion: plus(total.champion, block.champion),
    logE: total.logE.map((sum, i) => sum + bet(block, ODDS[i] as number)),
  };
}

/** Given how many requests of a minute failed, each is the challenger's with a probability that follows from its share
 * of the traffic, if both fail alike; the bet is the likelihood ratio for `odds` against that. */
function bet({ challenger, champion }: MinuteBlock, odds: number): number {
  if (challenger.requests === 0 || champion.requests === 0) return 0;
  const alike = challenger.requests / (challenger.requests + champion.requests);
  const worse = (odds * challenger.requests) / (odds * challenger.requests + champion.requests);
  return challenger.errors * Math.log(worse / alike) + champion.errors * Math.log((1 - worse) / (1 - alike));
}

/** Log of the mean of the bets' products. */
function mixture(logE: readonly number[]): number {
  const most = Math.max(...logE);
  return most + Math.log(logE.reduce((sum, value) => sum + Math.exp(value - most), 0) / logE.length);
}

type Latency = Pick<CanaryEvidence, 'challengerP90Ms' | 'championP90Ms'>;

/** Both variants' p90 in the latest minute that has enough of the challenger's requests. */
function latencyOf(blocks: readonly MinuteBlock[]): Latency {
  const latest = blocks.findLast(({ challenger }) => challenger.requests >= LATENCY_REQUESTS);
  if (latest?.challengerP90Ms === undefined || latest.championP90Ms === undefined) return {};
  return { challengerP90Ms: latest.challengerP90Ms, championP90Ms: latest.championP90Ms };
}

function isSlow({ challengerP90Ms, championP90Ms }: Latency, rules: CanaryRules): boolean {
  if (challengerP90Ms === undefined || championP90Ms === undefined) return false;
  return challengerP90Ms > rules.latencyFloor && challengerP90Ms > rules.latencyRatio * championP90Ms;
}
