/** Runs and pipelines as the services see them: load, decide, record a fact. */

import { pipelineOfRun } from '../contracts/names.ts';
import { announce, ownerOf } from '../lifecycle/announce.ts';
import { evolve } from '../lifecycle/evolve.ts';
import type { Fact } from '../lifecycle/facts.ts';
import type { Pipeline } from '../lifecycle/pipeline.ts';
import type { Phase, Run, RunIn } from '../lifecycle/run.ts';
import type { Due, ItemStore, Stored } from './item-store.ts';
import { pipelineKey, runKey } from './keys.ts';
import type { PublishPending } from './publisher.ts';

export type StoredRun<P extends Phase = Phase> = Stored<RunIn<P>>;
export type StoredPipeline = Stored<Pipeline>;

/** An active run is looked at again after this time even when every event about it was lost. */
export const LOOK_AGAIN_MS = 2_000;

export interface RunStore {
  loadRun(runId: string): Promise<Stored<Run> | undefined>;
  loadPipeline(pipeline: string): Promise<StoredPipeline | undefined>;
  /** Evolves the run by a fact, keeps it with the events that announce it, publishes them. Throws Conflict when
   * another writer was faster, IllegalMove when the fact cannot be. */
  record(stored: Stored<Run>, fact: Fact): Promise<Stored<Run>>;
  /** Writes the pipeline's next state. Throws Conflict. */
  savePipeline(
    stored: StoredPipeline,
    next: Omit<Pipeline, 'version' | 'updatedAt'>,
  ): Promise<StoredPipeline>;
  /** Publishes events that whoever recorded them did not get out: those whose time of grace is over. Earlier they are
   * still on their way, and publishing them here would only double them. */
  publishLeftovers(stored: Stored<Run>): Promise<void>;
  /** Asks the sweeper to look again after the usual time. */
  lookAgain(stored: Stored<Run>): Promise<void>;
  /** Runs whose time has come, by the service whose turn it is. */
  dueKeys(owner: string, limit: number): ReturnType<ItemStore['due']>;
}

/** The endpoint has not yet been seen to follow what the pipeline wishes. */
const isUnsettled = ({ desired }: Pipeline): boolean =>
  desired !== undefined && desired.settled < desired.revision;

export function createRunStore(options: {
  items: ItemStore;
  publish: PublishPending;
  now: () => number;
}): RunStore {
  const { items, publish, now } = options;

  function dueOf(run: Run): Due | undefined {
    const owner = ownerOf(run);
    return owner ? { owner, at: now() + LOOK_AGAIN_MS } : undefined;
  }

  /** Once its writer's events are out, a run goes on to the sweep of whose turn it is, or leaves the due index. */
  async function handOver(stored: Stored<Run>): Promise<void> {
    if (stored.due && stored.due.owner !== ownerOf(stored.state))
      await items.postpone(stored, dueOf(stored.state));
  }

  return {
    loadRun: async (runId) => {
      const pipeline = pipelineOfRun(runId);
      return pipeline ? items.load<Run>(runKey(pipeline, runId)) : undefined;
    },
    loadPipeline: (pipeline) => items.load<Pipeline>(pipelineKey(pipeline)),
    record: async (stored, fact) => {
      const next = evolve(stored.state, fact, now());
      const due = dueOf(next);
      const events = announce(stored.state, fact, next);
      const committed = await items.commit(stored, { state: next, events, due });
      // Publishing may fail: the events stay in the item, and the sweeper comes back.
      const isNew = (id: string): boolean => !(id in stored.pending);
      const added = Object.fromEntries(Object.entries(committed.pending).filter(([id]) => isNew(id)));
      await publish({ ...committed, pending: added });
      const left: Stored<Run> = { ...committed, pending: stored.pending };
      if (Object.keys(left.pending).length === 0) await handOver(left);
      return left;
    },
    savePipeline: async (stored, next) => {
      const state: Pipeline = {
        ...next,
        version: stored.version + 1,
        updatedAt: new Date(now()).toISOString(),
      };
      const due = isUnsettled(state) ? { owner: 'deployment', at: now() + LOOK_AGAIN_MS } : undefined;
      return items.commit(stored, { state, due });
    },
    publishLeftovers: async (stored) => {
      if (stored.due === undefined || stored.due.at > now()) return;
      await publish(stored);
      await handOver(stored);
    },
    lookAgain: (stored) => items.postpone(stored, dueOf(stored.state)),
    dueKeys: (owner, limit) => items.due(owner, now(), limit),
  };
}
