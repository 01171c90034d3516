/** The events of this service. Those that have no run of their own name the champion's; `version` is the version of
 * the monitor's item that they belong to. */
import type { LifecycleEvent } from '../../shared/contracts/events.ts';
import { s3Uri } from '../../shared/contracts/s3-uri.ts';
import type { Episode, LabelDrop, OpenDegradation, OpenDrift } from './monitor.ts';
import { labelledKey } from './object-names.ts';
import type { Request } from './retraining.ts';

/** The commit that a decision is for. */
export interface Turn {
  readonly pipeline: string;
  readonly now: number;
  /** That the item will have after the commit. */
  readonly version: number;
  readonly artifactsBucket: string;
}

export interface Decision<S> {
  readonly state: S;
  readonly events: readonly LifecycleEvent[];
}

const common = ({ pipeline, version }: Turn, { runId }: { readonly runId: string }) => ({
  pipeline,
  runId,
  version,
});

export const driftDetected = (
  turn: Turn,
  episode: Episode,
  { features, report }: OpenDrift,
): LifecycleEvent => ({
  name: 'DriftDetected.v1',
  detail: { ...common(turn, episode), model: episode.model, features, report },
});

export const qualityDegraded = (
  turn: Turn,
  episode: Episode,
  { value, expected }: OpenDegradation,
): LifecycleEvent => ({
  name: 'QualityDegraded.v1',
  detail: { ...common(turn, episode), model: episode.model, metric: episode.quality.metric, value, expected },
});

export const groundTruthReceived = (
  turn: Turn,
  episode: Episode,
  { matched, unmatched }: Pick<LabelDrop, 'matched' | 'unmatched'>,
): LifecycleEvent => ({
  name: 'GroundTruthReceived.v1',
  detail: { ...common(turn, episode), matched, unmatched },
});

export const retrainingRequested = (turn: Turn, request: Request): LifecycleEvent => ({
  name: 'RetrainingRequested.v1',
  detail: {
    ...common(turn, request),
    reason: request.reason,
    labelled: request.part.rows,
    part: s3Uri(turn.artifactsBucket, labelledKey(turn.pipeline, request.part.name)),
  },
});

export const retrainingSuppressed = (turn: Turn, episode: Episode, reason: string): LifecycleEvent => ({
  name: 'RetrainingSuppressed.v1',
  detail: { ...common(turn, episode), reason },
});
