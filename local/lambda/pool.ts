import { AwsError } from '../aws-error.ts';
import type { InvokeResult } from '../ports.ts';
import type { Environment } from './environment.ts';
import type { FunctionDefinition } from './function-definition.ts';

/** How long an invocation of another function may wait before an idle environment makes room for it although
 * its own function still has work: below that, restarting processes to and fro would cost more. */
const FAIR_WAIT_MS = 500;

/** How long an invocation waits for a busy environment of its own function before it gets a new one: starting a
 * process takes longer, and a burst of short events needs no process each. */
const BUSY_WAIT_MS = 700;

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
  readonly grant: (environment: Environment | undefined) => void;
  readonly fail: (error: unknown) => void;
}

interface Idle {
  readonly environment: Environment;
  readonly timer: NodeJS.Timeout;
}

export function createPool(options: PoolOptions): Pool {
  const all = new Set<Environment>();
  const idle: Idle[] = [];
  const leaving = new Set<Promise<void>>();
  const waiters: Waiter[] = [];
  const starting: string[] = [];
  let later: NodeJS.Timeout | undefined;
  let closed = false;

  function takeIdle(match: (environment: Environment) => boolean): Environment | undefined {
    const at = idle.findLastIndex((entry) => match(entry.environment));
    if (at < 0) return undefined;
    const [entry] = idle.splice(at, 1);
    clearTimeout(entry?.timer);
    return entry?.environment;
  }

  function forget(environment: Environment): void {
    all.delete(environment);
    takeIdle((other) => other === environment);
    serveWaiters();
  }

  function retire(environment: Environment): void {
    all.delete(environment);
    const stopped = environment.stop().finally(() => leaving.delete(stopped));
    leaving.add(stopped);
  }

  /** Makes room by ending the environment that was idle longest. */
  function hasRoom(): boolean {
    if (all.size + starting.length < options.maxWarm) return true;
    const oldest = idle[0]?.environment;
    if (!oldest) return false;
    takeIdle((environment) => environment === oldest);
    retire(oldest);
    return true;
  }

  /** How long (ms) the waiter shall still wait for its function's environments that are busy now. */
  function patienceLeft({ definition, since }: Waiter): number {
    const isUnderWay =
      starting.includes(definition.name) ||
      [...all].some(({ functionName }) => functionName === definition.name);
    return isUnderWay ? since + BUSY_WAIT_MS - performance.now() : 0;
  }

  function serveLater(ms: number): void {
    later ??= setTimeout(() => {
      later = undefined;
      serveWaiters();
    }, ms).unref();
  }

  /** Gives the waiter an environment, or leave to start one. `later`: it still waits for its own function's;
   * `full`: there is no room for anyone. */
  function serve(waiter: Waiter): 'served' | 'later' | 'full' {
    const { name } = waiter.definition;
    const warm = takeIdle((environment) => environment.functionName === name);
    const patience = warm ? 0 : patienceLeft(waiter);
    if (patience > 0) {
      serveLater(patience);
      return 'later';
    }
    if (!warm && !hasRoom()) return 'full';
    waiters.splice(waiters.indexOf(waiter), 1);
    if (!warm) starting.push(name);
    waiter.grant(warm);
    return 'served';
  }

  /** First come, first served, but for those who still wait for their own function. */
  function serveWaiters(): void {
    for (const waiter of [...waiters]) {
      if (closed || serve(waiter) === 'full') return;
    }
  }

  function release(environment: Environment): void {
    if (closed || !all.has(environment)) return;
    if (!environment.alive()) {
      retire(environment);
      serveWaiters();
      return;
    }
    const first = waiters[0];
    const patient = !first || performance.now() - first.since < FAIR_WAIT_MS;
    const same = waiters.findIndex((waiter) => waiter.definition.name === environment.functionName);
    if (same >= 0 && patient) {
      waiters.splice(same, 1)[0]?.grant(environment);
      return;
    }
    const timer = setTimeout(() => {
      takeIdle((other) => other === environment);
      retire(environment);
    }, options.idleMs);
    idle.push({ environment, timer: timer.unref() });
    serveWaiters();
  }

  async function acquire(
    definition: FunctionDefinition,
    patienceMs: number | undefined,
  ): Promise<Environment> {
    const { promise, resolve, reject } = Promise.withResolvers<Environment | undefined>();
    const waiter: Waiter = { definition, since: performance.now(), grant: resolve, fail: reject };
    waiters.push(waiter);
    serveWaiters();
    const timer = patienceMs === undefined ? undefined : setTimeout(() => giveUp(waiter), patienceMs);
    const warm = await promise.finally(() => clearTimeout(timer));
    return warm ?? (await startOne(definition));
  }

  function giveUp(waiter: Waiter): void {
    const at = waiters.indexOf(waiter);
    if (at < 0) return;
    waiters.splice(at, 1);
    const reason = { Reason: 'ConcurrentInvocationLimitExceeded' };
    waiter.fail(new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, reason));
  }

  async function startOne(definition: FunctionDefinition): Promise<Environment> {
    try {
      const environment = await options.start(definition);
      if (closed) await environment.stop();
      all.add(environment);
      void environment.ended.then(() => forget(environment));
      starting.splice(starting.indexOf(definition.name), 1);
      return environment;
    } catch (error) {
      starting.splice(starting.indexOf(definition.name), 1);
      serveWaiters();
      throw error;
    }
  }

  return {
    async run(definition, requestId, payload, patienceMs) {
      for (;;) {
        if (closed) throw new AwsError('ServiceException', 'The embedded cloud is closing.', 500);
        const environment = await acquire(definition, patienceMs);
        const result = await environment.invoke(requestId, payload);
        release(environment);
        if (result) return result;
      }
    },
    pids: () => [...all].map((environment) => environment.pid),
    async close() {
      closed = true;
      clearTimeout(later);
      const closing = new AwsError('ServiceException', 'The embedded cloud is closing.', 500);
      for (const waiter of waiters.splice(0)) waiter.fail(closing);
      for (const entry of idle.splice(0)) clearTimeout(entry.timer);
      await Promise.all([...leaving, ...[...all].map((environment) => environment.stop())]);
    },
  };
}
