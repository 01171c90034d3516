/** For tests: an endpoint that keeps its state as SageMaker's do: a change takes time, a fleet that does not come up
 * rolls back without a word, a change during a change is refused. */
import type { EndpointChanges, EndpointConfig, EndpointState, Endpoints, OrderAnswer } from '../ports.ts';

export const CHANGE_MS = 10_000;

type Weights = Readonly<Record<string, number>>;

interface Fleet {
  readonly configName: string;
  readonly weights: Weights;
}

interface Stored {
  readonly fleet: Fleet | undefined;
  readonly next?: { readonly fleet: Fleet; readonly at: number };
}

export interface FakeEndpoint extends Endpoints, EndpointChanges {
  /** Models whose containers do not come up. */
  readonly sick: Set<string>;
  /** The next change is refused with this reason. */
  refusal: string | undefined;
  /** What it has served, in order. */
  readonly served: Weights[];
  /** How often a change was accepted. */
  readonly changes: { accepted: number };
  weights(): Weights;
  /** Serves so already. */
  install(weights: Weights): void;
}

export function createFakeEndpoint(now: () => number): FakeEndpoint {
  let stored: Stored | undefined;
  const served: Weights[] = [];
  const sick = new Set<string>();
  const changes = { accepted: 0 };

  function settle(): Stored | undefined {
    if (!stored?.next || stored.next.at > now()) return stored;
    const { fleet } = stored.next;
    const isSick = Object.keys(fleet.weights).some((model) => sick.has(model));
    if (!isSick) served.push(fleet.weights);
    stored = { fleet: isSick ? stored.fleet : fleet };
    return stored;
  }

  function describe(): EndpointState | undefined {
    const seen = settle();
    if (!seen) return undefined;
    const { configName = '', weights = {} } = seen.fleet ?? {};
    const reason = seen.fleet ? '' : 'The container did not answer /ping';
    const status = seen.next ? 'busy' : seen.fleet ? 'in-service' : 'failed';
    return { status, configName, weights, reason };
  }

  function begin(fleet: Fleet): OrderAnswer {
    const seen = settle();
    const reason =
      fake.refusal ?? (seen?.next ? 'ValidationException: the endpoint is being updated' : undefined);
    fake.refusal = undefined;
    if (reason) return { kind: 'refused', reason };
    changes.accepted += 1;
    stored = { fleet: seen?.fleet, next: { fleet, at: now() + CHANGE_MS } };
    return { kind: 'accepted' };
  }

  const fleetOf = ({ name, variants }: EndpointConfig): Fleet => ({
    configName: name,
    weights: Object.fromEntries(variants.map(({ model, weight }) => [model.name, weight])),
  });

  const fake: FakeEndpoint = {
    sick,
    refusal: undefined,
    served,
    changes,
    weights: () => describe()?.weights ?? {},
    install: (weights) => {
      stored = { fleet: { configName: 'installed', weights } };
      served.push(weights);
    },
    describe: async () => describe(),
    create: async (_, config) =>
      settle() ? { kind: 'refused', reason: 'ValidationException: it exists' } : begin(fleetOf(config)),
    replace: async (_, config) => begin(fleetOf(config)),
    weigh: async (_, weights) => begin({ configName: stored?.fleet?.configName ?? '', weights }),
  };
  return fake;
}
