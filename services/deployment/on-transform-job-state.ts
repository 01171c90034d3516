import type { TransformJobState } from '../../shared/contracts/aws-events.ts';
import type { Predictions } from './ports.ts';
import type { Reconcile } from './reconcile.ts';

/** A held-out prediction has moved: the run that its tag names is looked at. */
export const buildOnTransformJobState =
  (predictions: Predictions, reconcile: Reconcile) =>
  async (detail: TransformJobState): Promise<void> => {
    const job = await predictions.describe(detail.TransformJobName);
    if (job?.runId) await reconcile(job.runId);
  };
