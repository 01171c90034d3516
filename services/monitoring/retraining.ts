/** When to ask for a retraining, and what became of the one that was asked for. Pure. */
import { secondsOf } from '../../shared/contracts/duration.ts';
import { runIdOf, shortHash } from '../../shared/contracts/names.ts';
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { isTerminal } from '../../shared/lifecycle/moves.ts';
import type { Phase } from '../../shared/lifecycle/run.ts';

export type RetrainSpecification = PipelineSpecification['monitor']['retrain'];

/** A labelled CSV object `datasets/<pipeline>/labelled/<name>.csv` and its rows. */
export interface LabelledPart {
  readonly name: string;
  readonly rows: number;
}

/** Labelled rows that no retraining has used. `header` is the hash of the CSV header that the parts share. */
export interface Labelled {
  readonly header: string;
  readonly parts: readonly LabelledPart[];
}

export interface Request {
  readonly request: string;
  readonly runId: string;
  readonly reason: string;
  readonly part: LabelledPart;
  /** Of the part's columns. */
  readonly header: string;
  readonly requestedAt: number;
  /** When it was last published, and how often. */
  readonly askedAt: number;
  readonly asks: number;
}

export interface Retraining {
  readonly inFlight?: Request;
  readonly last?: { readonly request: string; readonly at: number };
  /** Retraining runs in a row that were rejected or rolled back. */
  readonly rejections: number;
}

/** The run of the request in flight, as it is stored. */
export type RetrainingRun =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present'; readonly phase: Phase; readonly updatedAt: number };

export type RetrainingStep =
  | { readonly kind: 'request'; readonly reason: string }
  | { readonly kind: 'ask-again' }
  | { readonly kind: 'close'; readonly phase: Phase }
  | { readonly kind: 'suppress'; readonly reason: string }
  | { readonly kind: 'wait'; readonly until?: number };

export interface RetrainingView {
  /** Why a retraining is wanted; undefined when nothing is open. */
  readonly cause: string | undefined;
  readonly suppressed: boolean;
  readonly champion: string;
  readonly labelled: Labelled;
  readonly retraining: Retraining;
  readonly run: RetrainingRun | undefined;
  readonly specification: RetrainSpecification;
}

const ASK_AGAIN_MS = 120_000;
const ASK_AGAIN_MOST_MS = 3_600_000;
const LOOK_MS = 15_000;
const CHAMPION_FOLLOWS_MS = 120_000;

export const rowsOf = ({ parts }: Labelled): number => parts.reduce((rows, part) => rows + part.rows, 0);

export function nextRetrainingStep(view: RetrainingView, now: number): RetrainingStep {
  const { inFlight } = view.retraining;
  return inFlight ? follow(inFlight, view, now) : begin(view, now);
}

function follow(request: Request, { run, champion }: RetrainingView, now: number): RetrainingStep {
  if (!run || run.kind === 'absent') {
    const patience = Math.min(ASK_AGAIN_MS * 2 ** (request.asks - 1), ASK_AGAIN_MOST_MS);
    const until = request.askedAt + patience;
    return now >= until ? { kind: 'ask-again' } : { kind: 'wait', until: Math.min(until, now + LOOK_MS) };
  }
  if (!isTerminal(run.phase)) return { kind: 'wait', until: now + LOOK_MS };
  // The pipeline item may name the new champion a moment after the run says that it was promoted.
  const follows =
    run.phase === 'promoted' && champion !== request.runId && now < run.updatedAt + CHAMPION_FOLLOWS_MS;
  return follows ? { kind: 'wait', until: now + LOOK_MS } : { kind: 'close', phase: run.phase };
}

function begin(view: RetrainingView, now: number): RetrainingStep {
  const { cause, specification, labelled, retraining, suppressed } = view;
  if (!cause || !specification.automatic || rowsOf(labelled) < specification.minimumLabels)
    return { kind: 'wait' };
  if (retraining.rejections >= specification.rejections) {
    const reason = `${retraining.rejections} retrainings in a row were rejected or rolled back; a person has to start a run that is promoted`;
    return suppressed ? { kind: 'wait' } : { kind: 'suppress', reason };
  }
  const until = (retraining.last?.at ?? Number.NEGATIVE_INFINITY) + secondsOf(specification.coolDown) * 1_000;
  if (now >= until) return { kind: 'request', reason: cause };
  const reason = `the last retraining was asked for less than ${specification.coolDown} ago`;
  return suppressed ? { kind: 'wait', until } : { kind: 'suppress', reason };
}

/** The request for these parts: the same parts after the same request always make the same one. */
export function requestOf(
  pipeline: string,
  reason: string,
  view: RetrainingView,
  part: LabelledPart,
  now: number,
): Request {
  const names = view.labelled.parts.map(({ name }) => name).sort();
  const request = shortHash([...names, view.retraining.last?.request ?? ''].join('\n'), 16);
  const runId = runIdOf(pipeline, `retraining:${request}`);
  const { header } = view.labelled;
  return { request, runId, reason, part, header, requestedAt: now, askedAt: now, asks: 1 };
}

/** After the request's run has ended. Rows of a run that never came to a verdict are free for another. */
export function closed(
  phase: Phase,
  labelled: Labelled,
  retraining: Retraining,
): { labelled: Labelled; retraining: Retraining } {
  const { inFlight, ...rest } = retraining;
  if (!inFlight) return { labelled, retraining };
  switch (phase) {
    case 'promoted':
      return { labelled, retraining: { ...rest, rejections: 0 } };
    case 'rejected':
    case 'rolled-back':
      return { labelled, retraining: { ...rest, rejections: rest.rejections + 1 } };
    default:
      return { labelled: withPart(labelled, inFlight.header, inFlight.part, 'back'), retraining: rest };
  }
}

/** The parts with one more. New rows with other columns start the list anew; old rows with other columns do not come
 * back. The same part twice changes nothing. */
export function withPart(
  labelled: Labelled,
  header: string,
  part: LabelledPart,
  origin: 'new' | 'back',
): Labelled {
  if (labelled.header !== header && (origin === 'new' || labelled.parts.length > 0)) {
    return origin === 'new' ? { header, parts: [part] } : labelled;
  }
  if (labelled.parts.some(({ name }) => name === part.name)) return labelled;
  return { header, parts: [...labelled.parts, part] };
}
