import { closeSync, mkdirSync, openSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from '../../aws-error.ts';
import type { ImageProgram } from '../images.ts';
import { type Child, startChild } from './child.ts';
import { freePort } from './port.ts';

export interface ContainerOptions {
  /** Its name in error messages: `primary`, `container-2`, or the declared host name. */
  readonly name: string;
  readonly program: ImageProgram;
  /** Holds `model/`. */
  readonly baseDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

export interface ContainerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The program did not answer `GET /ping` with 200 in its time. */
export class Unhealthy extends Error {}

/** The program of `container` gave no answer in its time (`timeout`) or broke the connection (`broken`). */
export class NoAnswer extends Error {
  readonly container: string;
  readonly kind: 'timeout' | 'broken';
  constructor(container: string, kind: 'timeout' | 'broken') {
    super(`no answer from ${container}: ${kind}`);
    this.container = container;
    this.kind = kind;
  }
}

/** A serving program: started, watched, started again when it dies. */
export interface Container {
  readonly name: string;
  /** Starts the program; rejects with Unhealthy after `timeoutMs` without a good ping, or three early deaths. */
  start(timeoutMs: number): Promise<void>;
  post(body: Buffer, headers: Readonly<Record<string, string>>, timeoutMs: number): Promise<ContainerAnswer>;
  /** What `GET /execution-parameters` answers, the program's own wishes for a batch; undefined where it has none. */
  executionParameters(): Promise<string | undefined>;
  stop(graceMs: number): Promise<void>;
}

const PING_EVERY_MS = 50;
const PING_TIMEOUT_MS = 2000;
const EARLY_DEATHS = 3;
const MAX_BACKOFF_MS = 5000;

export function createContainer(options: ContainerOptions): Container {
  const agent = new Agent({ keepAlive: true });
  const stopping = new AbortController();
  let child: Child | undefined;
  let port = 0;
  let healthy = false;
  let watching = Promise.resolve();

  async function spawnOnce(): Promise<Child> {
    port = await freePort();
    stopping.signal.throwIfAborted();
    mkdirSync(dirname(options.logFile), { recursive: true });
    const log = openSync(options.logFile, 'a');
    const env = { ...options.env, SAGEMAKER_BIND_TO_PORT: String(port) };
    child = startChild({ ...options, env, words: ['serve'], output: log });
    closeSync(log);
    return child;
  }

  /** True once a ping succeeds, false when the program has died or the time is over. */
  async function pings(program: Child, deadline: number): Promise<boolean> {
    while (program.running && performance.now() < deadline && !stopping.signal.aborted) {
      const answer = await send('GET', '/ping', PING_TIMEOUT_MS).catch(() => undefined);
      if (answer?.status === 200) return true;
      await sleep(PING_EVERY_MS);
    }
    return false;
  }

  async function bringUp(deadline: number): Promise<void> {
    for (let deaths = 0; deaths < EARLY_DEATHS; ) {
      const program = await spawnOnce();
      if (await pings(program, deadline)) {
        healthy = true;
        watching = watch(program);
        return;
      }
      const died = !program.running;
      await program.stop(0);
      stopping.signal.throwIfAborted();
      if (!died) break;
      deaths += 1;
    }
    throw new Unhealthy(options.name);
  }

  async function watch(program: Child): Promise<void> {
    await program.exited;
    healthy = false;
    for (let wait = 100; !stopping.signal.aborted; wait = Math.min(2 * wait, MAX_BACKOFF_MS)) {
      try {
        return await bringUp(performance.now() + 60_000);
      } catch (error) {
        if (!(error instanceof Unhealthy)) return;
        await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  function send(
    method: string,
    path: string,
    timeoutMs: number,
    body?: Buffer,
    headers = {},
  ): Promise<ContainerAnswer> {
    const answered = Promise.withResolvers<ContainerAnswer>();
    const length = body ? { 'content-length': body.length } : {};
    const call = request({
      agent,
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...headers, ...length },
    });
    const timer = setTimeout(() => call.destroy(new NoAnswer(options.name, 'timeout')), timeoutMs);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', answered.reject);
      response.on('end', () => {
        const received = response.headers as Record<string, string>;
        answered.resolve({
          status: response.statusCode ?? 0,
          headers: received,
          body: Buffer.concat(chunks),
        });
      });
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      // The program may close an idle connection in the moment of its reuse; it has not seen the request then.
      if (call.reusedSocket && error.code === 'ECONNRESET') {
        answered.resolve(send(method, path, timeoutMs, body, headers));
      } else {
        answered.reject(error instanceof NoAnswer ? error : new NoAnswer(options.name, 'broken'));
      }
    });
    call.end(body);
    return answered.promise.finally(() => clearTimeout(timer));
  }

  return {
    name: options.name,
    start: (timeoutMs) => bringUp(performance.now() + timeoutMs),
    post: (body, headers, timeoutMs) => {
      if (!healthy) throw new AwsError('ServiceUnavailable', 'The service is temporarily unavailable.', 503);
      return send('POST', '/invocations', timeoutMs, body, headers);
    },
    executionParameters: async () => {
      const answer = await send('GET', '/execution-parameters', PING_TIMEOUT_MS).catch(() => undefined);
      return answer?.status === 200 ? answer.body.toString('utf8') : undefined;
    },
    stop: async (graceMs) => {
      stopping.abort();
      healthy = false;
      await child?.stop(graceMs);
      agent.destroy();
      await watching;
      // One that was being started while the first stop looked.
      await child?.stop(graceMs);
    },
  };
}
