/** Brings one run on as far as it goes now: the stored run, the pipeline item and SageMaker's answers decide. */
import type { Stored } from '../../shared/aws/item-store.ts';
import type { StoredRun } from '../../shared/aws/run-store.ts';
import { tryAgainOnConflict } from '../../shared/aws/try-again.ts';
import type { Run } from '../../shared/lifecycle/run.ts';
import { buildBeginEvaluation, buildEvaluate } from './evaluate-candidate.ts';
import type { DeploymentPorts } from './ports.ts';
import { buildRollOut } from './roll-out.ts';

export type Reconcile = (runId: string) => Promise<void>;

const MOST_STEPS = 12;

export function buildReconcile(ports: DeploymentPorts): Reconcile {
  const { runs } = ports;
  const begin = buildBeginEvaluation(ports);
  const evaluate = buildEvaluate(ports);
  const rollOut = buildRollOut(ports);

  async function step(stored: Stored<Run>): Promise<boolean> {
    switch (stored.state.phase) {
      case 'trained':
        return begin(stored as StoredRun<'trained'>);
      case 'evaluating':
        return evaluate(stored as StoredRun<'evaluating'>);
      case 'approved':
        return rollOut.approved(stored as StoredRun<'approved'>);
      case 'canary':
        return rollOut.canary(stored as StoredRun<'canary'>);
      default:
        return false;
    }
  }

  return async (runId) => {
    for (let count = 0; count < MOST_STEPS; count += 1) {
      const moved = await tryAgainOnConflict(async () => {
        const stored = await runs.loadRun(runId);
        if (!stored) return false;
        await runs.publishLeftovers(stored);
        return step(stored);
      });
      if (!moved) return;
    }
  };
}
