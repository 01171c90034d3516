import { appendFileSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { createFleets, type Fleet, type Fleets } from './fleet.ts';
import { type Endpoint, endpointEvent, type VariantStates } from './record.ts';
import { fleetSpec } from './spec.ts';

const WEIGHTS_MS = 1000;
const CLOSE_GRACE_MS = 2000;

/** Brings endpoints to what their records want: deployments, weights, deletion, and all again after a restart. */
export interface Deployer {
  /** Brings up the pending configuration and switches to it; the old one stays when that fails. */
  deploy(name: string): void;
  applyWeights(name: string): void;
  remove(name: string): void;
  restore(): void;
  /** What serves now, once a restore under way is over; undefined when nothing does. */
  serving(name: string): Promise<Fleet | undefined>;
  close(): Promise<void>;
}

interface Live {
  readonly fleets: Fleets;
  serving: Promise<Fleet | undefined>;
}

export function createDeployer(context: Context): Deployer {
  const { clock, store } = context;
  const live = new Map<string, Live>();
  const closing = new AbortController();
  const timers = new Set<NodeJS.Timeout>();
  const get = (name: string) => store.get<Endpoint>('endpoint', name);

  function liveOf(name: string): Live {
    let known = live.get(name);
    if (!known) {
      known = { fleets: createFleets(context, name), serving: Promise.resolve(undefined) };
      live.set(name, known);
    }
    return known;
  }

  function save(endpoint: Endpoint): void {
    const changed = { ...endpoint, LastModifiedTime: clock.now() };
    context.save('endpoint', changed, endpointEvent(changed, store.tags(changed.arn)));
  }

  async function bringUp(name: string): Promise<void> {
    const pending = get(name)?.pending;
    if (!pending) return;
    const entry = liveOf(name);
    try {
      const fleet = await entry.fleets.open(await fleetSpec(context, pending.configName));
      if (closing.signal.aborted) return;
      const before = await entry.serving;
      if (before && context.disturbance.rollbackSilently?.(name)) {
        await entry.fleets.release(fleet);
        const { FailureReason, pending: undone, ...endpoint } = get(name)!;
        return save({ ...endpoint, EndpointStatus: 'InService' });
      }
      entry.serving = Promise.resolve(fleet);
      const { FailureReason, pending: done, ...endpoint } = get(name)!;
      save({ ...endpoint, fleet: fleet.spec, states: pending.states, EndpointStatus: 'InService' });
      if (before) await entry.fleets.release(before);
    } catch (error) {
      if (!closing.signal.aborted) fallBack(name, error as Error);
    }
  }

  /** A failed update goes back to InService with the old fleet; only FailureReason tells, until the next update. */
  function fallBack(name: string, error: Error): void {
    const { pending, ...endpoint } = get(name)!;
    logDeployment(name, `${pending?.configName} could not be brought up: ${error.message}`);
    if (endpoint.fleet) save({ ...endpoint, EndpointStatus: 'InService', FailureReason: error.message });
    else save({ ...get(name)!, EndpointStatus: 'Failed', FailureReason: error.message });
  }

  function logDeployment(name: string, line: string): void {
    const folder = join(context.dir, 'logs/endpoints', name);
    mkdirSync(folder, { recursive: true });
    appendFileSync(join(folder, 'deployments.log'), `${new Date(clock.now()).toISOString()} ${line}\n`);
  }

  function restoreOne(endpoint: Endpoint): void {
    const { fleet, name } = endpoint;
    if (endpoint.EndpointStatus === 'Deleting') remove(name);
    if (endpoint.EndpointStatus === 'Deleting' || endpoint.EndpointStatus === 'Failed') return;
    const entry = liveOf(name);
    if (fleet) {
      entry.serving = entry.fleets.open(fleet).catch((error: Error) => {
        if (closing.signal.aborted) return undefined;
        const { pending, ...rest } = get(name)!;
        save({ ...rest, EndpointStatus: 'Failed', FailureReason: error.message });
        return undefined;
      });
    }
    if (endpoint.pending) {
      context.background(entry.serving.then(() => bringUp(name)));
    } else if (endpoint.EndpointStatus === 'Updating') applyWeights(name);
  }

  function applyWeights(name: string): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      const endpoint = get(name);
      if (endpoint?.EndpointStatus !== 'Updating') return;
      save({ ...endpoint, states: reached(endpoint.states), EndpointStatus: 'InService' });
    }, WEIGHTS_MS / clock.scale);
    timers.add(timer);
  }

  function remove(name: string): void {
    const entry = live.get(name);
    live.delete(name);
    const end = async () => {
      const fleet = await entry?.serving;
      if (entry && fleet) await entry.fleets.release(fleet);
      const endpoint = get(name);
      if (closing.signal.aborted || !endpoint) return;
      await rm(join(context.dir, 'endpoints', name), { recursive: true, force: true });
      store.remove('endpoint', endpoint);
    };
    context.background(end());
  }

  return {
    deploy: (name) => context.background(bringUp(name)),
    applyWeights,
    remove,
    restore: () => {
      for (const endpoint of store.list<Endpoint>('endpoint')) restoreOne(endpoint);
    },
    serving: async (name) => live.get(name)?.serving,
    close: async () => {
      closing.abort();
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([...live.values()].map((entry) => entry.fleets.close(CLOSE_GRACE_MS)));
    },
  };
}

function reached(states: VariantStates): VariantStates {
  return Object.fromEntries(
    Object.entries(states).map(([name, state]) => [
      name,
      { ...state, CurrentWeight: state.DesiredWeight, CurrentInstanceCount: state.DesiredInstanceCount },
    ]),
  );
}
