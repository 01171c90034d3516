import { pipelineOfRun } from '../contracts/names.ts';
import { log } from '../runtime/log.ts';
import type { Key } from './item-store.ts';
import type { RunStore } from './run-store.ts';

const MOST_A_SWEEP = 100;

/** The run id in a key of the table, or undefined when the key is another aggregate's. */
export function runOfKey(key: Key): string | undefined {
  const runId = key.sk.startsWith('RUN#') ? key.sk.slice('RUN#'.length) : undefined;
  return runId && pipelineOfRun(runId) ? runId : undefined;
}

/** Looks at every run whose time has come; one that fails does not keep the others from their turn. Throws at the
 * end when any failed, so that the failure is seen. */
export async function sweepRuns(
  owner: string,
  runs: RunStore,
  reconcile: (runId: string) => Promise<void>,
): Promise<void> {
  const keys = await runs.dueKeys(owner, MOST_A_SWEEP);
  const failures: unknown[] = [];
  for (const runId of keys.map(runOfKey).filter((id) => id !== undefined)) {
    try {
      await reconcile(runId);
    } catch (error) {
      log.error('A run could not be brought on', error, { runId });
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} of ${keys.length} runs could not be brought on`);
}
