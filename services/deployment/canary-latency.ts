/** The latency guardrail of a canary: is the challenger's p90 out of proportion, twice in a row? Pure. */
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { CanaryCounts } from '../../shared/lifecycle/run.ts';

type LatencyRules = Pick<PipelineSpecification['deploy']['canary'], 'latencyFloor' | 'latencyRatio'>;

/** Fewer requests of the challenger say nothing of its p90. */
const ENOUGH_REQUESTS = 20;

export interface LatencyBlock {
  readonly start: number;
  readonly challenger: CanaryCounts;
  readonly challengerP90Ms?: number;
  readonly championP90Ms?: number;
}

export interface LatencyEvidence {
  readonly challengerP90Ms?: number;
  readonly championP90Ms?: number;
  /** Judgements in a row that found the challenger too slow. */
  readonly slowLooks: number;
  /** How many requests of which minute (epoch ms) were last judged: a look that finds fewer than 20 more is none, so
   * that looking often does not make one slow start into two. */
  readonly judged?: { readonly minute: number; readonly requests: number };
}

/** Judges the latest block that has enough of the challenger's requests. */
export function judgeLatency(
  before: LatencyEvidence,
  blocks: readonly LatencyBlock[],
  rules: LatencyRules,
): LatencyEvidence {
  const { slowLooks, judged } = before;
  const kept = { slowLooks, ...(judged ? { judged } : {}) };
  const block = blocks.findLast(({ challenger }) => challenger.requests >= ENOUGH_REQUESTS);
  if (block?.challengerP90Ms === undefined || block.championP90Ms === undefined) return kept;

  const { challengerP90Ms, championP90Ms, start: minute } = block;
  const p90s = { challengerP90Ms, championP90Ms };
  const { requests } = block.challenger;
  const isNews = !judged || minute > judged.minute || requests >= judged.requests + ENOUGH_REQUESTS;
  if (!isNews) return { ...p90s, ...kept };
  const isSlow = challengerP90Ms > rules.latencyFloor && challengerP90Ms > rules.latencyRatio * championP90Ms;
  return { ...p90s, slowLooks: isSlow ? slowLooks + 1 : 0, judged: { minute, requests } };
}
