import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsRequest, CloudService, Invoke, InvokeAsync, SendToQueue } from '../ports.ts';
import { createAsyncEvents } from './async-events.ts';
import { type EnvironmentOptions, startEnvironment } from './environment.ts';
import {
  type FunctionDefinition,
  functionArn,
  functionNameOf,
  refuseReservedVariables,
} from './function-definition.ts';
import { eventOf, type Received } from './payload.ts';
import { createPool } from './pool.ts';
import { answerLambda, functionNotFound, LAMBDA_ACTIONS } from './rest-api.ts';
import { roleCredentials } from './runtime-variables.ts';

/** How long a synchronous invocation waits for a free environment before it is throttled. */
const SYNC_PATIENCE_MS = 60_000;

export interface LambdaOptions extends Omit<EnvironmentOptions, 'credentialsFor'> {
  /** Folder of the queue and of scratch space. */
  readonly dir: string;
  /** What a function's calls are signed with; by default an access key that names its role. */
  readonly credentialsFor?: EnvironmentOptions['credentialsFor'];
  readonly sendToQueue: SendToQueue;
  /** The most function processes at a time. */
  readonly maxWarm: number;
  /** An environment idle for so long is ended. */
  readonly idleMs: number;
}

export interface LambdaService extends CloudService {
  readonly actions: readonly string[];
  /** Throws InvalidParameterValueException for a variable that Lambda reserves. */
  define(definition: FunctionDefinition): void;
  /** Begins to work off asynchronous events; call it once all functions are defined. */
  start(): Promise<void>;
  readonly invoke: Invoke;
  readonly invokeAsync: InvokeAsync;
  /** The function processes that run now. */
  pids(): number[];
}

const received = (text: string): Received => ({ text, bytes: Buffer.byteLength(text) });

export function createLambda(options: LambdaOptions): LambdaService {
  const { identity } = options;
  const credentialsFor = options.credentialsFor ?? roleCredentials;
  mkdirSync(options.dir, { recursive: true });
  rmSync(join(options.dir, 'tmp'), { recursive: true, force: true });
  const functions = new Map<string, FunctionDefinition>();
  const pool = createPool({
    ...options,
    start: (definition) => startEnvironment(definition, { ...options, credentialsFor }),
  });
  const events = createAsyncEvents({
    ...options,
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

  const invoke = async (reference: string, payload: Received, requestId: string) =>
    pool.run(find(reference), requestId, eventOf(payload, 'RequestResponse'), SYNC_PATIENCE_MS);

  const accept = (reference: string, payload: Received, requestId: string) =>
    events.accept({ requestId, functionName: find(reference).name, payload: eventOf(payload, 'Event') });

  return {
    actions: LAMBDA_ACTIONS,
    define(definition) {
      refuseReservedVariables(definition);
      functions.set(definition.name, definition);
    },
    start: async () => events.start(),
    invoke: (reference, payload) => invoke(reference, received(payload), randomUUID()),
    invokeAsync: async (reference, payload) => accept(reference, received(payload), randomUUID()),
    handle: (request: AwsRequest) =>
      answerLambda(request, {
        identity,
        functions,
        invoke: (name, payload) => invoke(name, payload, request.requestId),
        accept: (name, payload) => accept(name, payload, request.requestId),
      }),
    pids: () => pool.pids(),
    async close() {
      const stopped = events.close();
      await pool.close();
      await stopped;
    },
  };
}
