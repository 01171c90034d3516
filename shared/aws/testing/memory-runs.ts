/** For tests of the services: runs, pipelines and slots over the memory store, a bus that keeps what it is given, and
 * a clock that is set by hand. */

import type { LifecycleEvent } from '../../contracts/events.ts';
import { pipelineOfRun } from '../../contracts/names.ts';
import type { Pipeline } from '../../lifecycle/pipeline.ts';
import type { Phase, Run, RunIn } from '../../lifecycle/run.ts';
import { noon } from '../../lifecycle/testing/example-runs.ts';
import type { ItemStore } from '../item-store.ts';
import { inList, pipelineKey, pipelineList, runKey, runList } from '../keys.ts';
import { createMemoryItemStore } from '../memory-item-store.ts';
import type { PublishPending } from '../publisher.ts';
import { createRunStore, type RunStore } from '../run-store.ts';
import { createSlotKeeper, type SlotKeeper } from '../slot-keeper.ts';
import { createMortal, type Mortal } from './mortal.ts';

export interface MemoryRuns {
  readonly items: ItemStore;
  readonly runs: RunStore;
  readonly slots: SlotKeeper;
  readonly publish: PublishPending;
  /** Every event that the bus was given, in order. */
  readonly published: LifecycleEvent[];
  /** `now` is epoch ms; a bus that is down throws. */
  readonly clock: { now: number; busDown: boolean };
  /** Whoever works with the ports above may be made to die. */
  readonly mortal: Mortal;
  put(run: Run): Promise<void>;
  putPipeline(pipeline: Pipeline): Promise<void>;
  run<P extends Phase>(runId: string, phase?: P): Promise<RunIn<P>>;
  pipeline(name?: string): Promise<Pipeline>;
}

export function createMemoryRuns(owner: string): MemoryRuns {
  const clock = { now: noon, busDown: false };
  const now = () => clock.now;
  const mortal = createMortal();
  const memory = createMemoryItemStore({ owner, now });
  const items = mortal.port(memory, ['create', 'commit', 'forget', 'postpone']);
  const published: LifecycleEvent[] = [];
  const put = mortal.deed(async (events: readonly LifecycleEvent[]): Promise<void> => {
    if (clock.busDown) throw new Error('The bus does not answer');
    published.push(...events);
  });
  const publish: PublishPending = async (stored) => {
    const events = Object.values(stored.pending);
    if (events.length === 0) return;
    await put(events);
    await items.forget(stored, Object.keys(stored.pending));
  };
  const runs = createRunStore({ items, publish, now });

  return {
    items,
    runs,
    slots: createSlotKeeper(runs),
    publish,
    published,
    clock,
    mortal,
    put: async (run) => {
      const due = { owner, at: clock.now };
      const place = inList(runList(run.pipeline), String(run.number).padStart(9, '0'));
      if (!(await memory.create(runKey(run.pipeline, run.runId), { state: run, due }, place)))
        throw new Error(`${run.runId} is there already`);
    },
    putPipeline: async (pipeline) => {
      await memory.create(
        pipelineKey(pipeline.name),
        { state: pipeline },
        inList(pipelineList, pipeline.name),
      );
    },
    run: async <P extends Phase>(runId: string, phase?: P) => {
      const stored = await memory.load<Run>(runKey(pipelineOfRun(runId) ?? '', runId));
      if (!stored) throw new Error(`There is no run ${runId}`);
      if (phase && stored.state.phase !== phase)
        throw new Error(
          `${runId} is ${stored.state.phase}, not ${phase}: ${JSON.stringify(stored.state.history.at(-1))}`,
        );
      return stored.state as RunIn<P>;
    },
    pipeline: async (name = 'wine') => {
      const stored = await memory.load<Pipeline>(pipelineKey(name));
      if (!stored) throw new Error(`There is no pipeline ${name}`);
      return stored.state;
    },
  };
}
