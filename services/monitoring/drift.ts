/** What a window's verdict makes of the champion's drift. Pure. */
import { type Decision, driftDetected, type Turn } from './announcements.ts';
import type { Episode, Facts, Monitor, OpenDrift } from './monitor.ts';
import { type ClosingWindow, judged } from './window.ts';
import type { WindowStatistics } from './window-statistics.ts';

const LOOKED_BACK = 3;

/** The state after a window's verdict. Only the champion's windows count; too small a window says nothing. `report` is
 * the `s3://` address of the window's report. */
export function withVerdict(
  state: Monitor,
  window: ClosingWindow,
  { verdict, drifted }: Pick<WindowStatistics, 'verdict' | 'drifted'>,
  { report, facts, turn }: { readonly report: string; readonly facts: Facts; readonly turn: Turn },
): Decision<Monitor> {
  const { window: size, drift } = facts.specification.monitor;
  const next = { ...state, windows: judged(state.windows, window.model, size, turn.now) };
  const { episode } = state;
  if (!episode || episode.model !== window.model || verdict === 'inconclusive')
    return { state: next, events: [] };
  const verdicts = [...episode.verdicts, verdict].slice(-LOOKED_BACK);
  const counted = { ...episode, verdicts };
  if (verdict === 'calm') return { state: { ...next, episode: calmed(counted) }, events: [] };
  const isDrift = verdicts.filter((one) => one === 'drifted').length >= drift.windows;
  if (!isDrift || episode.drift) return { state: { ...next, episode: counted }, events: [] };
  const found: OpenDrift = { since: turn.now, window: window.id, features: drifted, report };
  const opened = { ...counted, drift: found };
  return { state: { ...next, episode: opened }, events: [driftDetected(turn, opened, found)] };
}

/** A calm window ends drift; with it ends what was said about its retraining, unless quality still asks for one. */
function calmed(episode: Episode): Episode {
  const { drift: _, suppressed, ...rest } = episode;
  return rest.degraded && suppressed ? { ...rest, suppressed } : rest;
}
