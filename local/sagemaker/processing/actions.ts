import type { JsonAction } from '../../ports.ts';
import { arnOf, type Context } from '../context.ts';
import { limitExceeded, NO_CAPACITY } from '../disturbance.ts';
import { jobNameTaken } from '../job-name.ts';
import type { Jobs } from '../process/jobs.ts';
import { invalid } from '../request.ts';
import { tagsOf } from '../tags.ts';
import { answerList, toWire } from '../wire.ts';
import { checkProcessing } from './check.ts';
import { isTerminal, moved, type ProcessingJob, type ProcessingRequest, processingEvent } from './job.ts';
import { runProcessing } from './run.ts';

const KIND = 'processing-job';

export function processingActions(context: Context, jobs: Jobs): Record<string, JsonAction> {
  const { store, clock, identity } = context;

  function mustFind(input: Record<string, unknown>): ProcessingJob {
    const name = String(input.ProcessingJobName);
    const job = store.get<ProcessingJob>(KIND, name);
    if (!job) throw invalid(`Could not find requested job with name: ${name}`);
    return job;
  }

  const save = (job: ProcessingJob) => context.save(KIND, job, processingEvent(job, store.tags(job.arn)));

  function create(input: Record<string, unknown>): unknown {
    const name = String(input.ProcessingJobName);
    const { ProcessingJobName, Tags, ...rest } = input;
    const request = rest as unknown as ProcessingRequest;
    checkProcessing(context, request);
    const arn = arnOf(identity, KIND, name);
    if (store.get(KIND, name)) throw jobNameTaken(arn);
    const { InstanceType } = request.ProcessingResources.ClusterConfig;
    const trouble = context.disturbance.startJob?.(KIND, name, InstanceType);
    if (trouble === 'limit-exceeded') throw limitExceeded(KIND, InstanceType);
    store.addTags(arn, tagsOf(input));
    const now = clock.now();
    const times = { CreationTime: now, LastModifiedTime: now };
    const job: ProcessingJob = { name, arn, ...times, request, ProcessingJobStatus: 'InProgress' };
    save(job);
    if (trouble === 'no-capacity') save(moved(job, 'Failed', now, { FailureReason: NO_CAPACITY }));
    else jobs.run(`processing/${name}`, (signals) => runProcessing(context, name, signals));
    return { ProcessingJobArn: arn };
  }

  function stop(input: Record<string, unknown>): unknown {
    const job = mustFind(input);
    if (isTerminal(job.ProcessingJobStatus)) {
      throw invalid(
        `The request was rejected because the processing job is in status ${job.ProcessingJobStatus}.`,
      );
    }
    if (job.ProcessingJobStatus === 'InProgress') save(moved(job, 'Stopping', clock.now()));
    jobs.stop(`processing/${job.name}`);
    return {};
  }

  return {
    CreateProcessingJob: create,
    DescribeProcessingJob: (input) => {
      const { name, arn, request, ...state } = mustFind(input);
      return toWire({ ...request, ...state, ProcessingJobName: name, ProcessingJobArn: arn });
    },
    StopProcessingJob: stop,
    ListProcessingJobs: (input) =>
      answerList(store.list<ProcessingJob>(KIND), input, {
        member: 'ProcessingJobSummaries',
        status: (job: ProcessingJob) => job.ProcessingJobStatus,
        summary: ({ name, arn, request, ProcessingStartTime, ...state }: ProcessingJob) => ({
          ...state,
          ProcessingJobName: name,
          ProcessingJobArn: arn,
        }),
        order: 'Ascending',
      }),
  };
}

/** What was running when the cloud ended starts again; what was stopping has stopped. */
export function resumeProcessing(context: Context, jobs: Jobs): void {
  const { store, clock } = context;
  for (const job of store.list<ProcessingJob>(KIND)) {
    if (job.ProcessingJobStatus === 'InProgress') {
      jobs.run(`processing/${job.name}`, (signals) => runProcessing(context, job.name, signals));
    } else if (job.ProcessingJobStatus === 'Stopping') {
      const stopped = moved(job, 'Stopped', clock.now());
      context.save(KIND, stopped, processingEvent(stopped, store.tags(job.arn)));
    }
  }
}
