/** One turn of the loop, from data (or drift, or a person) to a verdict: a union discriminated by phase. */
import type { AsideRows } from '../contracts/aside-rows.ts';
import type { PipelineSpecification } from '../contracts/pipeline-specification.ts';

/** One input object of a dataset: raw rows, whether somebody dropped them or they are labelled requests. */
export interface Part {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
  /** Where it was pulled from, when a declared source brought it. */
  readonly origin?: Origin;
}

/** What a source answered with: the address that was asked, its entity tag, and when (ISO 8601). */
export interface Origin {
  /** The source's name in its pipeline. */
  readonly source: string;
  readonly url: string;
  readonly etag?: string;
  readonly sha256: string;
  readonly fetchedAt: string;
}

export type Cause =
  | { readonly kind: 'data'; readonly batch: string }
  | { readonly kind: 'drift' | 'quality'; readonly request: string; readonly reason: string }
  | { readonly kind: 'person'; readonly request: string; readonly reason: string };

/** A dataset version: `version` is the hash of its content and preparation; files lie under `prefix`
 * (`s3://…/datasets/<pipeline>/<version>/`): `train/`, `validation/`, `test/features.csv`, `test/labels.csv`,
 * `test/records.csv`, `features.tar.gz`, `quarantine.jsonl`, `manifest.json`, `statistics.json`, `reference.json`. */
export interface DatasetRef {
  readonly version: string;
  readonly prefix: string;
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
  readonly quarantined: number;
  /** What quality gates warn of, a sentence each; absent where they warn of nothing. */
  readonly warnings?: readonly string[];
  /** Which rows were put aside, and why: the ten most frequent rules; absent where none was. */
  readonly aside?: readonly AsideRows[];
}

export interface TrainingJob {
  readonly attempt: number;
  readonly job: string;
  readonly instance: string;
}

/** A model named after its run; `artifact` is the `s3://` address of model.tar.gz. `features` is that of its dataset's
 * features.tar.gz where applications send it raw records: the `features` container stands before it then. */
export interface ModelRef {
  readonly name: string;
  readonly runId: string;
  readonly artifact: string;
  readonly image: string;
  readonly dataset: string;
  readonly features?: string;
  /** Digest of what a request holds (shared/serving/request-shape.ts). */
  readonly asks?: string;
}

/** The gate's question: is the candidate worse than required, or than this champion? */
export interface Evaluation {
  readonly round: number;
  /** Rounds before this one that found no capacity for the same question; none when absent. */
  readonly starved?: number;
  readonly champion?: ModelRef;
  readonly startedAt: number;
}

/** The gate's answer. `value`s are in units of the metric; `bound` is the upper confidence bound (95 %) on how much
 * worse than the champion the candidate is. */
export interface GateEvidence {
  readonly metric: string;
  readonly rows: number;
  readonly candidate: number;
  readonly champion?: number;
  readonly bound?: number;
  readonly report: string;
}

export interface CanaryCounts {
  readonly requests: number;
  readonly errors: number;
}

/** What the canary has seen at its current weight. Totals hold closed and open minutes; the rest is what the next
 * look needs so that no minute counts twice, however often it is looked at. */
export interface CanaryEvidence {
  readonly challenger: CanaryCounts;
  readonly champion: CanaryCounts;
  /** Natural log of the betting e-process against "the challenger fails no more often". */
  readonly logE: number;
  /** Upper bound on how much more often the challenger fails (a share of requests). */
  readonly errorBound: number;
  readonly challengerP90Ms?: number;
  readonly championP90Ms?: number;
  /** Looks in a row that found the challenger too slow. */
  readonly slowLooks: number;
  /** How far the latency was judged: the minute, and the challenger's requests in it by then. */
  readonly judged?: { readonly minute: number; readonly requests: number };
  /** Start (epoch ms) of the first minute that is not closed yet. */
  readonly until: number;
  /** Closed minutes; `logE` is per odds ratio that the e-process bets on. */
  readonly closed: {
    readonly challenger: CanaryCounts;
    readonly champion: CanaryCounts;
    readonly logE: readonly number[];
  };
  /** What the step's first minute had counted before the step began. */
  readonly baseline: {
    readonly minute: number;
    readonly challenger: CanaryCounts;
    readonly champion: CanaryCounts;
  };
}

