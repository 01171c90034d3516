/** What the API shows of what is stored. Pure: no view adds a fact, each leaves some out. */
import { type SourceSpecification, sourceName } from '../../shared/contracts/declared-sources.ts';
import type { Pipeline } from '../../shared/lifecycle/pipeline.ts';
import type { DatasetRef, ModelRef, Run } from '../../shared/lifecycle/run.ts';
import type { SourceState } from '../../shared/lifecycle/source.ts';

/** A run as lists show it: where it stands and why. */
export function summaryOf(run: Run) {
  return {
    runId: run.runId,
    pipeline: run.pipeline,
    number: run.number,
    phase: run.phase,
    cause: run.cause,
    createdAt: run.createdAt,
    updatedAt: run.updatedAt,
    ...('reason' in run ? { reason: run.reason } : {}),
    ...('stage' in run ? { stage: run.stage } : {}),
    ...('dataset' in run && run.dataset ? { dataset: run.dataset.version } : {}),
    ...('model' in run && run.model ? { model: run.model.name } : {}),
    ...('gate' in run && run.gate ? { gate: run.gate } : {}),
  };
}

/** A run whole, but for its history (which has an address of its own). */
export function detailOf(run: Run) {
  const { history, ...rest } = run;
  const dataset = 'dataset' in run && run.dataset ? { dataset: datasetOf(run.dataset) } : {};
  return { ...rest, ...dataset, transitions: history.length };
}

/** A dataset version, and where the rows lie that were put aside. */
export const datasetOf = <Ref extends DatasetRef>(ref: Ref) => ({
  ...ref,
  quarantine: `${ref.prefix}quarantine.jsonl`,
});

export const historyOf = (run: Run) => ({ runId: run.runId, phase: run.phase, history: run.history });

export function pipelineSummaryOf(pipeline: Pipeline) {
  return {
    name: pipeline.name,
    description: pipeline.specification.description,
    champion: pipeline.champion?.name,
    dataset: pipeline.head?.version,
    runs: pipeline.runCounter,
    training: pipeline.trainingSlot.holder?.runId,
    canary: pipeline.canarySlot.holder?.runId,
    updatedAt: pipeline.updatedAt,
  };
}

/** Each declared source with what is known of its address: what it brought last, why the last look failed, the job that
 * pulls it. */
export function sourcesOf(declared: readonly SourceSpecification[], states: readonly SourceState[]) {
  const known = new Map(states.map((state) => [state.name, state]));
  return declared.map((source, at) => {
    const { url, every } = source;
    const name = sourceName(source, at);
    const state = known.get(name);
    const own = { name, url, every };
    if (!state || state.url !== url) return { ...own, drops: state?.drops ?? 0, failures: 0 };
    const { drops, failures, problem, last, job, checkedAt } = state;
    return {
      ...own,
      drops,
      failures,
      ...(checkedAt === undefined ? {} : { checkedAt: new Date(checkedAt).toISOString() }),
      ...(problem ? { problem } : {}),
      ...(last ? { last } : {}),
      ...(job ? { job } : {}),
    };
  });
}

/** The part that a model plays now. */
export function roleOf(model: ModelRef, run: Run, champion: string | undefined): string {
  if (model.name === champion) return 'champion';
  switch (run.phase) {
    case 'canary':
      return 'challenger';
    case 'trained':
    case 'evaluating':
    case 'approved':
      return 'candidate';
    case 'promoted':
      return 'former champion';
    default:
      return run.phase;
  }
}

export function modelOf(run: Run, champion: string | undefined) {
  if (!('model' in run) || !run.model) return undefined;
  const gate = 'gate' in run ? run.gate : undefined;
  return {
    ...run.model,
    role: roleOf(run.model, run, champion),
    phase: run.phase,
    ...(gate ? { gate } : {}),
  };
}

/** Why a model is what it is: the evidence of both gates, and each step that was taken on it. */
export function whyOf(run: Run, report: unknown) {
  const evidence = run.history.filter(
    ({ phase }) => !['received', 'preparing', 'prepared', 'training'].includes(phase),
  );
  return {
    runId: run.runId,
    phase: run.phase,
    ...('reason' in run ? { reason: run.reason } : {}),
    offline: report,
    ...('canary' in run && run.canary ? { online: run.canary } : {}),
    steps: evidence,
  };
}
