/** The offline gate: from trained, through evaluating, to approved or rejected. */
import type { StoredRun } from '../../shared/aws/run-store.ts';
import { isWorthAnotherAttempt } from '../../shared/contracts/job-failures.ts';
import type { RunIn } from '../../shared/lifecycle/run.ts';
import {
  anotherAttempt,
  misfit,
  nextEvaluation,
  ordersOf,
  outlook,
  predictionsOf,
  testLabels,
} from './evaluation.ts';
import { type GateAnswer, judge } from './gate.ts';
import type { DeploymentPorts, PredictionOrder } from './ports.ts';
import { parseLabels, parsePredictions, UnusablePredictions } from './predictions.ts';

/** Answers whether the run moved. */
export type Step<P extends 'trained' | 'evaluating' | 'approved' | 'canary'> = (
  stored: StoredRun<P>,
) => Promise<boolean>;

export function buildBeginEvaluation({ runs, now }: DeploymentPorts): Step<'trained'> {
  return async (stored) => {
    const pipeline = await runs.loadPipeline(stored.state.pipeline);
    if (!pipeline) throw new Error(`The pipeline ${stored.state.pipeline} has no item`);
    await runs.record(stored, {
      kind: 'evaluation-started',
      evaluation: nextEvaluation(pipeline.state, undefined, now()),
    });
    return true;
  };
}

export function buildEvaluate(ports: DeploymentPorts): Step<'evaluating'> {
  const { runs, predictions, settings, now } = ports;

  /** What passes is tried again in a new round, at the next sweep; what does not ends the run. */
  async function failed(stored: StoredRun<'evaluating'>, reason: string): Promise<boolean> {
    const { evaluation } = stored.state;
    const next = isWorthAnotherAttempt(reason) ? anotherAttempt(evaluation, now()) : undefined;
    if (next) await runs.record(stored, { kind: 'evaluation-started', evaluation: next });
    else await runs.record(stored, { kind: 'run-failed', stage: 'evaluation', reason });
    return false;
  }

  return async (stored) => {
    const reason = misfit(stored.state.model, stored.state.evaluation.champion);
    if (reason) {
      await runs.record(stored, { kind: 'run-failed', stage: 'evaluation', reason });
      return false;
    }
    const orders = ordersOf(stored.state, settings);
    const states = await Promise.all(orders.map((order) => predictions.describe(order.name)));
    const refusal = await startMissing(orders.filter((_, i) => !states[i]));
    if (refusal) return failed(stored, refusal);
    const view = outlook(orders, states);
    switch (view.kind) {
      case 'wait':
        await runs.lookAgain(stored);
        return false;
      case 'failed':
        return failed(stored, view.reason);
      case 'ready':
        return conclude(ports, stored, orders);
      default:
        return view satisfies never;
    }
  };

  async function startMissing(missing: readonly PredictionOrder[]): Promise<string | undefined> {
    for (const order of missing) {
      const answer = await predictions.start(order);
      if (answer.kind === 'refused') return answer.reason;
    }
    return undefined;
  }
}

async function conclude(
  ports: DeploymentPorts,
  stored: StoredRun<'evaluating'>,
  orders: readonly PredictionOrder[],
): Promise<boolean> {
  const { runs, reports } = ports;
  const run = stored.state;
  const answer = await answerOf(ports, run, orders);
  if ('unusable' in answer) {
    await runs.record(stored, { kind: 'run-failed', stage: 'evaluation', reason: answer.unusable });
    return false;
  }
  const { reason, verdict, ...figures } = answer;
  const report = await reports.write(
    `reports/${run.pipeline}/${run.runId}/gate-${run.evaluation.round}.json`,
    {
      runId: run.runId,
      model: run.model,
      champion: run.evaluation.champion,
      dataset: run.dataset.version,
      gate: run.specification.evaluate,
      verdict,
      reason,
      ...figures,
      predictions: orders.map(predictionsOf),
      labels: testLabels(run),
    },
  );
  const gate = { ...figures, report };
  if (verdict === 'rejected') {
    await runs.record(stored, { kind: 'model-rejected', gate, reason });
    return false;
  }
  await runs.record(stored, { kind: 'model-approved', gate });
  return true;
}

/** The gate's answer, or why none can be had from these files: repeating would not change them. */
async function answerOf(
  ports: DeploymentPorts,
  run: RunIn<'evaluating'>,
  orders: readonly PredictionOrder[],
): Promise<GateAnswer | { readonly unusable: string }> {
  try {
    return judge(await evidenceOf(ports, run, orders));
  } catch (error) {
    if (error instanceof UnusablePredictions) return { unusable: error.message };
    throw error;
  }
}

/** The rows' labels and what each model predicted for them. */
async function evidenceOf(
  ports: DeploymentPorts,
  run: RunIn<'evaluating'>,
  orders: readonly PredictionOrder[],
) {
  const { evaluate } = run.specification;
  const labels = parseLabels(await ports.reports.read(testLabels(run)));
  const [candidate, champion] = await Promise.all(
    orders.map(async (order) =>
      parsePredictions(await ports.reports.read(predictionsOf(order)), evaluate.prediction, labels.length),
    ),
  );
  if (!candidate) throw new Error('The candidate has no predictions');
  return { evaluate, labels, candidate, ...(champion ? { champion } : {}) };
}
