/** The offline gate's orders: the candidate, and the champion beside it, predict the same held-out rows. Pure. */
import { transformJobName } from '../../shared/contracts/names.ts';
import { s3Uri } from '../../shared/contracts/s3-uri.ts';
import type { Pipeline } from '../../shared/lifecycle/pipeline.ts';
import type { Evaluation, ModelRef, RunIn } from '../../shared/lifecycle/run.ts';
import type { DeploymentSettings, PredictionOrder, PredictionState } from './ports.ts';

/** What applications would send of the held-out rows, so that what is judged is what will serve. */
const testInput = (run: RunIn<'evaluating'>, { features }: ModelRef): string =>
  `${run.dataset.prefix}test/${features === undefined ? 'features' : 'records'}.csv`;
export const testLabels = (run: RunIn<'evaluating'>): string => `${run.dataset.prefix}test/labels.csv`;

/** How often one question is put when there is no capacity for its jobs. */
const MOST_ATTEMPTS = 3;

/** The question that the gate puts: against the champion of now. */
export function nextEvaluation(
  pipeline: Pipeline,
  previous: Evaluation | undefined,
  now: number,
): Evaluation {
  return {
    round: (previous?.round ?? 0) + 1,
    startedAt: now,
    ...(pipeline.champion ? { champion: pipeline.champion } : {}),
  };
}

/** The same question in a new round, so that its jobs have new names; undefined when it was put often enough. */
export function anotherAttempt(evaluation: Evaluation, now: number): Evaluation | undefined {
  const starved = (evaluation.starved ?? 0) + 1;
  if (starved >= MOST_ATTEMPTS) return undefined;
  return { ...evaluation, round: evaluation.round + 1, startedAt: now, starved };
}

/** The champion that an evaluation measured against is no longer the one that serves. */
export const isOutdated = (evaluation: Evaluation, pipeline: Pipeline): boolean =>
  evaluation.champion?.name !== pipeline.champion?.name;

/** One order per model; the candidate's comes first. */
export function ordersOf(run: RunIn<'evaluating'>, settings: DeploymentSettings): readonly PredictionOrder[] {
  const { champion, round } = run.evaluation;
  return [run.model, ...(champion ? [champion] : [])].map((model) => orderOf(run, model, round, settings));
}

function orderOf(
  run: RunIn<'evaluating'>,
  model: ModelRef,
  round: number,
  settings: DeploymentSettings,
): PredictionOrder {
  return {
    name: transformJobName(settings.stage, run.runId, model.name, round),
    runId: run.runId,
    model,
    instance: run.specification.evaluate.instance,
    input: testInput(run, model),
    output: s3Uri(
      settings.artifactsBucket,
      `reports/${run.pipeline}/${run.runId}/round-${round}/${model.name}`,
    ),
  };
}

/** SageMaker names a transform's output after its input. */
export const predictionsOf = ({ input, output }: PredictionOrder): string =>
  `${output}/${input.slice(input.lastIndexOf('/') + 1)}.out`;

/** Why both models cannot be asked with the same requests, as a canary does; undefined where they can. A model that
 * was made before there was the choice names no digest. */
export function misfit(candidate: ModelRef, champion: ModelRef | undefined): string | undefined {
  if (!champion) return undefined;
  const isOtherForm = (candidate.features === undefined) !== (champion.features === undefined);
  const isOther =
    candidate.asks !== undefined && champion.asks !== undefined && candidate.asks !== champion.asks;
  if (!isOtherForm && !isOther) return undefined;
  return `Applications ask the champion ${champion.name} with other columns, or another form of records, than this model is made for; declare the specification under another name`;
}

export type JobsOutlook =
  | { readonly kind: 'wait' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string };

/** What the jobs' states, taken together, allow. */
export function outlook(
  orders: readonly PredictionOrder[],
  states: readonly (PredictionState | undefined)[],
): JobsOutlook {
  for (const [i, state] of states.entries()) {
    if (state?.status === 'failed') return { kind: 'failed', reason: `${orders[i]?.name}: ${state.reason}` };
  }
  return states.every((state) => state?.status === 'completed') ? { kind: 'ready' } : { kind: 'wait' };
}
