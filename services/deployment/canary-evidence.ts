/** What a canary's minutes say, gathered look by look. Pure. Both variants are compared minute by minute and step by
 * step, never pooled: a failure rate that moves with the hour, or a step to another weight, moves neither verdict.
 *
 * The evidence against the challenger is a betting e-process (Ramdas, Grünwald, Vovk, Shafer, Game-theoretic statistics
 * and safe anytime-valid inference, Statistical Science 38, 2023): it reaches 1/alpha with a probability of at most
 * alpha while the challenger fails no more often, however often one looks. */
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { CanaryCounts, CanaryEvidence } from '../../shared/lifecycle/run.ts';
import { judgeLatency, type LatencyBlock } from './canary-latency.ts';
import { lowerRate, upperRate } from './confidence.ts';

export type CanaryRules = PipelineSpecification['deploy']['canary'];

/** One minute of both variants' live traffic; times in epoch ms, latencies in ms. A minute is `complete` when its
 * figures no longer change. */
export interface MinuteBlock extends LatencyBlock {
  readonly end: number;
  readonly complete: boolean;
  readonly champion: CanaryCounts;
}

/** How many times higher the odds of a challenger's failure are, in the alternatives that the e-process bets on in
 * equal parts. */
const ODDS = [2, 4, 8, 16] as const;
/** Error level of the promotion's bound, split between its two sides. */
const ALPHA = 0.05;
const MINUTE_MS = 60_000;

const { exp, log, max } = Math;
const none: CanaryCounts = { requests: 0, errors: 0 };

const plus = (a: CanaryCounts, b: CanaryCounts): CanaryCounts => ({
  requests: a.requests + b.requests,
  errors: a.errors + b.errors,
});

/** A failure may be counted before its request is. */
function since(counts: CanaryCounts, before: CanaryCounts): CanaryCounts {
  const errors = max(0, counts.errors - before.errors);
  return { errors, requests: max(errors, counts.requests - before.requests) };
}

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
export function observe(
  evidence: CanaryEvidence,
  blocks: readonly MinuteBlock[],
  rules: CanaryRules,
): CanaryEvidence {
  const { baseline } = evidence;
  const fresh = blocks
    .filter((block) => block.start >= evidence.until)
    .sort((a, b) => a.start - b.start)
    .map((block) => sinceStart(block, baseline));
  const firstOpen = fresh.findIndex((block) => !block.complete);
  const completed = firstOpen < 0 ? fresh : fresh.slice(0, firstOpen);
  const closed = completed.reduce(gather, evidence.closed);
  const { challenger, champion, logE } = fresh.slice(completed.length).reduce(gather, closed);
  const worst = upperRate(challenger.errors, challenger.requests, ALPHA / 2);
  const best = lowerRate(champion.errors, champion.requests, ALPHA / 2);
  return {
    ...judgeLatency(evidence, fresh, rules),
    challenger,
    champion,
    logE: logMeanOf(logE),
    errorBound: worst - best,
    until: completed.at(-1)?.end ?? evidence.until,
    closed,
    baseline,
  };
}

function sinceStart(block: MinuteBlock, { minute, ...before }: CanaryEvidence['baseline']): MinuteBlock {
  const { challenger, champion } = block.start === minute ? before : { challenger: none, champion: none };
  return {
    ...block,
    challenger: since(block.challenger, challenger),
    champion: since(block.champion, champion),
  };
}

function gather(total: CanaryEvidence['closed'], block: MinuteBlock): CanaryEvidence['closed'] {
  return {
    challenger: plus(total.challenger, block.challenger),
    champion: plus(total.champion, block.champion),
    logE: ODDS.map((odds, i) => (total.logE[i] ?? 0) + bet(block, odds)),
  };
}

/** Given which share of a minute's requests was the challenger's, that is the chance of each failure to be the
 * challenger's, if both fail alike; the bet is the likelihood ratio for `odds` against that. (Given the number of
 * failures, the challenger's are hypergeometric; by Hoeffding, 1963, the ratio's mean is then at most 1 too.) */
function bet({ challenger, champion }: MinuteBlock, odds: number): number {
  if (challenger.requests === 0 || champion.requests === 0) return 0;
  const alike = challenger.requests / (challenger.requests + champion.requests);
  const worse = (odds * challenger.requests) / (odds * challenger.requests + champion.requests);
  return challenger.errors * log(worse / alike) + champion.errors * log((1 - worse) / (1 - alike));
}

/** Log of the mean of what the bets have come to. */
function logMeanOf(logs: readonly number[]): number {
  const most = max(...logs);
  return most + log(logs.reduce((sum, value) => sum + exp(value - most), 0) / logs.length);
}
