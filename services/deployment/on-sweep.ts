import { sweepRuns } from '../../shared/aws/sweep.ts';
import type { DeploymentPorts } from './ports.ts';
import type { Reconcile } from './reconcile.ts';

const MOST_A_SWEEP = 100;

/** Every minute: canaries are looked at, and runs and endpoints whose events were lost. */
export const buildOnSweep =
  ({ runs, wish }: Pick<DeploymentPorts, 'runs' | 'wish'>, reconcile: Reconcile) =>
  async (): Promise<void> => {
    const keys = await runs.dueKeys('deployment', MOST_A_SWEEP);
    for (const { pk, sk } of keys) {
      if (sk === 'PIPELINE') await wish(pk.slice('PIPELINE#'.length));
    }
    await sweepRuns('deployment', runs, reconcile);
  };
