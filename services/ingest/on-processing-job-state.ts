import type { ProcessingJobState } from '../../shared/contracts/aws-events.ts';
import { pipelineOfRun } from '../../shared/contracts/names.ts';
import { log } from '../../shared/runtime/log.ts';
import type { ProcessingJobs } from './ports.ts';
import type { PrepareRun } from './prepare-run.ts';
import type { TidyWork } from './work-folders.ts';

/** A Processing job has moved: its run is looked at, and what no run needs any more is removed. What the event says of the
 * job is read again. */
export const buildOnProcessingJobState =
  ({ runOf }: Pick<ProcessingJobs, 'runOf'>, prepare: PrepareRun, tidy: TidyWork) =>
  async (detail: ProcessingJobState): Promise<void> => {
    const runId = await runOf(detail.ProcessingJobName);
    if (!runId)
      return log.warn('A processing job with our prefix names no run', { job: detail.ProcessingJobName });
    await prepare(runId);
    const pipeline = pipelineOfRun(runId);
    if (pipeline) await tidy(pipeline);
  };
