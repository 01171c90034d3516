import type { TrainingJobState } from '../../shared/contracts/aws-events.ts';
import { log } from '../../shared/runtime/log.ts';
import type { Reconcile } from './reconcile.ts';

/** Names the run of a job by the job's tag, undefined when it has none. */
export type RunOfJob = (job: string) => Promise<string | undefined>;

/** A training job has moved: its run is looked at. What the event says of the job is read again. */
export const buildOnTrainingJobState =
  (runOfJob: RunOfJob, reconcile: Reconcile) =>
  async (detail: TrainingJobState): Promise<void> => {
    const runId = await runOfJob(detail.TrainingJobName);
    if (runId) await reconcile(runId);
    else log.warn('A training job with our prefix names no run', { job: detail.TrainingJobName });
  };
