/** What a run wants its pipeline's endpoint to serve, by phase. Pure. */
import type { DesiredVariant, Pipeline } from '../../shared/lifecycle/pipeline.ts';
import type { ModelRef, RunIn } from '../../shared/lifecycle/run.ts';

/** Binary fractions of the weights must not gather errors: 1 − 0.1 is 0.9. */
const complement = (weight: number): number => Math.round((1 - weight) * 1e6) / 1e6;

export const alone = (model: ModelRef): readonly DesiredVariant[] => [{ model, weight: 1 }];

export const shared = (
  champion: ModelRef,
  challenger: ModelRef,
  weight: number,
): readonly DesiredVariant[] => [
  { model: champion, weight: complement(weight) },
  { model: challenger, weight },
];

/** On canary the weights follow the step, after the decision they follow the verdict. */
export function wantedOnCanary(run: RunIn<'canary'>): readonly DesiredVariant[] {
  const { champion, weight, decision } = run.canary;
  if (!decision) return shared(champion, run.model, weight);
  return shared(champion, run.model, decision.verdict === 'promote' ? 1 : 0);
}

export function sameVariants(a: readonly DesiredVariant[], b: readonly DesiredVariant[]): boolean {
  return (
    a.length === b.length &&
    a.every((variant, i) => variant.model.name === b[i]?.model.name && variant.weight === b[i]?.weight)
  );
}

/** The pipeline with the same wish anew, for an endpoint that had followed it and does no longer; the same pipeline
 * while the wish is being followed. */
export function wishingAgain(pipeline: Pipeline): Pipeline {
  const { desired } = pipeline;
  if (!desired || desired.settled !== desired.revision) return pipeline;
  return { ...pipeline, desired: { ...desired, revision: desired.revision + 1, attempts: 0 } };
}

/** The pipeline with another wish for its endpoint; the same pipeline when it wishes that already. */
export function wishing(pipeline: Pipeline, variants: readonly DesiredVariant[]): Pipeline {
  const { desired } = pipeline;
  if (desired && sameVariants(desired.variants, variants)) return pipeline;
  const revision = (desired?.revision ?? 0) + 1;
  return { ...pipeline, desired: { revision, variants, settled: desired?.settled ?? 0, attempts: 0 } };
}
