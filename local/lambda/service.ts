import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError } from '../aws-error.ts';
import type {
  AwsRequest,
  Clock,
  CloudService,
  Identity,
  Invoke,
  InvokeAsync,
  SendToQueue,
} from '../ports.ts';
import { createAsyncQueue } from './async-queue.ts';
import { openAsyncStore } from './async-store.ts';
import { startEnvironment } from './environment.ts';
import { MAX_ASYNC_REQUEST_BYTES } from './failure.ts';
import { type FunctionDefinition, functionArn, functionNameOf } from './function-definition.ts';
import { openFunctionLogs } from './function-log.ts';
import { createPool } from './pool.ts';
import { answerLambda, functionNotFound, LAMBDA_ACTIONS, validPayload } from './rest-api.ts';

/** How long a synchronous invocation waits for a free environment before it is throttled. */
const SYNC_PATIENCE_MS = 60_000;

export interface LambdaOptions {
  /** Folder of the queue, the logs (`logs/<function>.log`) and scratch space. */
  readonly dir: string;
  readonly clock: Clock;
  readonly identity: Identity;
  /** Given to every function, for example AWS_ENDPOINT_URL. */
  readonly environment: Readonly<Record<string, string>>;
  readonly sendToQueue: SendToQueue;
  /** The most function processes at a time. */
  readonly maxWarm: number;
  /** An environment idle for so long is ended. */
  readonly idleMs: number;
}

export interface LambdaService extends CloudService {
  readonly actions: readonly string[];
  define(definition: FunctionDefinition): void;
  /** Begins to work off asynchronous events; call it once all functions are defined. */
  start(): Promise<void>;
  readonly invoke: Invoke;
  readonly invokeAsync: InvokeAsync;
  /** The function processes that run now. */
  pids(): number[];
}

export function createLambda(options: LambdaOptions): LambdaService {
  const { identity } = options;
  mkdirSync(options.dir, { recursive: true });
  rmSync(join(options.dir, 'tmp'), { recursive: true, force: true });
  const functions = new Map<string, FunctionDefinition>();
  const logs = openFunctionLogs(join(options.dir, 'logs'));
  const pool = createPool({
    start: (definition) =>
      startEnvironment(definition, { dir: options.dir, identity, environment: options.environment, logs }),
    maxWarm: options.maxWarm,
    idleMs: options.idleMs,
  });
  const queue = createAsyncQueue({
    store: openAsyncStore(options.dir),
    clock: options.clock,
    sendToQueue: options.sendToQueue,
    find: (name) => functions.get(name),
    run: (definition, requestId, payload) => pool.run(definition, requestId, payload),
    functionArn: (name) => functionArn(identity, name),
    // Room is left for synchronous invocations.
    concurrency: Math.max(1, options.maxWarm - 1),
  });

  function find(reference: string): FunctionDefinition {
    const name = functionNameOf(reference);
    const definition = functions.get(name);
    if (!definition) throw functionNotFound(identity, name);
    return definition;
  }

  const invoke: Invoke = async (reference, payload) =>
    pool.run(find(reference), randomUUID(), validPayload(payload), SYNC_PATIENCE_MS);

  function accept(reference: string, payload: string, requestId: string): void {
    const { name } = find(reference);
    if (Buffer.byteLength(payload) > MAX_ASYNC_REQUEST_BYTES) {
      const limit = `Request must be smaller than ${MAX_ASYNC_REQUEST_BYTES} bytes`;
      throw new AwsError('RequestTooLargeException', `${limit} for the InvokeFunction operation`, 413);
    }
    queue.accept(requestId, name, validPayload(payload));
  }

  return {
    actions: LAMBDA_ACTIONS,
    define: (definition) => void functions.set(definition.name, definition),
    start: async () => queue.start(),
    invoke,
    invokeAsync: async (reference, payload) => accept(reference, payload, randomUUID()),
    handle: (request: AwsRequest) =>
      answerLambda(request, {
        identity,
        functions,
        invoke,
        accept: (name, payload) => accept(name, payload, request.requestId),
      }),
    pids: () => pool.pids(),
    async close() {
      const stopped = queue.close();
      await pool.close();
      await stopped;
      logs.close();
    },
  };
}
