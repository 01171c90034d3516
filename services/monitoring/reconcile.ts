/** Brings a pipeline's monitoring on as far as it goes now: the item and the facts around it decide, never an event. */
import type { Stored } from '../../shared/aws/item-store.ts';
import type { Decision } from './announcements.ts';
import { withVerdict } from './drift.ts';
import { current } from './episode.ts';
import type { FactFinder } from './facts.ts';
import type { InTurn } from './in-turn.ts';
import { buildJoinDrops } from './join-drops.ts';
import { buildJudgeWindow } from './judge-window.ts';
import { type Keeper, untilSaved } from './keeper.ts';
import { withJoined } from './labels.ts';
import type { Facts, Monitor } from './monitor.ts';
import { nextStep, type Step } from './next-step.ts';
import type { MonitoringPorts } from './ports.ts';
import { buildUniteParts, withAnotherAsk, withRequest, withSuppressed, withUnited } from './retrain.ts';
import { closed } from './retraining.ts';

export type Reconcile = (pipeline: string) => Promise<void>;

/** One handler does at most so many steps; the sweep goes on where it ended. */
const MOST_STEPS = 40;

export interface Workings {
  readonly keeper: Keeper;
  readonly facts: FactFinder;
  readonly inTurn: InTurn;
}

export function buildReconcile(
  ports: MonitoringPorts,
  { keeper, facts: finder, inTurn }: Workings,
): Reconcile {
  const judge = buildJudgeWindow(ports, finder);
  const join = buildJoinDrops(ports, finder);
  const unite = buildUniteParts(ports);

  async function take(
    stored: Stored<Monitor>,
    step: Exclude<Step, { kind: 'rest' }>,
    facts: Facts,
  ): Promise<Decision<Monitor>> {
    const { state } = stored;
    const context = { facts, turn: keeper.turnOf(stored) };
    const unannounced = (next: Monitor): Decision<Monitor> => ({ state: next, events: [] });
    switch (step.kind) {
      case 'begin-episode':
        return unannounced(current(state, facts, context.turn.now));
      case 'judge-window': {
        const { statistics, report } = await judge(state, step.window, facts.specification.monitor.drift);
        return withVerdict(state, step.window, statistics, { ...context, report });
      }
      case 'join':
        if (!state.episode) return unannounced(state);
        return withJoined(state, await join(state.pipeline, step.drops, state.episode), context);
      case 'unite':
        return withUnited(state, await unite(state.pipeline, state.labelled.parts));
      case 'request':
        return withRequest(state, await unite(state.pipeline, state.labelled.parts), step.reason, context);
      case 'ask-again':
        return withAnotherAsk(state, context.turn);
      case 'close':
        return unannounced({ ...state, ...closed(step.phase, state.labelled, state.retraining) });
      case 'suppress':
        return withSuppressed(state, step.reason, context.turn);
      default:
        return step satisfies never;
    }
  }

  /** Answers whether there may be more to do. */
  async function move(pipeline: string): Promise<boolean> {
    const stored = await keeper.open(pipeline);
    const facts = await finder.around(stored.state);
    if (!facts) return false;
    const step = nextStep(stored.state, facts, ports.now());
    if (step.kind === 'rest') {
      await keeper.rest(stored, step.until);
      return false;
    }
    await keeper.save(stored, await take(stored, step, facts), facts);
    return true;
  }

  return (pipeline) =>
    inTurn(pipeline, async () => {
      for (let steps = 0; steps < MOST_STEPS; steps += 1) {
        if (!(await untilSaved(() => move(pipeline)))) return;
      }
    });
}
