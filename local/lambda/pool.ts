import { AwsError } from '../aws-error.ts';
import type { InvokeResult } from '../ports.ts';
import type { Environment } from './environment.ts';
import type { FunctionDefinition } from './function-definition.ts';

/** How long an invocation waits for a busy environment of its own function before it gets a new one (starting a process
 * takes longer, and a burst of short events needs no process each), and for how long others of a function whose
 * environment is warm may go before it: restarting processes to and fro would cost more. */
const PATIENCE_MS = 500;

export interface PoolOptions {
  readonly start: (definition: FunctionDefinition) => Promise<Environment>;
  /** The most processes that run at a time. */
  readonly maxWarm: number;
  readonly idleMs: number;
}

/** The warm environments of all functions, bounded in number. */
export interface Pool {
  /** Runs one invocation in an environment of its own; waits for room at most `patienceMs`, then throws
   * TooManyRequestsException (429). */
  run(
    definition: FunctionDefinition,
    requestId: string,
    payload: string,
    patienceMs?: number,
  ): Promise<InvokeResult>;
  pids(): number[];
  close(): Promise<void>;
}

interface Waiter {
  readonly definition: FunctionDefinition;
  readonly since: number;
  /** With a warm environment, or with leave to start one. */
  readonly grant: (environment: Environment | undefined) => void;
  readonly fail: (error: unknown) => void;
}

export function createPool({ start, maxWarm, idleMs }: PoolOptions): Pool {
  const all = new Set<Environment>();
  /** With the timers that end them, idle for longest first. */
  const idle = new Map<Environment, NodeJS.Timeout>();
  /** The functions whose environments start or work, each as often as it has one. */
  const underWay: string[] = [];
  const waiters: Waiter[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function take(environment: Environment): void {
    clearTimeout(idle.get(environment));
    idle.delete(environment);
  }

  function retire(environment: Environment): void {
    take(environment);
    void environment.stop();
  }

  /** Makes room by ending the environment that was idle for longest. */
  function hasRoom(): boolean {
    if (idle.size + underWay.length < maxWarm) return true;
    const [oldest] = idle.keys();
    if (oldest) retire(oldest);
    return oldest !== undefined;
  }

  function serve(candidates: readonly Waiter[], mayStart: (functionName: string) => boolean): void {
    for (const waiter of candidates) {
      const { name } = waiter.definition;
      const warm = [...idle.keys()].findLast(({ functionName }) => functionName === name);
      if (!warm && !(mayStart(name) && hasRoom())) continue;
      if (warm) take(warm);
      waiters.splice(waiters.indexOf(waiter), 1);
      underWay.push(name);
      waiter.grant(warm);
    }
  }

  /** Who has waited for long goes first, then who finds a warm environment, then whose function has none. */
  function look(): void {
    if (isClosed) return;
    clearTimeout(timer);
    const impatientSince = performance.now() - PATIENCE_MS;
    const isPatient = ({ since }: Waiter) => since > impatientSince;
    serve(
      waiters.filter((waiter) => !isPatient(waiter)),
      () => true,
    );
    serve([...waiters], () => false);
    serve([...waiters], (name) => !underWay.includes(name));
    const next = waiters.find(isPatient);
    if (next) timer = setTimeout(look, next.since - impatientSince);
  }

  function acquire(
    definition: FunctionDefinition,
    patienceMs: number | undefined,
  ): Promise<Environment | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Environment | undefined>();
    const waiter: Waiter = { definition, since: performance.now(), grant: resolve, fail: reject };
    waiters.push(waiter);
    look();
    const giveUp = () => {
      const at = waiters.indexOf(waiter);
      if (at >= 0) waiters.splice(at, 1);
      const reason = { Reason: 'ConcurrentInvocationLimitExceeded' };
      reject(new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, reason));
    };
    const patience = patienceMs === undefined ? undefined : setTimeout(giveUp, patienceMs);
    return promise.finally(() => clearTimeout(patience));
  }

  async function startOne(definition: FunctionDefinition): Promise<Environment> {
    const environment = await start(definition);
    all.add(environment);
    void environment.ended.then(() => {
      take(environment);
      all.delete(environment);
      look();
    });
    if (isClosed) await environment.stop();
    return environment;
  }

  function release(environment: Environment): void {
    if (isClosed) return;
    if (environment.alive()) idle.set(environment, setTimeout(() => retire(environment), idleMs).unref());
    else retire(environment);
  }

  const closing = () => new AwsError('ServiceException', 'The embedded cloud is closing.', 500);

  return {
    async run(definition, requestId, payload, patienceMs) {
      for (;;) {
        if (isClosed) throw closing();
        const warm = await acquire(definition, patienceMs);
        try {
          const environment = warm ?? (await startOne(definition));
          const result = await environment.invoke(requestId, payload);
          release(environment);
          // Closing kills what runs: that is no failure of the function.
          if (result && !(isClosed && result.functionError)) return result;
        } finally {
          underWay.splice(underWay.indexOf(definition.name), 1);
          look();
        }
      }
    },
    pids: () => [...all].map((environment) => environment.pid),
    async close() {
      isClosed = true;
      clearTimeout(timer);
      for (const waiter of waiters.splice(0)) waiter.fail(closing());
      for (const idling of idle.values()) clearTimeout(idling);
      await Promise.all([...all].map((environment) => environment.stop()));
    },
  };
}
