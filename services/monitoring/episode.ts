/** The reign of a champion: when it begins, and whether it wants a retraining. Pure. */
import { noLabels } from './live-quality.ts';
import type { Champion, Episode, Facts, Monitor } from './monitor.ts';
import { closed } from './retraining.ts';
import { keepOnly } from './window.ts';

export const isNewEpisode = (state: Monitor, { champion }: Facts): boolean =>
  champion !== undefined && champion.model !== state.episode?.model;

/** A promotion has changed the champion: windows, drift and quality start anew. */
function beginEpisode(state: Monitor, champion: Champion, facts: Facts, now: number): Monitor {
  const { model, runId, cause } = champion;
  const quality = noLabels(facts.specification.evaluate.metric);
  const wasAskedFor = state.retraining.inFlight?.runId === runId;
  const { labelled, retraining } = wasAskedFor ? closed('promoted', state.labelled, state.retraining) : state;
  return {
    ...state,
    episode: { model, runId, startedAt: now, verdicts: [], quality },
    windows: keepOnly(state.windows, []),
    labelled,
    // The breaker closes when a person's run has been promoted.
    retraining: cause === 'person' ? { ...retraining, rejections: 0 } : retraining,
  };
}

/** The state in the reign of the champion of now. */
export const current = (state: Monitor, facts: Facts, now: number): Monitor =>
  facts.champion && isNewEpisode(state, facts) ? beginEpisode(state, facts.champion, facts, now) : state;

/** Why a retraining is wanted now; undefined when neither drift nor degraded quality is open. */
export function causeOf({ drift, degraded, quality }: Episode): string | undefined {
  if (drift) return `drift: ${drift.features} features differ from what the champion learned from`;
  if (degraded) {
    return `quality: ${quality.metric} is ${shown(degraded.value)} on live requests, ${shown(degraded.expected)} at the gate`;
  }
  return undefined;
}

const shown = (value: number): string => String(Number(value.toPrecision(4)));
