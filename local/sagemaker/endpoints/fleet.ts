import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { Unhealthy } from '../process/container.ts';
import { createModelServer, type ModelServer } from '../process/model-server.ts';
import type { FleetSpec, VariantSpec } from './record.ts';

/** AWS gives a serving container this long between SIGTERM and SIGKILL. */
const STOP_GRACE_MS = 30_000;

/** The processes that serve one configuration of an endpoint, by variant. */
export interface Fleet {
  readonly spec: FleetSpec;
  readonly servers: ReadonlyMap<string, ModelServer>;
}

/**
 * The model servers of one endpoint. AWS starts every variant anew with each update; here a variant of the same
 * name, model bytes and containers goes on in the same process, because memory on one machine is scarce.
 */
export interface Fleets {
  /** Starts what is not there yet. Rejects, with nothing left running of it, when a variant fails to start. */
  open(spec: FleetSpec): Promise<Fleet>;
  /** Lets a fleet go: processes that no other fleet uses end, and their folders go. */
  release(fleet: Fleet): Promise<void>;
  /** Ends all processes; the folders stay for the next start. */
  close(graceMs: number): Promise<void>;
}

interface Held {
  readonly server: ModelServer;
  readonly started: Promise<void>;
  readonly dir: string;
  holders: number;
}

export class StartFailure extends Error {}

export function createFleets(context: Context, endpointName: string): Fleets {
  const root = join(context.dir, 'endpoints', endpointName);
  const held = new Map<string, Held>();
  let closed = false;
  const idOf = (variant: VariantSpec) => `${variant.name}-${variant.key}`;

  function hold(variant: VariantSpec): Held {
    const id = idOf(variant);
    const known = held.get(id);
    if (known) {
      known.holders += 1;
      return known;
    }
    const dir = join(root, id);
    const logFile = join(context.dir, 'logs/endpoints', endpointName, `${variant.name}.log`);
    const { containers, mode } = variant;
    const server = createModelServer(context, { containers, mode, dir, env: {}, logFile });
    const started = server.start(variant.startupTimeoutMs);
    const fresh = { server, started, dir, holders: 1 };
    held.set(id, fresh);
    return fresh;
  }

  async function letGo(variant: VariantSpec): Promise<void> {
    const id = idOf(variant);
    const known = held.get(id);
    if (!known) return;
    known.holders -= 1;
    if (known.holders > 0) return;
    held.delete(id);
    await known.server.stop(STOP_GRACE_MS);
    await known.started.catch(() => undefined);
    // The same variant may have come back while this one was ending.
    if (!held.has(id)) await rm(known.dir, { recursive: true, force: true });
  }

  return {
    open: async (spec) => {
      if (closed) throw new StartFailure('The cloud is closing.');
      const variants = spec.variants.map((variant) => ({ variant, held: hold(variant) }));
      const results = await Promise.allSettled(variants.map((each) => each.held.started));
      const failed = results.findIndex((result) => result.status === 'rejected');
      if (failed >= 0) {
        await Promise.all(spec.variants.map(letGo));
        const { reason } = results[failed] as PromiseRejectedResult;
        throw new StartFailure(startFailure(variants[failed]!.variant, reason), { cause: reason });
      }
      return { spec, servers: new Map(variants.map((each) => [each.variant.name, each.held.server])) };
    },
    release: async (fleet) => void (await Promise.all(fleet.spec.variants.map(letGo))),
    close: async (graceMs) => {
      closed = true;
      const all = [...held.values()];
      held.clear();
      await Promise.all(all.map((each) => each.server.stop(graceMs)));
      await Promise.allSettled(all.map((each) => each.started));
    },
  };
}

function startFailure(variant: VariantSpec, reason: unknown): string {
  const { name, message } = reason as Error;
  if (reason instanceof Unhealthy) {
    return `The ${message} container for production variant ${variant.name} did not pass the ping health check. Please check CloudWatch logs for this endpoint.`;
  }
  const url = variant.containers.find((container) => container.ModelDataUrl)?.ModelDataUrl;
  return `Failed to download model data for production variant ${variant.name} from URL: "${url}". Please ensure that there is an object located at the URL and that it is a model.tar.gz (${name}: ${message}).`;
}
