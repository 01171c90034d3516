import { isWorthAnotherAttempt } from '../../shared/contracts/job-failures.ts';
import { receivedRun, runIn, specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { shapeDigest } from '../../shared/serving/request-shape.ts';
import { afterStart, attemptOf, decide } from './core.ts';
import type { JobState } from './ports.ts';
import { settings } from './testing/world.ts';

const run = runIn('training');
const job = (state: Partial<JobState>): JobState => ({
  status: 'running',
  reason: 'reason',
  metrics: {},
  runId: run.runId,
  ...state,
});
const failed = (reason: unknown) => ({
  kind: 'record',
  fact: { kind: 'run-failed', stage: 'training', reason },
});
const another = (attempt: number, instance: string) => ({
  kind: 'record',
  fact: {
    kind: 'training-started',
    training: { attempt, instance, job: expect.stringMatching(`-a${attempt}$`) },
  },
});
const onAttempt = (attempt: number) => ({ ...run, training: attemptOf(run, attempt, settings) });

describe('what a look at a training job leads to', () => {
  it('orders the job when there is none', () => {
    expect(decide(run, undefined, settings)).toEqual({
      kind: 'start',
      order: {
        name: run.training.job,
        runId: run.runId,
        image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/ratchet-test-xgboost:latest',
        instance: 'ml.m5.large',
        volumeGb: 20,
        maximumSeconds: 3_600,
        spot: false,
        hyperparameters: { rounds: '10' },
        channels: {
          train: 's3://artifacts/datasets/wine/d1/train/',
          validation: 's3://artifacts/datasets/wine/d1/validation/',
        },
        output: `s3://artifacts/models/wine/ratchet-test-${run.runId}`,
        metrics: expect.arrayContaining([{ name: 'validation:auc', pattern: expect.any(String) }]),
      },
    });
  });

  it('gives no validation channel where there are no rows for it, nor metrics of foreign images', () => {
    const specification = specificationOf({
      train: { image: '555555555555.dkr.ecr.us-east-1.amazonaws.com/own:1' },
    });
    const rows = { ...run.dataset.rows, validation: 0 };
    const decision = decide(
      { ...run, specification, dataset: { ...run.dataset, rows } },
      undefined,
      settings,
    );
    expect(decision).toMatchObject({
      order: {
        image: '555555555555.dkr.ecr.us-east-1.amazonaws.com/own:1',
        channels: { train: expect.any(String) },
        metrics: [],
      },
    });
    expect(decision.kind === 'start' && decision.order.channels.validation).toBeUndefined();
  });

  it('reads the metrics of our images from their log lines', () => {
    const decision = decide(run, undefined, settings);
    const auc =
      decision.kind === 'start' && decision.order.metrics.find(({ name }) => name === 'validation:auc');
    const pattern = auc ? auc.pattern : '';
    expect(new RegExp(pattern).exec('[10]#011train-auc:0.95#011validation-auc:0.912')?.[1]).toBe('0.912');
  });

  it('waits while it runs', () => {
    expect(decide(run, job({}), settings)).toEqual({ kind: 'wait' });
  });

  it('puts nothing before a model whose applications send what it sees', () => {
    const specification = specificationOf({ deploy: { records: 'features' } });
    const completed = job({ status: 'completed', artifact: 's3://artifacts/m/model.tar.gz' });
    const { fact } = decide({ ...run, specification }, completed, settings) as { fact: { model: object } };
    expect(fact.model).not.toHaveProperty('features');
    expect(fact.model).toMatchObject({ asks: shapeDigest({ records: 'features', columns: ['a', 'b'] }) });
  });

  it('takes the model of a completed job', () => {
    const artifact = 's3://artifacts/models/m/model.tar.gz';
    expect(decide(run, job({ status: 'completed', artifact, metrics: { auc: 0.9 } }), settings)).toEqual({
      kind: 'record',
      fact: {
        kind: 'model-trained',
        model: {
          name: `ratchet-test-${run.runId}`,
          runId: run.runId,
          artifact,
          image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/ratchet-test-xgboost:latest',
          dataset: 'd1',
          features: `${run.dataset.prefix}features.tar.gz`,
          asks: shapeDigest({ records: 'raw', columns: ['a', 'b'] }),
        },
        metrics: { auc: 0.9 },
      },
    });
  });

  it.each<[string, JobState, unknown]>([
    [
      'a completed job without a model',
      job({ status: 'completed' }),
      'The training job completed without a model artifact',
    ],
    [
      'a stopped job',
      job({ status: 'stopped', reason: 'MaxRuntimeExceeded' }),
      expect.stringContaining('MaxRuntimeExceeded'),
    ],
    [
      'an error of the algorithm',
      job({ status: 'failed', reason: 'AlgorithmError: NaN' }),
      'AlgorithmError: NaN',
    ],
    [
      'a foreign job of our name',
      job({ runId: 'beer-aaaaaaaaaa' }),
      expect.stringContaining('is beer-aaaaaaaaaa'),
    ],
    [
      'a foreign completed job',
      job({ runId: 'other', status: 'completed', artifact: 's3://x/y' }),
      expect.stringContaining('is not ours'),
    ],
  ])('fails the run for %s', (_, state, reason) => {
    expect(decide(run, state, settings)).toEqual(failed(reason));
  });

  it('fails the run for a job of our name without a tag', () => {
    const { runId: _, ...untagged } = job({});
    expect(decide(run, untagged, settings)).toEqual(failed(expect.stringContaining('is missing')));
  });

  it.each([
    'CapacityError: Unable to provision requested ML compute capacity',
    'InsufficientInstanceCapacity',
    'InternalServerError: We encountered an internal error',
    'The spot instance was interrupted',
    'MaxWaitTimeExceeded',
    'ResourceLimitExceeded: The account-level service limit is 0 Instances',
  ])('tries again for "%s"', (reason) => {
    expect(isWorthAnotherAttempt(reason)).toBe(true);
    expect(decide(run, job({ status: 'failed', reason }), settings)).toEqual(another(2, 'ml.m5.xlarge'));
  });

  it('tries again when a spot job waited for too long, at last on an instance of its own', () => {
    const specification = specificationOf({ train: { spot: true } });
    const spot = (attempt: number) => ({ ...onAttempt(attempt), specification });
    const state = job({ status: 'stopped', reason: 'MaxWaitTimeExceeded' });
    expect(decide(spot(1), state, settings)).toEqual(another(2, 'ml.m5.xlarge'));
    const spots = [1, 2, 3].map((attempt) => decide(spot(attempt), undefined, settings));
    expect(spots).toMatchObject([true, true, false].map((is) => ({ order: { spot: is } })));
  });

  it('tries at most as often as the specification allows, on the last instance named', () => {
    const reason = 'CapacityError';
    expect(decide(onAttempt(2), job({ status: 'failed', reason }), settings)).toEqual(
      another(3, 'ml.m5.xlarge'),
    );
    expect(decide(onAttempt(3), job({ status: 'failed', reason }), settings)).toEqual(
      failed('CapacityError (after 3 attempts)'),
    );
    const once = { ...run, specification: specificationOf({ train: { attempts: 1 } }) };
    expect(decide(once, job({ status: 'failed', reason }), settings)).toEqual(
      failed('CapacityError (after 1 attempts)'),
    );
  });
});

describe('what an answered order leads to', () => {
  it('is a wait, when it was taken or the name was', () => {
    expect(afterStart(run, { kind: 'started' }, settings)).toEqual({ kind: 'wait' });
    expect(afterStart(run, { kind: 'name-taken' }, settings)).toEqual({ kind: 'wait' });
  });

  it('is another attempt for a lack of capacity, the end for a mistake', () => {
    const refused = (retryable: boolean) => ({ kind: 'refused', reason: 'no', retryable }) as const;
    expect(afterStart(run, refused(true), settings)).toEqual(another(2, 'ml.m5.xlarge'));
    expect(afterStart(run, refused(false), settings)).toEqual(failed('no'));
    expect(afterStart(onAttempt(3), refused(true), settings)).toEqual(failed('no (after 3 attempts)'));
  });
});

describe('an attempt', () => {
  it('has a name and an instance that follow from the run alone', () => {
    const prepared = runIn('prepared', receivedRun());
    expect(attemptOf(prepared, 2, settings)).toEqual(attemptOf(run, 2, settings));
    const names = [1, 2, 3].map((attempt) => attemptOf(run, attempt, settings).job);
    expect(new Set(names).size).toBe(3);
  });
});
