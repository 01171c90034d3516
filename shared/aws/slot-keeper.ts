/** A slot lives in the pipeline item: it is taken and given back by conditional writes of that one item. */
import type { Pipeline, SlotRun } from '../lifecycle/pipeline.ts';
import type { Phase, Run } from '../lifecycle/run.ts';
import { releaseSlot, type SlotAnswer, takeSlot } from '../lifecycle/slots.ts';
import type { RunStore } from './run-store.ts';
import { tryAgainOnConflict } from './try-again.ts';

export type SlotName = 'trainingSlot' | 'canarySlot';

/** A holder outside these phases has left (or crashed before it gave the slot back). */
const holdingPhases: Readonly<Record<SlotName, readonly Phase[]>> = {
  trainingSlot: ['prepared', 'training'],
  canarySlot: ['approved', 'canary'],
};

export interface SlotKeeper {
  /** Takes the slot or a place before it. */
  take(run: Run, slot: SlotName): Promise<SlotAnswer>;
  /** Gives slot or place back; answers the run that now holds the slot, if another does. */
  release(run: Run, slot: SlotName): Promise<SlotRun | undefined>;
}

export function createSlotKeeper(runs: RunStore): SlotKeeper {
  async function isGone(holder: SlotRun | undefined, slot: SlotName): Promise<boolean> {
    if (!holder) return false;
    const stored = await runs.loadRun(holder.runId);
    return !stored || !holdingPhases[slot].includes(stored.state.phase);
  }

  function change<T>(
    pipeline: string,
    decide: (state: Pipeline) => Promise<{ next?: Pipeline; answer: T }>,
  ): Promise<T> {
    return tryAgainOnConflict(async () => {
      const stored = await runs.loadPipeline(pipeline);
      if (!stored) throw new Error(`The pipeline ${pipeline} has no item`);
      const { next, answer } = await decide(stored.state);
      if (next) await runs.savePipeline(stored, next);
      return answer;
    });
  }

  return {
    take: (run, slot) =>
      change(run.pipeline, async (state) => {
        const { holder } = state[slot];
        const gone = holder?.runId !== run.runId && (await isGone(holder, slot));
        const answer = takeSlot(state[slot], { runId: run.runId, number: run.number }, gone);
        if (answer.kind === 'superseded' || answer.slot === state[slot]) return { answer };
        return { next: { ...state, [slot]: answer.slot }, answer };
      }),
    release: (run, slot) =>
      change<SlotRun | undefined>(run.pipeline, async (state) => {
        const left = releaseSlot(state[slot], run.runId);
        const answer = left.holder?.runId === run.runId ? undefined : left.holder;
        if (left === state[slot]) return { answer: undefined };
        return { next: { ...state, [slot]: left }, answer };
      }),
  };
}
