/** For tests: training jobs that keep their state as SageMaker's do; a name is taken for ever. */
import type { JobOrder, JobState, StartAnswer, TrainingJobs } from '../ports.ts';

interface Job {
  readonly order: Pick<JobOrder, 'name' | 'instance'> & Partial<JobOrder>;
  state: JobState;
}

export interface FakeJobs extends TrainingJobs {
  readonly jobs: Map<string, Job>;
  /** Answers to the next orders, in their order; without one an order is taken. */
  readonly answers: StartAnswer[];
  /** Jobs that find no capacity, however often they are ordered. */
  readonly scarce: Set<string>;
  runOf(name: string): Promise<string | undefined>;
  complete(name: string): void;
  fail(name: string, reason: string): void;
  /** A job of somebody else. */
  foreign(name: string, runId?: string): void;
  names(): string[];
}

const running = (runId?: string): JobState => ({
  status: 'running',
  reason: 'Training',
  metrics: {},
  ...(runId ? { runId } : {}),
});

export function createFakeJobs(): FakeJobs {
  const jobs: FakeJobs['jobs'] = new Map();
  const answers: StartAnswer[] = [];
  const scarce = new Set<string>();

  function change(name: string, state: Partial<JobState>): void {
    const job = jobs.get(name);
    if (!job) throw new Error(`There is no job ${name}`);
    // A job that has ended does not move again.
    if (job.state.status === 'running') job.state = { ...job.state, ...state };
  }

  return {
    jobs,
    answers,
    scarce,
    describe: async (name) => jobs.get(name)?.state,
    runOf: async (name) => jobs.get(name)?.state.runId,
    start: async (order) => {
      if (jobs.has(order.name)) return { kind: 'name-taken' };
      if (scarce.has(order.name)) return { kind: 'refused', reason: 'CapacityError', retryable: true };
      const answer = answers.shift() ?? { kind: 'started' };
      if (answer.kind === 'started') jobs.set(order.name, { order, state: running(order.runId) });
      return answer;
    },
    complete: (name) =>
      change(name, {
        status: 'completed',
        artifact: `s3://artifacts/models/wine/${name}/output/model.tar.gz`,
        metrics: { 'validation:auc': 0.9 },
      }),
    fail: (name, reason) => change(name, { status: 'failed', reason }),
    foreign: (name, runId) => {
      jobs.set(name, { order: { name, instance: 'ml.m5.large' }, state: running(runId) });
    },
    names: () => [...jobs.keys()],
  };
}
