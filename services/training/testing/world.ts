/** For tests: the training service over memory. */
import { createMemoryRuns, type MemoryRuns } from '../../../shared/aws/testing/memory-runs.ts';
import { trainingJobName } from '../../../shared/contracts/names.ts';
import {
  pipelineOf,
  receivedRun,
  runIn,
  specificationOf,
} from '../../../shared/lifecycle/testing/example-runs.ts';
import { buildOnDatasetPrepared } from '../on-dataset-prepared.ts';
import { buildOnSweep } from '../on-sweep.ts';
import { buildOnTrainingJobState } from '../on-training-job-state.ts';
import type { TrainingSettings } from '../ports.ts';
import { buildReconcile } from '../reconcile.ts';
import { createFakeJobs, type FakeJobs } from './fake-jobs.ts';

export const settings: TrainingSettings = {
  stage: 'test',
  account: '123456789012',
  region: 'us-east-1',
  artifactsBucket: 'artifacts',
};

export interface World extends MemoryRuns {
  readonly jobs: FakeJobs;
  /** Puts a run whose dataset is prepared; answers its id. */
  prepare(number: number): Promise<string>;
  datasetPrepared(runId: string): Promise<void>;
  jobMoved(name: string): Promise<void>;
  sweep(): Promise<void>;
  /** Sweeps until the runs have left training, completing jobs as they come, when `completes`. */
  untilRest(completes?: boolean): Promise<void>;
  phases(): Promise<string[]>;
}

export const jobOf = (runId: string, attempt = 1): string => trainingJobName('test', runId, attempt);

export async function createWorld(): Promise<World> {
  const memory = createMemoryRuns('training');
  const { clock, mortal } = memory;
  const specification = specificationOf();
  const jobs = createFakeJobs();
  const { describe, start } = jobs;
  const ports = {
    runs: memory.runs,
    slots: memory.slots,
    jobs: mortal.port({ describe, start }, ['start']),
    settings,
  };
  const reconcile = buildReconcile(ports);
  const onDatasetPrepared = buildOnDatasetPrepared(reconcile);
  const onTrainingJobState = buildOnTrainingJobState(jobs.runOf, reconcile);
  const onSweep = buildOnSweep(ports, reconcile);
  const known: string[] = [];
  await memory.putPipeline(pipelineOf(specification));

  const world: World = {
    ...memory,
    jobs,
    prepare: async (number) => {
      const run = runIn('prepared', receivedRun({ number, specification }));
      await memory.put(run);
      known.push(run.runId);
      return run.runId;
    },
    datasetPrepared: (runId) =>
      onDatasetPrepared({
        pipeline: 'wine',
        runId,
        version: 3,
        dataset: 'd1',
        rows: 100,
        quarantined: 2,
        manifest: 's3://artifacts/datasets/wine/d1/manifest.json',
      }),
    jobMoved: (name) => onTrainingJobState({ TrainingJobName: name, TrainingJobStatus: 'InProgress' }),
    sweep: onSweep,
    untilRest: async (completes = true) => {
      for (let count = 0; count < 30; count += 1) {
        clock.now += 10_000;
        await onSweep();
        if (completes) for (const name of jobs.names()) jobs.complete(name);
      }
    },
    phases: async () => Promise.all(known.map(async (runId) => (await memory.run(runId)).phase)),
  };
  return world;
}
