import { AwsError } from '../aws-error.ts';
import type { Clock, InvokeResult, SendToQueue } from '../ports.ts';
import type { AsyncEvent, AsyncStore } from './async-store.ts';
import { type Condition, destinationRecord } from './destination.ts';
import type { FunctionDefinition } from './function-definition.ts';

const DEFAULT_RETRIES = 2;
const DEFAULT_MAX_AGE_SECONDS = 21_600;
const RETRY_MINUTE_MS = 60_000;
/** How long until a destination that could not be reached, or a throttled event, is tried again. */
const SEND_AGAIN_MS = 5_000;
/** setTimeout's limit; a later event just causes one more look. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

export interface AsyncQueueOptions {
  readonly store: AsyncStore;
  readonly clock: Clock;
  readonly sendToQueue: SendToQueue;
  readonly find: (functionName: string) => FunctionDefinition | undefined;
  readonly run: (definition: FunctionDefinition, requestId: string, payload: string) => Promise<InvokeResult>;
  readonly functionArn: (functionName: string) => string;
  /** The most asynchronous events in work at a time. */
  readonly concurrency: number;
}

/** Lambda's queue of asynchronous events: two retries after one and two minutes, a maximum age, then the
 * OnFailure destination. All waiting times are divided by the clock's scale. */
export interface AsyncQueue {
  /** Begins to work; until then events are only accepted. */
  start(): void;
  /** Durable when it returns. */
  accept(requestId: string, functionName: string, payload: string): void;
  close(): Promise<void>;
}

export function createAsyncQueue(options: AsyncQueueOptions): AsyncQueue {
  const { store, clock } = options;
  const working = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let state: 'new' | 'working' | 'closed' = 'new';

  function look(): void {
    if (state !== 'working') return;
    clearTimeout(timer);
    const free = options.concurrency - working.size;
    if (free <= 0) return;
    for (const event of store.takeDue(clock.now(), free)) {
      const work = handle(event)
        .catch((error: unknown) => giveBack(event, error))
        .finally(() => {
          working.delete(work);
          look();
        });
      working.add(work);
    }
    const next = store.nextDue();
    if (next === undefined || working.size >= options.concurrency) return;
    timer = setTimeout(look, Math.min(Math.max(1, next - clock.now()), LONGEST_SLEEP_MS));
  }

  function giveBack(event: AsyncEvent, error: unknown): void {
    if (state === 'closed') return;
    if (!(error instanceof AwsError))
      console.error(`Lambda event ${event.requestId} of ${event.functionName}:`, error);
    store.putBack(event.id, clock.now() + SEND_AGAIN_MS / clock.scale, event.attempts, event.record);
  }

  async function handle(event: AsyncEvent): Promise<void> {
    const definition = options.find(event.functionName);
    if (!definition) {
      console.error(`Lambda event ${event.requestId} discarded: no function ${event.functionName} any more.`);
      return store.remove(event.id);
    }
    if (event.record !== null) return send(event, definition, event.record);
    const maxAgeMs = ((definition.maximumEventAgeSeconds ?? DEFAULT_MAX_AGE_SECONDS) * 1000) / clock.scale;
    if (clock.now() - event.acceptedAt > maxAgeMs) return giveUp(event, definition, 'EventAgeExceeded');
    const result = await options.run(definition, event.requestId, event.payload);
    if (state === 'closed') return;
    if (!result.functionError) return store.remove(event.id);
    const attempted = { ...event, attempts: event.attempts + 1 };
    if (attempted.attempts > (definition.maximumRetryAttempts ?? DEFAULT_RETRIES)) {
      return giveUp(attempted, definition, 'RetriesExhausted', result);
    }
    const delayMs = (attempted.attempts * RETRY_MINUTE_MS) / clock.scale;
    store.putBack(event.id, clock.now() + delayMs, attempted.attempts, null);
  }

  function giveUp(
    event: AsyncEvent,
    definition: FunctionDefinition,
    condition: Condition,
    result?: InvokeResult,
  ): Promise<void> | void {
    if (!definition.onFailureArn) {
      console.error(`Lambda event ${event.requestId} of ${event.functionName} given up: ${condition}`);
      return store.remove(event.id);
    }
    const record = destinationRecord({
      requestId: event.requestId,
      functionArn: options.functionArn(event.functionName),
      condition,
      invokeCount: event.attempts,
      payload: event.payload,
      now: clock.now(),
      ...(result && { result }),
    });
    return send(event, definition, record);
  }

  async function send(event: AsyncEvent, definition: FunctionDefinition, record: string): Promise<void> {
    try {
      await options.sendToQueue(definition.onFailureArn ?? '', record);
    } catch (error) {
      return giveBack({ ...event, record }, error);
    }
    store.remove(event.id);
  }

  return {
    start() {
      state = 'working';
      look();
    },
    accept(requestId, functionName, payload) {
      store.add({ requestId, functionName, payload, acceptedAt: clock.now() });
      look();
    },
    async close() {
      state = 'closed';
      clearTimeout(timer);
      await Promise.all(working);
      store.close();
    },
  };
}