export interface Canary {
  readonly champion: ModelRef;
  readonly step: number;
  readonly weight: number;
  readonly startedAt: number;
  readonly stepStartedAt: number;
  readonly extended: boolean;
  readonly evidence: CanaryEvidence;
  /** Set once the evidence is in; the run ends when the endpoint has been seen to follow. */
  readonly decision?: { readonly verdict: 'promote' | 'roll-back' | 'inconclusive'; readonly reason: string };
}

/** One step of a run's history. */
export interface Transition {
  readonly version: number;
  readonly phase: Phase;
  readonly at: string;
  readonly cause: string;
  readonly evidence?: Record<string, unknown>;
}

interface Base {
  readonly runId: string;
  readonly pipeline: string;
  /** Counts the pipeline's runs; the newer of two runs has the higher number. */
  readonly number: number;
  /** Counts the run's transitions, from 1. */
  readonly version: number;
  readonly cause: Cause;
  readonly specification: PipelineSpecification;
  /** What the run brings. Where there are many, they lie as a JSON array at `partsAt` (`s3://…`), and this is empty. */
  readonly parts: readonly Part[];
  readonly partsAt?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly history: readonly Transition[];
}
interface WithDataset extends Base {
  readonly dataset: DatasetRef;
}
interface WithModel extends WithDataset {
  readonly training: TrainingJob;
  readonly model: ModelRef;
}
interface WithEvaluation extends WithModel {
  readonly evaluation: Evaluation;
}
interface WithEvidence extends WithEvaluation {
  readonly gate: GateEvidence;
}

/** What a run that ended early had reached by then. Without a specification: the pipeline was unknown. */
interface Ended extends Omit<Base, 'specification'> {
  readonly specification?: PipelineSpecification;
  readonly dataset?: DatasetRef;
  readonly training?: TrainingJob;
  readonly model?: ModelRef;
  readonly evaluation?: Evaluation;
  readonly gate?: GateEvidence;
  readonly canary?: Canary;
  readonly reason: string;
}

export type Received = Base & { readonly phase: 'received' };
export type Preparing = Base & { readonly phase: 'preparing'; readonly startedAt: number };
export type Prepared = WithDataset & { readonly phase: 'prepared' };
export type Training = WithDataset & { readonly phase: 'training'; readonly training: TrainingJob };
export type Trained = WithModel & { readonly phase: 'trained' };
export type Evaluating = WithEvaluation & { readonly phase: 'evaluating' };
export type Approved = WithEvidence & { readonly phase: 'approved' };
export type OnCanary = WithEvidence & { readonly phase: 'canary'; readonly canary: Canary };
export type Promoted = WithEvidence & {
  readonly phase: 'promoted';
  readonly canary?: Canary;
  readonly replaced?: string;
};
export type Rejected = Ended & {
  readonly phase: 'rejected';
  readonly stage: 'data' | 'model';
  /** Of data: where the rows are listed that were put aside, and the most frequent rules that did so. */
  readonly quarantine?: string;
  readonly aside?: readonly AsideRows[];
};
export type RolledBack = Ended & { readonly phase: 'rolled-back' };
export type Failed = Ended & { readonly phase: 'failed'; readonly stage: string };
export type Cancelled = Ended & { readonly phase: 'cancelled' };
export type Superseded = Ended & { readonly phase: 'superseded'; readonly by: string };

export type Run =
  | Received
  | Preparing
  | Prepared
  | Training
  | Trained
  | Evaluating
  | Approved
  | OnCanary
  | Promoted
  | Rejected
  | RolledBack
  | Failed
  | Cancelled
  | Superseded;

export type Phase = Run['phase'];
export type RunIn<P extends Phase> = Extract<Run, { phase: P }>;
