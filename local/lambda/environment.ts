import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { Identity, InvokeResult } from '../ports.ts';
import { exitStatus, Failure } from './failure.ts';
import { type FunctionDefinition, functionArn } from './function-definition.ts';
import type { FunctionLogs } from './function-log.ts';
import { openRuntimeApi } from './runtime-api.ts';
import { memoryFlags, RUNTIME_CLIENT, runtimeVariables } from './runtime-variables.ts';

const BOOTSTRAP = new URL('./bootstrap.mjs', import.meta.url).href;
/** AWS gives the first initialisation 10 s; a busy small machine may take longer, the function's time-out wins. */
const INIT_TIMEOUT_MS = 10_000;

export interface EnvironmentOptions {
  readonly dir: string;
  readonly identity: Identity;
  /** Given to every function, before the function's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logs: FunctionLogs;
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
  readonly settle: (result: InvokeResult | undefined, status?: string) => void;
  startedAt?: number;
}

export async function startEnvironment(
  definition: FunctionDefinition,
  options: EnvironmentOptions,
): Promise<Environment> {
  const { logs } = options;
  const timeoutMs = definition.timeoutSeconds * 1000;
  const spawnedAt = performance.now();
  let initMs: number | undefined;
  let reported = false;
  let ready = false;
  let doomed = false;
  let running: Running | undefined;
  let timer: NodeJS.Timeout | undefined;

  const api = await openRuntimeApi({
    onNext() {
      ready = true;
      initMs ??= performance.now() - spawnedAt;
      deliver();
    },
    onResult(requestId, result) {
      if (running?.requestId === requestId) running.settle(result);
    },
    onInitError(result) {
      kill();
      running?.settle(result, 'error');
    },
  });
  const scratch = join(options.dir, 'tmp', randomUUID());
  mkdirSync(scratch, { recursive: true });
  const child = spawn(
    process.execPath,
    [...memoryFlags(definition.memoryMb), '--import', BOOTSTRAP, RUNTIME_CLIENT],
    {
      cwd: definition.codeDir,
      env: runtimeVariables(definition, { ...options, runtimeApi: api.address, scratch }),
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  child.stdin.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => logs.write(definition.name, text));
  }
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      onEnd(`with error: ${error.message}`);
      resolve();
    });
    child.on('exit', (code, signal) => {
      onEnd(exitStatus(code, signal));
      resolve();
    });
  });

  function kill(): void {
    doomed = true;
    child.kill('SIGKILL');
  }

  function onEnd(status: string): void {
    doomed = true;
    clearTimeout(timer);
    api.close();
    rmSync(scratch, { recursive: true, force: true });
    if (!running) return;
    const untouched = initMs !== undefined && running.startedAt === undefined;
    running.settle(untouched ? undefined : Failure.exited(running.requestId, status), 'error');
  }

  function deliver(): void {
    if (!ready || !running) return;
    ready = false;
    running.startedAt = performance.now();
    limit(timeoutMs);
    logs.start(definition.name, running.requestId);
    const { requestId, payload } = running;
    api.deliver({
      requestId,
      payload,
      functionArn: functionArn(options.identity, definition.name),
      timeoutMs,
    });
  }

  function limit(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const seconds = ms / 1000;
      kill();
      if (running) {
        logs.write(
          definition.name,
          `${new Date().toISOString()} ${running.requestId} Task timed out after ${seconds.toFixed(2)} seconds\n`,
        );
        running.settle(Failure.timedOut(running.requestId, seconds), 'timeout');
      }
    }, ms);
  }

  function report(requestId: string, startedAt: number, status: string | undefined): void {
    const durationMs = performance.now() - startedAt;
    const line = {
      requestId,
      durationMs,
      memoryMb: definition.memoryMb,
      pid: child.pid ?? 0,
      ...(reported || initMs === undefined ? {} : { initMs }),
      ...(status ? { status } : {}),
    };
    reported = true;
    logs.end(definition.name, line);
  }

  return {
    functionName: definition.name,
    pid: child.pid ?? 0,
    ended,
    alive: () => !doomed,
    invoke(requestId, payload) {
      const answer = Promise.withResolvers<InvokeResult | undefined>();
      running = {
        requestId,
        payload,
        settle(result, status) {
          clearTimeout(timer);
          const startedAt = running?.startedAt ?? spawnedAt;
          running = undefined;
          // One turn of the event loop, so that what the handler printed stands before its END line.
          setImmediate(() => {
            report(requestId, startedAt, status);
            answer.resolve(result);
          });
        },
      };
      if (initMs === undefined) limit(Math.max(INIT_TIMEOUT_MS, timeoutMs));
      if (doomed) running.settle(undefined);
      else deliver();
      return answer.promise;
    },
    async stop() {
      kill();
      await ended;
    },
  };
}
