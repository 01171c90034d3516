/** What monitoring knows of one pipeline: the state of its one item, at most 64 KB. Pure. */

import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { Cause } from '../../shared/lifecycle/run.ts';
import type { QualityCounts } from './live-quality.ts';
import type { Labelled, Retraining, RetrainingRun } from './retraining.ts';
import { noWindows, type Windows } from './window.ts';
import type { WindowVerdict } from './window-statistics.ts';

export interface OpenDrift {
  readonly since: number;
  readonly window: string;
  readonly features: number;
  readonly report: string;
}

export interface OpenDegradation {
  readonly since: number;
  readonly value: number;
  readonly expected: number;
}

/** The reign of one champion. What is measured in it starts anew with the next one. */
export interface Episode {
  readonly model: string;
  readonly runId: string;
  readonly startedAt: number;
  /** Of the last three judged windows, the newest last. */
  readonly verdicts: readonly Exclude<WindowVerdict, 'inconclusive'>[];
  readonly quality: QualityCounts;
  readonly drift?: OpenDrift;
  readonly degraded?: OpenDegradation;
  /** Why a wanted retraining was not asked for; told once. */
  readonly suppressed?: string;
}

/** One dropped ground-truth object. While `tryAt` is set, labels of it wait for their inferences (in `report`). Times
 * are epoch ms; `scannedAt` is the time up to which captures were searched. */
export interface LabelDrop {
  readonly id: string;
  /** Its key, at most the last 100 characters. */
  readonly object: string;
  readonly receivedAt: number;
  readonly matched: number;
  readonly unmatched: number;
  readonly malformed: number;
  /** `s3://` address of its report. */
  readonly report: string;
  readonly attempts: number;
  readonly scannedAt?: number;
  readonly tryAt?: number;
}

export interface Monitor {
  readonly pipeline: string;
  readonly episode?: Episode;
  readonly windows: Windows;
  /** Those that wait, and the last ten that are done. */
  readonly groundTruth: readonly LabelDrop[];
  readonly seenGroundTruth: string;
  readonly labelled: Labelled;
  readonly retraining: Retraining;
}

export const emptyMonitor = (pipeline: string): Monitor => ({
  pipeline,
  windows: noWindows,
  groundTruth: [],
  seenGroundTruth: '',
  labelled: { header: '', parts: [] },
  retraining: { rejections: 0 },
});

/** What the rest of the table says at the moment of a decision. */
export interface Facts {
  readonly specification: PipelineSpecification;
  /** Models that the endpoint serves or shall serve, the champion among them. */
  readonly serving: readonly string[];
  readonly champion?: Champion;
  readonly retrainingRun?: RetrainingRun;
}

export interface Champion {
  readonly model: string;
  readonly runId: string;
  readonly cause: Cause['kind'];
  /** The metric at its gate; absent when the pipeline is measured by another metric now. */
  readonly expected?: number;
}

export const isOpenDrop = (drop: LabelDrop): drop is LabelDrop & { readonly tryAt: number } =>
  drop.tryAt !== undefined;
