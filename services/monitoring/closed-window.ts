import type { ClosingWindow } from './window.ts';
import type { WindowStatistics } from './window-statistics.ts';

const SHOWN_FEATURES = 10;

/** A closed window as the HTTP API shows it; everything measured lies in `report`. */
export interface ClosedWindow {
  readonly id: string;
  readonly pipeline: string;
  readonly model: string;
  readonly number: number;
  readonly closedAt: string;
  /** Times of its first and last inference. */
  readonly from: string;
  readonly to: string;
  readonly objects: number;
  readonly rows: number;
  readonly verdict: WindowStatistics['verdict'];
  readonly reason?: string;
  /** Features measured, how many drifted, and their share. */
  readonly features: number;
  readonly drifted: number;
  readonly share: number;
  /** The features that differ most. */
  readonly top: readonly { readonly name: string; readonly distance: number; readonly probability: number }[];
  readonly report: string;
}

export interface Reading {
  readonly statistics: WindowStatistics;
  readonly from: string;
  readonly to: string;
  readonly unreadable: number;
  readonly missing: readonly string[];
  readonly reason?: string;
}

/** What is said of a window that cannot be measured. */
export function unjudged(reason: string): Reading {
  const statistics = {
    rows: 0,
    unusable: 0,
    drifted: 0,
    share: 0,
    verdict: 'inconclusive',
    features: [],
  } as const;
  return { statistics, from: '', to: '', unreadable: 0, missing: [], reason };
}

export function closedWindow(
  pipeline: string,
  window: ClosingWindow,
  reading: Reading,
  report: string,
): ClosedWindow {
  const { statistics, from, to, reason } = reading;
  const { rows, verdict, drifted, share, features } = statistics;
  const top = [...features]
    .sort((a, b) => b.distance - a.distance)
    .slice(0, SHOWN_FEATURES)
    .map(({ name, distance, probability }) => ({ name, distance, probability }));
  const { id, model, number, closedAt, objects } = window;
  const time = new Date(closedAt).toISOString();
  const counts = { objects, rows, features: features.length, drifted, share };
  return {
    id,
    pipeline,
    model,
    number,
    closedAt: time,
    from,
    to,
    ...counts,
    verdict,
    ...(reason ? { reason } : {}),
    top,
    report,
  };
}
