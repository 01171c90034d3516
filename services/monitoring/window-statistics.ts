/** A closed window's rows against the reference of the model that answered them. */
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { ReferenceColumn } from '../../shared/preparation/result.ts';
import type { RequestRecord } from '../../shared/serving/request-records.ts';
import { discoveries } from './benjamini-hochberg.ts';
import { ksDistance, ksProbability, placeOf } from './drift-statistics.ts';
import type { Observer } from './observer.ts';
import type { Reference } from './reference.ts';

export type DriftSpecification = PipelineSpecification['monitor']['drift'];

/** Fewer rows than this are not judged. */
export const LEAST_ROWS = 200;

export interface FeatureStatistics {
  readonly name: string;
  /** Kolmogorov-Smirnov distance to the reference, 0 to 1, and its asymptotic p-value. */
  readonly distance: number;
  readonly probability: number;
  readonly missing: number;
  readonly drifted: boolean;
}

export type WindowVerdict = 'drifted' | 'calm' | 'inconclusive';

export interface WindowStatistics {
  readonly rows: number;
  /** Records that batch would put aside. */
  readonly unusable: number;
  readonly drifted: number;
  readonly share: number;
  readonly verdict: WindowVerdict;
  readonly features: readonly FeatureStatistics[];
}

/** Counts records into the reference's bins, one pass, memory of the bins only. Columns of the reference that are not
 * observed are left out. */
export class WindowHistograms {
  readonly #columns: readonly ReferenceColumn[];
  readonly #observer: Observer;
  /** Of each column among the observed values. */
  readonly #places: readonly number[];
  readonly #counts: readonly Uint32Array[];
  #rows = 0;
  #unusable = 0;

  constructor(reference: Reference, observer: Observer) {
    const places = new Map(observer.names.map((name, at) => [name, at]));
    this.#columns = reference.columns.filter(({ name }) => places.has(name));
    this.#places = this.#columns.map(({ name }) => places.get(name) as number);
    this.#observer = observer;
    this.#counts = this.#columns.map(({ edges }) => new Uint32Array(edges.length + 2));
  }

  add(record: RequestRecord): void {
    const values = record.kind === 'cells' ? this.#observer.observe(record.cells) : undefined;
    if (!values) {
      this.#unusable += 1;
      return;
    }
    this.#rows += 1;
    for (const [i, { edges }] of this.#columns.entries()) {
      const counts = this.#counts[i] as Uint32Array;
      const place = placeOf(edges, values[this.#places[i] as number] as number);
      counts[place] = (counts[place] as number) + 1;
    }
  }

  judge(specification: DriftSpecification): WindowStatistics {
    const measured = this.#columns.map(({ name, counts, missing }, i) => {
      const [live, reference] = [this.#counts[i] as Uint32Array, [missing, ...counts]];
      const distance = ksDistance(live, reference);
      const size = reference.reduce((a, b) => a + b, 0);
      return {
        name,
        distance,
        probability: ksProbability(distance, this.#rows, size),
        missing: live[0] as number,
      };
    });
    const found = discoveries(
      measured.map(({ probability }) => probability),
      specification.falseDiscoveryRate,
    );
    const features = measured.map((feature, i) => ({
      ...feature,
      drifted: (found[i] as boolean) && feature.distance >= specification.effect,
    }));
    const drifted = features.filter((feature) => feature.drifted).length;
    const share = drifted / Math.max(1, features.length);
    const isDrifted = drifted > 0 && share >= specification.features;
    const isTooLittle = this.#rows < LEAST_ROWS || features.length === 0;
    const verdict = isTooLittle ? 'inconclusive' : isDrifted ? 'drifted' : 'calm';
    return { rows: this.#rows, unusable: this.#unusable, drifted, share, verdict, features };
  }
}
