/** Brings one run on as far as it goes now: the stored run and SageMaker's answers decide, never an event. */
import type { Stored } from '../../shared/aws/item-store.ts';
import type { StoredRun } from '../../shared/aws/run-store.ts';
import { tryAgainOnConflict } from '../../shared/aws/try-again.ts';
import type { Run } from '../../shared/lifecycle/run.ts';
import { afterStart, attemptOf, decide, type Outcome } from './core.ts';
import type { TrainingPorts } from './ports.ts';

export type Reconcile = (runId: string) => Promise<void>;

const MOST_STEPS = 8;

export function buildReconcile(ports: TrainingPorts): Reconcile {
  const { runs, slots, jobs, settings } = ports;

  /** A waiting run asks for the slot; answers whether the run moved. */
  async function begin(stored: StoredRun<'prepared'>): Promise<boolean> {
    const answer = await slots.take(stored.state, 'trainingSlot');
    switch (answer.kind) {
      case 'held':
        await runs.record(stored, {
          kind: 'training-started',
          training: attemptOf(stored.state, 1, settings),
        });
        if (answer.displaced) await reconcile(answer.displaced.runId);
        return true;
      case 'superseded':
        await runs.record(stored, { kind: 'run-superseded', by: answer.by.runId });
        return false;
      case 'waits':
        if (answer.displaced) await reconcile(answer.displaced.runId);
        await runs.lookAgain(stored);
        return false;
      default:
        return answer satisfies never;
    }
  }

  async function train(stored: StoredRun<'training'>): Promise<boolean> {
    const decision = decide(stored.state, await jobs.describe(stored.state.training.job), settings);
    if (decision.kind !== 'start') return settle(stored, decision);
    const answer = await jobs.start(decision.order);
    return settle(stored, afterStart(stored.state, answer, settings));
  }

  async function settle(stored: StoredRun<'training'>, decision: Outcome): Promise<boolean> {
    if (decision.kind === 'wait') {
      await runs.lookAgain(stored);
      return false;
    }
    const next = await runs.record(stored, decision.fact);
    if (next.state.phase === 'training') return true;
    await handOver(next.state);
    return false;
  }

  /** The run that waited longest is told at once; were this lost, the sweep would find it. */
  async function handOver(run: Run): Promise<void> {
    const next = await slots.release(run, 'trainingSlot');
    if (next) await reconcile(next.runId);
  }

  async function step(stored: Stored<Run>): Promise<boolean> {
    switch (stored.state.phase) {
      case 'prepared':
        return begin(stored as StoredRun<'prepared'>);
      case 'training':
        return train(stored as StoredRun<'training'>);
      default:
        return false;
    }
  }

  async function reconcile(runId: string): Promise<void> {
    for (let count = 0; count < MOST_STEPS; count += 1) {
      const moved = await tryAgainOnConflict(async () => {
        const stored = await runs.loadRun(runId);
        if (!stored) return false;
        await runs.publishLeftovers(stored);
        return step(stored);
      });
      if (!moved) return;
    }
  }

  return reconcile;
}
