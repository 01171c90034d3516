/** For tests: one example of every fact, and a run in every phase that came there by legal moves. */
import { parseSpecification } from '../../contracts/parse-specification.ts';
import type { PipelineSpecification } from '../../contracts/pipeline-specification.ts';
import { evolve } from '../evolve.ts';
import type { Fact, FactOf } from '../facts.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Canary, ModelRef, Phase, Received, RunIn } from '../run.ts';

const declared = {
  name: 'wine',
  data: {
    seal: 'each',
    columns: [
      { name: 'y', type: 'integer', minimum: 0, maximum: 1 },
      { name: 'a', type: 'number' },
      { name: 'b', type: 'number' },
    ],
    target: 'y',
    split: { test: 0.3, validation: 0.1 },
    quality: { minimumRows: 1, maximumQuarantined: 1 },
  },
  train: { image: 'xgboost', hyperparameters: { rounds: 10 }, fallbackInstances: ['ml.m5.xlarge'] },
  evaluate: { metric: 'accuracy', prediction: 'label', required: 0.8, margin: 0.05 },
  deploy: {
    canary: { minimumRequests: 100, minimumTime: '1 minute', timeout: '10 minutes', errorMargin: 0.1 },
  },
  monitor: {},
};

type Section = 'data' | 'train' | 'evaluate' | 'deploy' | 'monitor';

/** A whole specification; members of its sections may be replaced. */
export function specificationOf(
  changes: { name?: string } & Partial<Record<Section, object>> = {},
): PipelineSpecification {
  const sections = Object.fromEntries(
    (['data', 'train', 'evaluate', 'deploy', 'monitor'] as const).map((section) => [
      section,
      { ...declared[section], ...changes[section] },
    ]),
  );
  const parsed = parseSpecification(JSON.stringify({ name: changes.name ?? declared.name, ...sections }));
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems));
  return parsed.specification;
}

export const noon = Date.UTC(2026, 0, 1, 12);
const at = new Date(noon).toISOString();

/** The run's id says its number, so that tests can name runs. */
export const runIdOfNumber = (number: number, pipeline = 'wine'): string =>
  `${pipeline}-${'a'.repeat(9)}${'abcdefghijklmnopqrstuvwxyz'[number]}`;

export function receivedRun(changes: Partial<Received> = {}): Received {
  const number = changes.number ?? 1;
  return {
    phase: 'received',
    runId: runIdOfNumber(number),
    pipeline: 'wine',
    number,
    version: 1,
    cause: { kind: 'data', batch: 'batch:1' },
    specification: specificationOf(),
    parts: [{ bucket: 'drop', key: 'incoming/wine/a.csv', versionId: 'v1', size: 10 }],
    createdAt: at,
    updatedAt: at,
    history: [{ version: 1, phase: 'received', at, cause: 'data' }],
    ...changes,
  };
}

export function pipelineOf(specification: PipelineSpecification, changes: Partial<Pipeline> = {}): Pipeline {
  return {
    name: specification.name,
    version: 1,
    specification,
    digest: 'digest',
    runCounter: 0,
    trainingSlot: {},
    canarySlot: {},
    createdAt: at,
    updatedAt: at,
    ...changes,
  };
}

export function modelOf(number: number): ModelRef {
  const runId = runIdOfNumber(number);
  const name = `ratchet-test-${runId}`;
  return {
    name,
    runId,
    artifact: `s3://artifacts/models/wine/${name}/model.tar.gz`,
    image: 'image',
    dataset: 'd1',
  };
}

const champion = modelOf(0);
const counts = { requests: 0, errors: 0 };
const evidence: Canary['evidence'] = {
  challenger: counts,
  champion: counts,
  logE: 0,
  errorBound: 1,
  slowLooks: 0,
  until: noon,
  closed: { challenger: counts, champion: counts, logE: [0] },
  baseline: { minute: noon, challenger: counts, champion: counts },
};
export const exampleCanary: Canary = {
  champion,
  step: 0,
  weight: 0.1,
  startedAt: noon,
  stepStartedAt: noon,
  extended: false,
  evidence,
};
const gate = {
  metric: 'accuracy',
  rows: 100,
  candidate: 0.9,
  champion: 0.89,
  bound: 0.01,
  report: 's3://artifacts/reports/r.json',
};

export const exampleFacts: { readonly [K in Fact['kind']]: FactOf<K> } = {
  'preparation-started': { kind: 'preparation-started' },
  'dataset-prepared': {
    kind: 'dataset-prepared',
    dataset: {
      version: 'd1',
      prefix: 's3://artifacts/datasets/wine/d1/',
      rows: { train: 60, validation: 10, test: 30 },
      quarantined: 2,
    },
  },
  'data-rejected': { kind: 'data-rejected', reason: 'too few rows', quarantine: 's3://artifacts/q.jsonl' },
  'training-started': {
    kind: 'training-started',
    training: { attempt: 1, job: 'ratchet-test-job-a1', instance: 'ml.m5.large' },
  },
  'model-trained': { kind: 'model-trained', model: modelOf(1), metrics: { 'validation:auc': 0.9 } },
  'evaluation-started': { kind: 'evaluation-started', evaluation: { round: 1, champion, startedAt: noon } },
  'model-approved': { kind: 'model-approved', gate },
  'model-rejected': { kind: 'model-rejected', gate, reason: 'worse' },
  'canary-started': { kind: 'canary-started', canary: exampleCanary },
  'canary-observed': {
    kind: 'canary-observed',
    evidence: { ...evidence, challenger: { requests: 5, errors: 1 } },
    extended: true,
  },
  'canary-advanced': { kind: 'canary-advanced', canary: { ...exampleCanary, step: 1, weight: 0.5 } },
  'canary-decided': { kind: 'canary-decided', decision: { verdict: 'promote', reason: 'proven' } },
  'model-promoted': { kind: 'model-promoted', replaced: champion.name },
  'canary-rolled-back': { kind: 'canary-rolled-back', reason: 'it fails more often' },
  'run-superseded': { kind: 'run-superseded', by: runIdOfNumber(2) },
  'run-failed': { kind: 'run-failed', stage: 'training', reason: 'out of memory' },
  'run-cancelled': { kind: 'run-cancelled', reason: 'a person said so' },
};

const toPrepared = ['preparation-started', 'dataset-prepared'] as const;
const toTrained = [...toPrepared, 'training-started', 'model-trained'] as const;
const toApproved = [...toTrained, 'evaluation-started', 'model-approved'] as const;

/** A shortest way of facts into each phase. */
const ways: Readonly<Record<Phase, readonly Fact['kind'][]>> = {
  received: [],
  preparing: ['preparation-started'],
  prepared: toPrepared,
  training: [...toPrepared, 'training-started'],
  trained: toTrained,
  evaluating: [...toTrained, 'evaluation-started'],
  approved: toApproved,
  canary: [...toApproved, 'canary-started'],
  promoted: [...toApproved, 'canary-started', 'model-promoted'],
  rejected: ['data-rejected'],
  'rolled-back': [...toApproved, 'canary-started', 'canary-rolled-back'],
  failed: ['run-failed'],
  cancelled: ['run-cancelled'],
  superseded: [...toPrepared, 'run-superseded'],
};

/** A run that reached `phase` by legal moves, one a second. */
export function runIn<P extends Phase>(phase: P, from: Received = receivedRun()): RunIn<P> {
  const run = ways[phase].reduce<RunIn<Phase>>(
    (before, kind, step) => evolve(before, exampleFacts[kind], noon + step * 1_000),
    from,
  );
  return run as RunIn<P>;
}
