import { sweepRuns } from '../../shared/aws/sweep.ts';
import type { TrainingPorts } from './ports.ts';
import type { Reconcile } from './reconcile.ts';

/** Every minute: runs that wait for a slot or for a job are looked at, whatever events were lost. */
export const buildOnSweep =
  ({ runs }: Pick<TrainingPorts, 'runs'>, reconcile: Reconcile) =>
  (): Promise<void> =>
    sweepRuns('training', runs, reconcile);
