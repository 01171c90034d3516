import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { AppendLog, Clock, Identity, InvokeResult } from '../ports.ts';
import { exited, exitStatus, type Failure, notInitialised, timedOut } from './failure.ts';
import { type FunctionDefinition, functionArn, logGroupOf } from './function-definition.ts';
import { createInvocationLog, peakMemoryMb } from './invocation-log.ts';
import { openRuntimeApi } from './runtime-api.ts';
import { type Credentials, runtimeArguments, runtimeVariables } from './runtime-variables.ts';

/** AWS gives the first initialisation 10 s; a busy small machine may take longer, the function's time-out wins. */
const INIT_TIMEOUT_MS = 10_000;

/** What shall happen to an invocation: its process is killed so long after it was handed the event. */
export type DisturbInvocation = (functionName: string) => { readonly killAfterMs: number } | undefined;

export interface EnvironmentOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly identity: Identity;
  /** Given to every function, before the function's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly credentialsFor: (definition: FunctionDefinition) => Credentials;
  readonly appendLog: AppendLog;
  readonly disturbInvocation?: DisturbInvocation | undefined;
}

/** One execution environment: a process that runs one function, one invocation at a time. */
export interface Environment {
  readonly functionName: string;
  readonly pid: number;
  /** Settled once the process is gone. */
  readonly ended: Promise<void>;
  /** False from the moment that the process is known to end. */
  alive(): boolean;
  /** `undefined` when the process ended by itself before the event was handed to it: nothing has run. */
  invoke(requestId: string, payload: string): Promise<InvokeResult | undefined>;
  stop(): Promise<void>;
}

interface Running {
  readonly requestId: string;
  readonly payload: string;
  readonly answer: (result: InvokeResult | undefined) => void;
  startedAt?: number;
}

export async function startEnvironment(
  definition: FunctionDefinition,
  options: EnvironmentOptions,
): Promise<Environment> {
  const { name, timeoutSeconds, memoryMb } = definition;
  const { clock, identity } = options;
  const timeoutMs = timeoutSeconds * 1000;
  const logGroup = logGroupOf(name);
  const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
  const id = randomUUID();
  const logStream = `${day}/[$LATEST]${id.replaceAll('-', '')}`;
  const log = createInvocationLog((message) => options.appendLog(logGroup, logStream, message, clock.now()));
  const spawnedAt = performance.now();
  let initMs: number | undefined;
  let isInitReported = false;
  let isWaiting = false;
  let isDoomed = false;
  let running: Running | undefined;
  let timers: NodeJS.Timeout[] = [];

  const api = await openRuntimeApi({
    onNext() {
      isWaiting = true;
      initMs ??= performance.now() - spawnedAt;
      deliver();
    },
    onResult(requestId, result) {
      if (running?.requestId === requestId) finish({ result });
    },
    onInitError(result) {
      const failure = notInitialised(result);
      log.initReport(performance.now() - spawnedAt, failure.status ?? '');
      finish(failure);
      kill();
    },
  });
  const scratch = join(options.dir, 'tmp', id);
  mkdirSync(scratch, { recursive: true });
  log.initStart();
  const child = spawn(process.execPath, runtimeArguments(definition), {
    cwd: definition.codeDir,
    env: runtimeVariables(definition, { ...options, runtimeApi: api.address, logGroup, logStream, scratch }),
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own: it ends with all that it has started, and not by a terminal's Ctrl-C, which is for us.
    detached: process.platform !== 'win32',
  });
  child.stdin.on('error', () => undefined);
  log.follow(child.stdout);
  log.follow(child.stderr);
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => log.write(`${error.message}\n`));
    child.on('exit', () => {
      isDoomed = true;
      killGroup(child);
      resolve();
    });
    // Only now has all its output arrived.
    child.on('close', (code, signal) => {
      onEnd(exitStatus(code, signal));
      resolve();
    });
  });

  function kill(): void {
    isDoomed = true;
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
  }

  function onEnd(how: string): void {
    isDoomed = true;
    api.close();
    rmSync(scratch, { recursive: true, force: true });
    if (!running) return;
    if (initMs === undefined || running.startedAt !== undefined) finish(exited(running.requestId, how));
    else giveBack();
  }

  function giveBack(): void {
    running?.answer(undefined);
    running = undefined;
  }

  function deliver(): void {
    if (!isWaiting || !running) return;
    isWaiting = false;
    running.startedAt = performance.now();
    limit(timeoutMs);
    const harm = options.disturbInvocation?.(name);
    if (harm) timers.push(setTimeout(kill, harm.killAfterMs));
    const { requestId, payload } = running;
    log.start(requestId);
    api.deliver({ requestId, payload, functionArn: functionArn(identity, name), timeoutMs });
  }

  function limit(ms: number): void {
    timers.forEach(clearTimeout);
    timers = [
      setTimeout(() => {
        if (initMs === undefined) log.initReport(ms, 'Status: timeout');
        if (running) finish(timedOut(running.requestId, timeoutSeconds));
        kill();
      }, ms),
    ];
  }

  /** Ends the invocation, one turn later, so that what the handler printed stands before its END line. */
  function finish({ result, message, status }: Failure): void {
    if (!running) return;
    const { requestId, startedAt, answer } = running;
    running = undefined;
    timers.forEach(clearTimeout);
    const durationMs = performance.now() - (startedAt ?? spawnedAt);
    const peak = peakMemoryMb(child.pid ?? 0);
    setImmediate(() => {
      if (startedAt === undefined) log.start(requestId);
      if (message) log.write(message);
      const report = { requestId, durationMs, memoryMb, peakMemoryMb: peak, status };
      const logTail = log.end({ ...report, initMs: isInitReported ? undefined : initMs });
      isInitReported = true;
      answer({ ...result, logTail });
    });
  }

  return {
    functionName: name,
    pid: child.pid ?? 0,
    ended,
    alive: () => !isDoomed,
    invoke(requestId, payload) {
      const { promise, resolve } = Promise.withResolvers<InvokeResult | undefined>();
      running = { requestId, payload, answer: resolve };
      if (isDoomed) giveBack();
      else if (initMs === undefined) limit(Math.max(INIT_TIMEOUT_MS, timeoutMs));
      deliver();
      return promise;
    },
    async stop() {
      kill();
      await ended;
    },
  };
}

/** Ends a process that leads a group with all of the group. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // No group is left, or there are none (Windows).
    child.kill('SIGKILL');
  }
}
