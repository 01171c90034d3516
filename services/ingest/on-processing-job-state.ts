import type { ProcessingJobState } from '../../shared/contracts/aws-events.ts';
import { log } from '../../shared/runtime/log.ts';
import type { ProcessingJobs } from './ports.ts';
import type { PrepareRun } from './prepare-run.ts';

/** A Processing job has moved: its run is looked at. What the event says of the job is read again. */
export const buildOnProcessingJobState =
  ({ runOf }: Pick<ProcessingJobs, 'runOf'>, prepare: PrepareRun) =>
  async (detail: ProcessingJobState): Promise<void> => {
    const runId = await runOf(detail.ProcessingJobName);
    if (runId) await prepare(runId);
    else log.warn('A processing job with our prefix names no run', { job: detail.ProcessingJobName });
  };
