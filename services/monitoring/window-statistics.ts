/** A closed window's rows against the reference of the model that answered them. */
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { discoveries } from './benjamini-hochberg.ts';
import { ksDistance, ksProbability, placeOf } from './drift-statistics.ts';
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
  /** Rows with another number of cells than the reference has features. */
  readonly otherWidth: number;
  readonly drifted: number;
  readonly share: number;
  readonly verdict: WindowVerdict;
  readonly features: readonly FeatureStatistics[];
}

/** Counts rows into the reference's bins, one pass, memory of the bins only. */
export class WindowHistograms {
  readonly #reference: Reference;
  readonly #counts: readonly Uint32Array[];
  #rows = 0;
  #otherWidth = 0;

  constructor(reference: Reference) {
    this.#reference = reference;
    this.#counts = reference.features.map(({ edges }) => new Uint32Array(edges.length + 2));
  }

  /** A CSV line of features in the model's order. */
  add(row: string): void {
    const cells = row.split(',');
    const { features } = this.#reference;
    if (cells.length !== features.length) {
      this.#otherWidth += 1;
      return;
    }
    this.#rows += 1;
    for (const [i, { edges }] of features.entries()) {
      const counts = this.#counts[i] as Uint32Array;
      const place = placeOf(edges, cells[i] as string);
      counts[place] = (counts[place] as number) + 1;
    }
  }

  judge(specification: DriftSpecification): WindowStatistics {
    const measured = this.#reference.features.map(({ name, counts, missing }, i) => {
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
    const share = drifted / features.length;
    const isDrifted = drifted > 0 && share >= specification.features;
    const verdict = this.#rows < LEAST_ROWS ? 'inconclusive' : isDrifted ? 'drifted' : 'calm';
    return { rows: this.#rows, otherWidth: this.#otherWidth, drifted, share, verdict, features };
  }
}
