/** What newly labelled rows make of the champion's quality. Pure. */
import { type Decision, qualityDegraded, type Turn } from './announcements.ts';
import type { LabelledRow } from './join.ts';
import { addRows, isWorse, metricOf } from './live-quality.ts';
import type { Episode, Facts } from './monitor.ts';

/** The episode with the rows counted, the champion's only; degraded once there are labels enough to say so. */
export function withQuality(
  episode: Episode,
  rows: readonly LabelledRow[],
  { specification, champion }: Facts,
  turn: Turn,
): Decision<Episode> {
  const { evaluate, monitor } = specification;
  const own = rows.filter(({ model }) => model === episode.model);
  const quality = addRows(episode.quality, evaluate, own);
  const next = { ...episode, quality };
  const [value, expected] = [metricOf(quality), champion?.expected];
  const isJudged =
    value !== undefined && expected !== undefined && quality.labels >= monitor.quality.minimumLabels;
  if (!isJudged || episode.degraded || !isWorse(quality.metric, value, expected, monitor.quality.tolerance)) {
    return { state: next, events: [] };
  }
  const degraded = { since: turn.now, value, expected };
  const opened = { ...next, degraded };
  return { state: opened, events: [qualityDegraded(turn, opened, degraded)] };
}
