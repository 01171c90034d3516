/** The one item per pipeline that orders what its runs may do at once. */
import type { PipelineSpecification } from '../contracts/pipeline-specification.ts';
import type { ModelRef } from './run.ts';

/** Who holds a slot, and who waits for it: at most one each. */
export interface Slot {
  readonly holder?: SlotRun;
  readonly waiting?: SlotRun;
}

export interface SlotRun {
  readonly runId: string;
  readonly number: number;
}

export interface DesiredVariant {
  readonly model: ModelRef;
  readonly weight: number;
}

/** What the pipeline's endpoint shall serve. `revision` counts the wishes; `settled` is the last revision that the
 * endpoint was seen to follow. `failure` tells that the endpoint refused the current revision. */
export interface DesiredEndpoint {
  readonly revision: number;
  readonly variants: readonly DesiredVariant[];
  readonly settled: number;
  /** How often this revision was put to the endpoint. */
  readonly attempts: number;
  readonly failure?: string;
}

export interface DatasetHead {
  readonly version: string;
  readonly prefix: string;
  /** Digest of the part of the specification that shaped it. */
  readonly preparation: string;
}

export interface Pipeline {
  readonly name: string;
  readonly version: number;
  readonly specification: PipelineSpecification;
  readonly digest: string;
  readonly runCounter: number;
  /** Numbers of runs that have begun and were not yet seen to exist, by run id: whoever begins one again, after a crash
   * or beside another, gives it the same number. */
  readonly beginning?: Readonly<Record<string, number>>;
  readonly head?: DatasetHead;
  readonly champion?: ModelRef;
  readonly trainingSlot: Slot;
  readonly canarySlot: Slot;
  readonly desired?: DesiredEndpoint;
  readonly createdAt: string;
  readonly updatedAt: string;
}
