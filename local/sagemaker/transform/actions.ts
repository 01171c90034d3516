import type { JsonAction } from '../../ports.ts';
import { arnOf, type Context } from '../context.ts';
import { limitExceeded, NO_CAPACITY } from '../disturbance.ts';
import { jobNameTaken } from '../job-name.ts';
import { mustFindModel } from '../models.ts';
import { parseS3Uri } from '../objects.ts';
import type { Jobs } from '../process/jobs.ts';
import { invalid } from '../request.ts';
import { tagsOf } from '../tags.ts';
import { mustBeReadable } from '../training/inputs.ts';
import { answerList, toWire } from '../wire.ts';
import { isTerminal, moved, type TransformJob, type TransformRequest, transformEvent } from './job.ts';
import { runTransform } from './run.ts';

export function transformActions(context: Context, jobs: Jobs): Record<string, JsonAction> {
  const { store, clock, identity } = context;

  function mustFind(input: Record<string, unknown>): TransformJob {
    const job = store.get<TransformJob>('transform-job', String(input.TransformJobName));
    if (!job) throw invalid('Could not find requested job with name in this account.');
    return job;
  }

  function save(job: TransformJob): void {
    context.save('transform-job', job, transformEvent(job, store.tags(job.arn), clock.now()));
  }

  function create(input: Record<string, unknown>): unknown {
    const name = String(input.TransformJobName);
    const { TransformJobName, Tags, ...rest } = input;
    const request = rest as unknown as TransformRequest;
    checkTransform(context, request);
    const arn = arnOf(identity, 'transform-job', name);
    if (store.get('transform-job', name)) throw jobNameTaken(arn);
    const { InstanceType } = request.TransformResources;
    const trouble = context.disturbance.startJob?.('transform-job', name, InstanceType);
    if (trouble === 'limit-exceeded') throw limitExceeded('transform-job', InstanceType);
    store.addTags(arn, tagsOf(input));
    const now = clock.now();
    const job: TransformJob = { name, arn, CreationTime: now, request, TransformJobStatus: 'InProgress' };
    save(job);
    if (trouble === 'no-capacity') save(moved(job, 'Failed', now, NO_CAPACITY));
    else jobs.run(`transform/${name}`, (signals) => runTransform(context, name, signals));
    return { TransformJobArn: arn };
  }

  function stop(input: Record<string, unknown>): unknown {
    const job = mustFind(input);
    if (isTerminal(job.TransformJobStatus)) {
      throw invalid(
        `The request was rejected because the transform job is in status ${job.TransformJobStatus}.`,
      );
    }
    if (job.TransformJobStatus === 'InProgress') save(moved(job, 'Stopping', clock.now()));
    jobs.stop(`transform/${job.name}`);
    return {};
  }

  return {
    CreateTransformJob: create,
    DescribeTransformJob: (input) => {
      const { name, arn, request, ...state } = mustFind(input);
      return toWire({ ...request, ...state, TransformJobName: name, TransformJobArn: arn });
    },
    StopTransformJob: stop,
    ListTransformJobs: (input) =>
      answerList(store.list<TransformJob>('transform-job'), input, {
        member: 'TransformJobSummaries',
        status: (job: TransformJob) => job.TransformJobStatus,
        summary: ({ name, arn, request, TransformStartTime, ...state }: TransformJob) => ({
          ...state,
          TransformJobName: name,
          TransformJobArn: arn,
        }),
        order: 'Descending',
      }),
  };
}

/** What was running when the cloud ended starts again; what was stopping has stopped. */
export function resumeTransforms(context: Context, jobs: Jobs): void {
  const { store, clock } = context;
  for (const job of store.list<TransformJob>('transform-job')) {
    if (job.TransformJobStatus === 'InProgress') {
      jobs.run(`transform/${job.name}`, (signals) => runTransform(context, job.name, signals));
    } else if (job.TransformJobStatus === 'Stopping') {
      const stopped = moved(job, 'Stopped', clock.now());
      context.save('transform-job', stopped, transformEvent(stopped, store.tags(job.arn), clock.now()));
    }
  }
}

function checkTransform(context: Context, request: TransformRequest): void {
  mustFindModel(context, request.ModelName);
  const {
    TransformInput: input,
    TransformOutput: output,
    DataProcessing: processing,
    MaxPayloadInMB = 6,
  } = request;
  mustBeReadable(input.DataSource.S3DataSource);
  parseS3Uri(output.S3OutputPath);
  if (!['None', 'Line'].includes(input.SplitType ?? 'None')) {
    throw invalid(`SplitType ${input.SplitType} is not offered by the embedded cloud.`);
  }
  if (MaxPayloadInMB < 1 || MaxPayloadInMB > 100) throw invalid('MaxPayloadInMB must be from 1 to 100.');
  const { InputFilter = '$', OutputFilter = '$', JoinSource = 'None' } = processing ?? {};
  if (InputFilter !== '$' || OutputFilter !== '$' || JoinSource !== 'None') {
    throw invalid('DataProcessing is not offered by the embedded cloud.');
  }
}
