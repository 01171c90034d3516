/** The monitor's item: loaded or made, changed by decisions, its events published. */
import { setTimeout as pause } from 'node:timers/promises';
import { Conflict, type Due, type Stored } from '../../shared/aws/item-store.ts';
import { monitorKey } from '../../shared/aws/keys.ts';
import type { Decision, Turn } from './announcements.ts';
import { emptyMonitor, type Facts, type Monitor } from './monitor.ts';
import { nextStep } from './next-step.ts';
import type { MonitoringPorts } from './ports.ts';

const ROUNDS = 12;
const PAUSE_MS = 20;

export interface Keeper {
  open(pipeline: string): Promise<Stored<Monitor>>;
  turnOf(stored: Stored<Monitor>): Turn;
  /** Writes the decision, then publishes its events. Throws Conflict when another handler was faster. */
  save(stored: Stored<Monitor>, decision: Decision<Monitor>, facts: Facts): Promise<void>;
  /** Publishes what an earlier handler left pending; makes the item due when its state wants it. */
  rest(stored: Stored<Monitor>, until: number | undefined): Promise<void>;
}

export function createKeeper({ items, publish, settings, now }: MonitoringPorts): Keeper {
  const due = (at: number | undefined): Due | undefined =>
    at === undefined ? undefined : { owner: 'monitoring', at };

  /** When the sweep shall come should this handler end here: at once while there is something to do. */
  function wakeAt(state: Monitor, facts: Facts): number | undefined {
    const step = nextStep(state, facts, now());
    return step.kind === 'rest' ? step.until : now();
  }

  async function open(pipeline: string): Promise<Stored<Monitor>> {
    const key = monitorKey(pipeline);
    const stored =
      (await items.load<Monitor>(key)) ??
      (await items.create<Monitor>(key, { state: emptyMonitor(pipeline) })) ??
      (await items.load<Monitor>(key));
    if (!stored) throw new Conflict(key);
    return stored;
  }

  /** A pending event keeps the item due until it is known to be published. */
  async function announce(stored: Stored<Monitor>, at: number | undefined): Promise<void> {
    if (Object.keys(stored.pending).length === 0) return;
    await publish(stored);
    const after = await items.load<Monitor>(stored.key);
    if (after && Object.keys(after.pending).length === 0) await items.postpone(stored, due(at));
  }

  return {
    open,
    turnOf: (stored) => ({
      pipeline: stored.state.pipeline,
      now: now(),
      version: stored.version + 1,
      artifactsBucket: settings.artifactsBucket,
    }),
    save: async (stored, { state, events }, facts) => {
      const at = wakeAt(state, facts);
      await announce(await items.commit(stored, { state, events, due: due(at) }), at);
    },
    rest: async (stored, until) => {
      if (Object.keys(stored.pending).length > 0) await announce(stored, until);
      else if (stored.due?.at !== until) await items.postpone(stored, due(until));
    },
  };
}

/** Loads and decides again as long as another handler was faster, a random moment later each time. After twelve
 * rounds the Conflict goes to the caller, and the queue brings the message again. */
export async function untilSaved<T>(round: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await round();
    } catch (error) {
      if (!(error instanceof Conflict) || attempt === ROUNDS) throw error;
      await pause(Math.random() * PAUSE_MS * attempt);
    }
  }
}
