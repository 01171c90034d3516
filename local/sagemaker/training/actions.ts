import { AwsError } from '../../aws-error.ts';
import type { JsonAction } from '../../ports.ts';
import { arnOf, type Context } from '../context.ts';
import { limitExceeded, NO_CAPACITY } from '../disturbance.ts';
import type { Jobs } from '../process/jobs.ts';
import { invalid } from '../request.ts';
import { tagsOf } from '../tags.ts';
import { answerList, toWire } from '../wire.ts';
import { checkTraining } from './check.ts';
import { isTerminal, moved, type TrainingJob, type TrainingRequest, trainingEvent } from './job.ts';
import { runTraining } from './run.ts';

const KIND = 'training-job';

const instanceTypeOf = (request: TrainingRequest) => request.ResourceConfig?.InstanceType ?? 'ml.m5.large';

export function trainingActions(context: Context, jobs: Jobs): Record<string, JsonAction> {
  const { store, clock, identity } = context;

  function mustFind(input: Record<string, unknown>): TrainingJob {
    const job = store.get<TrainingJob>(KIND, String(input.TrainingJobName));
    if (!job) throw invalid('Requested resource not found.');
    return job;
  }

  const save = (job: TrainingJob) => context.save(KIND, job, trainingEvent(job, store.tags(job.arn)));

  function create(input: Record<string, unknown>): unknown {
    const name = String(input.TrainingJobName);
    const { TrainingJobName, Tags, ...request } = input;
    const checked = request as unknown as TrainingRequest;
    checkTraining(context, checked);
    const arn = arnOf(identity, KIND, name);
    if (store.get(KIND, name)) throw nameTaken(arn);
    const trouble = context.disturbance.startJob?.(KIND, name, instanceTypeOf(checked));
    if (trouble === 'limit-exceeded') throw limitExceeded(KIND, instanceTypeOf(checked));
    const now = clock.now();
    const fresh: TrainingJob = {
      name,
      arn,
      CreationTime: now,
      LastModifiedTime: now,
      request: checked,
      TrainingJobStatus: 'InProgress',
      SecondaryStatus: 'Starting',
      SecondaryStatusTransitions: [],
    };
    const job = moved(fresh, 'Starting', now);
    store.addTags(arn, tagsOf(input));
    save(job);
    if (trouble === 'no-capacity') save(moved({ ...job, FailureReason: NO_CAPACITY }, 'Failed', clock.now()));
    else jobs.run(`training/${name}`, (signals) => runTraining(context, name, signals));
    return { TrainingJobArn: arn };
  }

  function stop(input: Record<string, unknown>): unknown {
    const job = mustFind(input);
    if (isTerminal(job.TrainingJobStatus)) {
      throw invalid(
        `The request was rejected because the training job is in status ${job.TrainingJobStatus}.`,
      );
    }
    if (job.TrainingJobStatus === 'Stopping') return {};
    const stopping = moved(job, 'Stopping', clock.now());
    save(stopping);
    jobs.stop(`training/${job.name}`);
    return {};
  }

  function remove(input: Record<string, unknown>): unknown {
    const name = String(input.TrainingJobName);
    const job = store.get<TrainingJob>(KIND, name);
    if (!job) throw new AwsError('ResourceNotFound', 'Requested resource not found.');
    if (!isTerminal(job.TrainingJobStatus)) {
      throw new AwsError(
        'ResourceInUse',
        `The request was rejected because the training job is in status ${job.TrainingJobStatus}.`,
      );
    }
    store.remove(KIND, job);
    return {};
  }

  return {
    CreateTrainingJob: create,
    DeleteTrainingJob: remove,
    DescribeTrainingJob: (input) => describe(mustFind(input)),
    StopTrainingJob: stop,
    ListTrainingJobs: (input) =>
      answerList(store.list<TrainingJob>(KIND), input, {
        member: 'TrainingJobSummaries',
        status: (job: TrainingJob) => job.TrainingJobStatus,
        summary,
        order: 'Ascending',
      }),
  };
}

/** Takes up what was running when the cloud ended: an upload goes on, a training starts again. */
export function resumeTraining(context: Context, jobs: Jobs): void {
  for (const job of context.store.list<TrainingJob>(KIND)) {
    if (isTerminal(job.TrainingJobStatus)) continue;
    if (job.outcome === undefined) {
      const next = moved(
        job,
        job.TrainingJobStatus === 'Stopping' ? 'Stopped' : 'Restarting',
        context.clock.now(),
      );
      context.save(KIND, next, trainingEvent(next, context.store.tags(job.arn)));
      if (isTerminal(next.TrainingJobStatus)) continue;
    }
    jobs.run(`training/${job.name}`, (signals) => runTraining(context, job.name, signals));
  }
}

const nameTaken = (arn: string) =>
  new AwsError(
    'ResourceInUse',
    `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${arn})`,
  );

function summary(job: TrainingJob): unknown {
  return {
    TrainingJobName: job.name,
    TrainingJobArn: job.arn,
    CreationTime: job.CreationTime,
    LastModifiedTime: job.LastModifiedTime,
    TrainingEndTime: job.TrainingEndTime,
    TrainingJobStatus: job.TrainingJobStatus,
    SecondaryStatus: job.SecondaryStatus,
  };
}

function describe(job: TrainingJob): unknown {
  const { name, arn, request, outcome, trainedMs, ...state } = job;
  const { TrainingStartTime: from, TrainingEndTime: to } = job;
  const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));
  const spot = request.EnableManagedSpotTraining === true;
  return toWire({
    EnableNetworkIsolation: false,
    EnableInterContainerTrafficEncryption: false,
    EnableManagedSpotTraining: false,
    ...request,
    ...state,
    TrainingJobName: name,
    TrainingJobArn: arn,
    ...(from === undefined || to === undefined
      ? {}
      : {
          TrainingTimeInSeconds: seconds(to - from),
          BillableTimeInSeconds: seconds(spot ? (trainedMs ?? 0) : to - from),
        }),
  });
}
