import type { LifecycleEvent } from '../contracts/events.ts';
import type { Fact, FactOf } from './facts.ts';
import type { Run } from './run.ts';

/** The service whose turn it is in a phase: it reconciles the run until the run leaves that phase. */
export function ownerOf(run: Pick<Run, 'phase'>): 'ingest' | 'training' | 'deployment' | undefined {
  switch (run.phase) {
    case 'received':
    case 'preparing':
      return 'ingest';
    case 'prepared':
    case 'training':
      return 'training';
    case 'trained':
    case 'evaluating':
    case 'approved':
    case 'canary':
      return 'deployment';
    case 'promoted':
    case 'rejected':
    case 'rolled-back':
    case 'failed':
    case 'cancelled':
    case 'superseded':
      return undefined;
    default:
      return run.phase satisfies never;
  }
}

/** The lifecycle events that tell of `fact`, which led from `before` to `after`. Most facts have one, a look at a
 * canary has none. */
export function announce(before: Run, fact: Fact, after: Run): readonly LifecycleEvent[] {
  const common = { pipeline: after.pipeline, runId: after.runId, version: after.version };
  const model = after.phase === 'received' || !('model' in after) || !after.model ? '' : after.model.name;
  switch (fact.kind) {
    case 'dataset-prepared':
      return [prepared(common, fact)];
    case 'data-rejected':
      return [
        {
          name: 'DatasetRejected.v1',
          detail: {
            ...common,
            reason: clip(fact.reason),
            ...(fact.quarantine ? { quarantine: fact.quarantine } : {}),
          },
        },
      ];
    case 'training-started': {
      const { job, attempt } = fact.training;
      return [
        ...lostAttempt(before, common),
        { name: 'TrainingStarted.v1', detail: { ...common, job, attempt } },
      ];
    }
    case 'model-trained':
      return [
        {
          name: 'ModelTrained.v1',
          detail: { ...common, model: fact.model.name, artifact: fact.model.artifact },
        },
      ];
    case 'evaluation-started': {
      const champion = fact.evaluation.champion?.name;
      return [
        { name: 'EvaluationStarted.v1', detail: { ...common, model, ...(champion ? { champion } : {}) } },
      ];
    }
    case 'model-approved':
      return [{ name: 'ModelApproved.v1', detail: { ...common, model, report: fact.gate.report } }];
    case 'model-rejected':
      return [
        {
          name: 'ModelRejected.v1',
          detail: { ...common, model, reason: clip(fact.reason), report: fact.gate.report },
        },
      ];
    case 'canary-started':
      return [
        {
          name: 'CanaryStarted.v1',
          detail: { ...common, model, champion: fact.canary.champion.name, weight: fact.canary.weight },
        },
      ];
    case 'canary-advanced':
      return [{ name: 'CanaryAdvanced.v1', detail: { ...common, model, weight: fact.canary.weight } }];
    case 'model-promoted':
      return [
        {
          name: 'ModelPromoted.v1',
          detail: { ...common, model, ...(fact.replaced ? { replaced: fact.replaced } : {}) },
        },
      ];
    case 'canary-rolled-back': {
      const champion = before.phase === 'canary' ? before.canary.champion.name : 'unknown';
      return [
        { name: 'CanaryRolledBack.v1', detail: { ...common, model, champion, reason: clip(fact.reason) } },
      ];
    }
    case 'run-failed':
      return failed(before, common, fact);
    case 'preparation-started':
    case 'canary-observed':
    case 'canary-decided':
    case 'run-superseded':
    case 'run-cancelled':
      return [];
    default:
      return fact satisfies never;
  }
}

interface Common {
  pipeline: string;
  runId: string;
  version: number;
}

const clip = (text: string): string => text.slice(0, 2000);

function prepared(common: Common, { dataset }: FactOf<'dataset-prepared'>): LifecycleEvent {
  const { train, validation, test } = dataset.rows;
  return {
    name: 'DatasetPrepared.v1',
    detail: {
      ...common,
      dataset: dataset.version,
      rows: train + validation + test,
      quarantined: dataset.quarantined,
      manifest: `${dataset.prefix}manifest.json`,
      ...(dataset.warnings ? { warnings: dataset.warnings.map(clip) } : {}),
    },
  };
}

/** A second attempt says by itself that the first one's job was lost. */
function lostAttempt(before: Run, common: Common): readonly LifecycleEvent[] {
  if (before.phase !== 'training') return [];
  const reason = `attempt ${before.training.attempt} did not complete; another follows`;
  return [{ name: 'TrainingFailed.v1', detail: { ...common, job: before.training.job, reason } }];
}

function failed(before: Run, common: Common, fact: FactOf<'run-failed'>): readonly LifecycleEvent[] {
  const reason = clip(fact.reason);
  const ended: LifecycleEvent = {
    name: 'RunFailed.v1',
    service: ownerOf(before) ?? 'training',
    detail: { ...common, reason, stage: fact.stage },
  };
  if (before.phase !== 'training') return [ended];
  return [{ name: 'TrainingFailed.v1', detail: { ...common, job: before.training.job, reason } }, ended];
}
