/** What dropped labels make of the monitor: their own progress, new labelled rows, the champion's quality. Pure. */
import { type Decision, groundTruthReceived, type Turn } from './announcements.ts';
import { withQuality } from './degradation.ts';
import type { LabelledRow } from './join.ts';
import { type Facts, isOpenDrop, type LabelDrop, type Monitor } from './monitor.ts';
import { type LabelledPart, withPart } from './retraining.ts';
import { hasSeen, remember } from './seen.ts';

/** Labels wait this long for their inferences. */
export const PATIENCE_MS = 7 * 86_400_000;
const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 6 * 3_600_000;
const MOST_OPEN = 40;
const MOST_DONE = 10;
const SHOWN_KEY = 100;

/** Too many objects wait for their inferences: the drop has to come again. */
export class TooManyOpenDrops extends Error {
  readonly code = 'TooManyOpenDrops';
}

export interface NewDrop {
  readonly id: string;
  readonly object: string;
  readonly labels: number;
  readonly malformed: number;
  readonly report: string;
}

/** Notes a dropped object. The same content again changes nothing: answers undefined. Throws TooManyOpenDrops. */
export function admitDrop(state: Monitor, drop: NewDrop, turn: Turn): Decision<Monitor> | undefined {
  const { id, object, labels, malformed, report } = drop;
  if (hasSeen(state.seenGroundTruth, id)) return undefined;
  if (state.groundTruth.filter(isOpenDrop).length >= MOST_OPEN) {
    throw new TooManyOpenDrops(
      `${MOST_OPEN} ground-truth objects of ${state.pipeline} wait for their inferences`,
    );
  }
  const noted: LabelDrop = {
    id,
    object: object.slice(-SHOWN_KEY),
    receivedAt: turn.now,
    matched: 0,
    unmatched: labels,
    malformed,
    report,
    attempts: 0,
    ...(labels > 0 ? { tryAt: turn.now } : {}),
  };
  // Without a single label there is nothing to wait for, and nobody would tell of it later.
  const events = labels === 0 && state.episode ? [groundTruthReceived(turn, state.episode, noted)] : [];
  return {
    state: {
      ...state,
      groundTruth: tidy([...state.groundTruth, noted]),
      seenGroundTruth: remember(state.seenGroundTruth, id),
    },
    events,
  };
}

/** New captures are there: what waits is tried again at once. */
export const hurried = (drops: readonly LabelDrop[], now: number): readonly LabelDrop[] =>
  drops.map((drop) => (isOpenDrop(drop) && drop.tryAt > now ? { ...drop, tryAt: now } : drop));

/** One attempt to match a drop's open labels. */
export interface JoinOutcome {
  readonly drop: LabelDrop;
  readonly matched: number;
  readonly unmatched: number;
  readonly mismatched: number;
  readonly rows: readonly LabelledRow[];
  readonly report: string;
  /** The rows as a labelled object, when there are any, and the hash of its header. */
  readonly part?: LabelledPart;
  readonly header: string;
  /** Start of the search. */
  readonly scannedAt: number;
}

/** The state after attempts to match drops. */
export function withJoined(
  state: Monitor,
  outcomes: readonly JoinOutcome[],
  { facts, turn }: { readonly facts: Facts; readonly turn: Turn },
): Decision<Monitor> {
  const after = new Map(outcomes.map((outcome) => [outcome.drop.id, advanced(outcome, turn.now)]));
  const labelled = outcomes.reduce(
    (all, { part, header }) => (part ? withPart(all, header, part, 'new') : all),
    state.labelled,
  );
  const next = {
    ...state,
    labelled,
    groundTruth: tidy(state.groundTruth.map((drop) => after.get(drop.id) ?? drop)),
  };
  const { episode } = state;
  if (!episode) return { state: next, events: [] };
  const told = outcomes.filter((outcome) => isNews(outcome, after.get(outcome.drop.id) as LabelDrop));
  const received = told.map(({ drop }) =>
    groundTruthReceived(turn, episode, after.get(drop.id) as LabelDrop),
  );
  const rows = outcomes.flatMap((outcome) => outcome.rows);
  const quality = withQuality(episode, rows, facts, turn);
  return { state: { ...next, episode: quality.state }, events: [...received, ...quality.events] };
}

const isNews = ({ drop, matched }: JoinOutcome, after: LabelDrop): boolean =>
  drop.attempts === 0 || matched > 0 || !isOpenDrop(after);

function advanced(
  { drop, matched, unmatched, mismatched, report, scannedAt }: JoinOutcome,
  now: number,
): LabelDrop {
  const { tryAt: _, ...rest } = drop;
  const attempts = drop.attempts + 1;
  const isOver = unmatched === 0 || now >= drop.receivedAt + PATIENCE_MS;
  const wait = Math.min(FIRST_RETRY_MS * 2 ** drop.attempts, LAST_RETRY_MS);
  return {
    ...rest,
    matched: drop.matched + matched,
    unmatched,
    malformed: drop.malformed + mismatched,
    report,
    attempts,
    scannedAt,
    ...(isOver ? {} : { tryAt: now + wait }),
  };
}

function tidy(drops: readonly LabelDrop[]): readonly LabelDrop[] {
  const done = drops.filter((drop) => !isOpenDrop(drop));
  const forgotten = new Set(done.slice(0, Math.max(0, done.length - MOST_DONE)));
  return drops.filter((drop) => !forgotten.has(drop));
}
