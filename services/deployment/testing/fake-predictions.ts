/** For tests: transform jobs that take a moment and write what each model answers. */
import { predictionsOf } from '../evaluation.ts';
import type { OrderAnswer, PredictionOrder, Predictions, Reports } from '../ports.ts';

const JOB_MS = 5_000;
export const ROWS = 400;

/** All rows are of class 1. */
export const labelsText = '1\n'.repeat(ROWS);

export interface FakePredictions extends Predictions {
  readonly jobs: Map<
    string,
    { readonly order: PredictionOrder; readonly readyAt: number; isStarved: boolean }
  >;
  /** How many of the rows a model gets wrong; 20 of 400 where nothing is said. */
  readonly wrong: Map<string, number>;
  /** What a model answers instead of labels. */
  readonly nonsense: Map<string, string>;
  /** Models whose jobs fail. */
  readonly failing: Set<string>;
  /** So many jobs from now on find no capacity. */
  scarce: number;
  refusal: string | undefined;
}

export function createFakePredictions(now: () => number, files: Map<string, string>): FakePredictions {
  const jobs: FakePredictions['jobs'] = new Map();
  const wrong = new Map<string, number>();
  const nonsense = new Map<string, string>();
  const failing = new Set<string>();

  function answers(model: string): string {
    const missed = wrong.get(model) ?? 20;
    return (
      nonsense.get(model) ?? Array.from({ length: ROWS }, (_, row) => `${Number(row >= missed)}\n`).join('')
    );
  }

  const fake: FakePredictions = {
    jobs,
    wrong,
    nonsense,
    failing,
    scarce: 0,
    refusal: undefined,
    describe: async (name) => {
      const job = jobs.get(name);
      if (!job) return undefined;
      const { order, readyAt, isStarved } = job;
      const { runId } = order;
      if (isStarved) return { status: 'failed', reason: 'CapacityError: Unable to provision', runId };
      if (now() < readyAt) return { status: 'running', reason: '', runId };
      if (failing.has(order.model.name)) return { status: 'failed', reason: 'AlgorithmError', runId };
      files.set(predictionsOf(order), answers(order.model.name));
      return { status: 'completed', reason: '', runId };
    },
    start: async (order): Promise<OrderAnswer> => {
      if (fake.refusal) return { kind: 'refused', reason: fake.refusal };
      if (!jobs.has(order.name)) {
        jobs.set(order.name, { order, readyAt: now() + JOB_MS, isStarved: fake.scarce > 0 });
        fake.scarce = Math.max(0, fake.scarce - 1);
      }
      return { kind: 'accepted' };
    },
  };
  return fake;
}

export function createMemoryReports(files: Map<string, string>): Reports {
  return {
    read: async (uri) => {
      const text = files.get(uri);
      if (text === undefined) throw new Error(`${uri} is not there`);
      return text;
    },
    write: async (key, report) => {
      const uri = `s3://artifacts/${key}`;
      files.set(uri, JSON.stringify(report));
      return uri;
    },
  };
}
