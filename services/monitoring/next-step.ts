/** What monitoring does next for a pipeline, and when it looks again. Pure. */
import { causeOf, isNewEpisode } from './episode.ts';
import { type Facts, isOpenDrop, type LabelDrop, type Monitor } from './monitor.ts';
import { nextRetrainingStep, type RetrainingStep, type RetrainingView } from './retraining.ts';
import type { ClosingWindow } from './window.ts';

export type Step =
  | { readonly kind: 'begin-episode' }
  | { readonly kind: 'judge-window'; readonly window: ClosingWindow }
  | { readonly kind: 'join'; readonly drops: readonly LabelDrop[] }
  | { readonly kind: 'unite' }
  | Exclude<RetrainingStep, { kind: 'wait' }>
  /** Nothing to do before `until` (epoch ms), or before something happens. */
  | { readonly kind: 'rest'; readonly until?: number };

const MOST_DROPS_AT_ONCE = 10;
const MOST_PARTS = 64;
const NO_CHAMPION_MS = 600_000;

export function nextStep(state: Monitor, facts: Facts, now: number): Step {
  if (isNewEpisode(state, facts)) return { kind: 'begin-episode' };
  const [window] = Object.values(state.windows.closing);
  if (window) return { kind: 'judge-window', window };
  const open = state.groundTruth.filter(isOpenDrop);
  if (!state.episode)
    return open.length > 0 ? { kind: 'rest', until: now + NO_CHAMPION_MS } : { kind: 'rest' };
  const drops = open.filter((drop) => drop.tryAt <= now).slice(0, MOST_DROPS_AT_ONCE);
  if (drops.length > 0) return { kind: 'join', drops };
  if (state.labelled.parts.length > MOST_PARTS) return { kind: 'unite' };
  const step = nextRetrainingStep(retrainingView(state, facts), now);
  if (step.kind !== 'wait') return step;
  const times = [...open.map((drop) => drop.tryAt), ...(step.until === undefined ? [] : [step.until])];
  return times.length > 0 ? { kind: 'rest', until: Math.min(...times) } : { kind: 'rest' };
}

export function retrainingView(state: Monitor, { specification, retrainingRun }: Facts): RetrainingView {
  const { episode, labelled, retraining } = state;
  return {
    cause: episode && causeOf(episode),
    suppressed: episode?.suppressed !== undefined,
    champion: episode?.runId ?? '',
    labelled,
    retraining,
    run: retrainingRun,
    specification: specification.monitor.retrain,
  };
}
