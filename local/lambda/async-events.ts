import { join } from 'node:path';
import { AwsError } from '../aws-error.ts';
import { createDeliveryQueue, type Delivery, type Outcome } from '../delivery-queue.ts';
import type { Clock, InvokeResult, SendToQueue } from '../ports.ts';
import { Sqlite } from '../sqlite.ts';
import { type Condition, destinationRecord } from './destination.ts';
import type { FunctionDefinition } from './function-definition.ts';

const DEFAULT_RETRIES = 2;
const DEFAULT_MAX_AGE_SECONDS = 21_600;
const RETRY_MINUTE_MS = 60_000;
/** How long until a destination that could not be reached is tried again. */
const SEND_AGAIN_MS = 5_000;

export interface AsyncEvent {
  readonly requestId: string;
  readonly functionName: string;
  /** JSON text. */
  readonly payload: string;
}

/** An event with its invocations so far, or what is left of one that was given up: the record of it. */
type Item =
  | (AsyncEvent & { readonly invokeCount: number })
  | { readonly queueArn: string; readonly record: string };

export interface AsyncEventsOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly sendToQueue: SendToQueue;
  readonly find: (functionName: string) => FunctionDefinition | undefined;
  readonly run: (definition: FunctionDefinition, requestId: string, payload: string) => Promise<InvokeResult>;
  readonly functionArn: (functionName: string) => string;
  /** The most asynchronous events in work at a time. */
  readonly concurrency: number;
}

/** Lambda's queue of asynchronous events: two retries after one and two minutes, a maximum age, then the OnFailure
 * destination. All times are divided by the clock's scale. */
export interface AsyncEvents {
  /** Begins to work; until then events are only accepted. */
  start(): void;
  /** Durable when it returns. */
  accept(event: AsyncEvent): void;
  close(): Promise<void>;
}

export function createAsyncEvents(options: AsyncEventsOptions): AsyncEvents {
  const { clock } = options;
  const db = new Sqlite(join(options.dir, 'async.sqlite'), '');
  const queue = createDeliveryQueue<Item>({
    db,
    table: 'async_event',
    now: clock.now,
    concurrency: options.concurrency,
    deliver,
    failed: (_delivery, error) => {
      if (!(error instanceof AwsError)) console.error('Lambda’s asynchronous events:', error);
      return { afterMs: SEND_AGAIN_MS / clock.scale };
    },
  });

  async function deliver({ item, acceptedAt }: Delivery<Item>): Promise<Outcome<Item>> {
    if ('record' in item) {
      await options.sendToQueue(item.queueArn, item.record);
      return 'done';
    }
    const definition = options.find(item.functionName);
    if (!definition) {
      console.error(`Lambda event ${item.requestId} discarded: no function ${item.functionName} any more.`);
      return 'done';
    }
    const maxAgeMs = ((definition.maximumEventAgeSeconds ?? DEFAULT_MAX_AGE_SECONDS) * 1000) / clock.scale;
    const deadline = acceptedAt + maxAgeMs;
    if (clock.now() > deadline) return giveUp(item, definition, 'EventAgeExceeded');
    const result = await options.run(definition, item.requestId, item.payload);
    if (!result.functionError) return 'done';
    const tried = { ...item, invokeCount: item.invokeCount + 1 };
    if (tried.invokeCount > (definition.maximumRetryAttempts ?? DEFAULT_RETRIES))
      return giveUp(tried, definition, 'RetriesExhausted', result);
    const afterMs = (tried.invokeCount * RETRY_MINUTE_MS) / clock.scale;
    if (clock.now() + afterMs > deadline) return giveUp(tried, definition, 'EventAgeExceeded', result);
    return { afterMs, item: tried };
  }

  function giveUp(
    { invokeCount, ...event }: Extract<Item, AsyncEvent>,
    { onFailureArn }: FunctionDefinition,
    condition: Condition,
    result?: InvokeResult,
  ): Outcome<Item> {
    if (!onFailureArn) {
      console.error(`Lambda event ${event.requestId} of ${event.functionName} given up: ${condition}`);
      return 'done';
    }
    const functionArn = options.functionArn(event.functionName);
    const record = destinationRecord({
      ...event,
      functionArn,
      condition,
      invokeCount,
      result,
      now: clock.now(),
    });
    return { afterMs: 0, item: { queueArn: onFailureArn, record } };
  }

  return {
    start: () => queue.start(),
    accept: (event) => queue.add([{ item: { ...event, invokeCount: 0 } }]),
    async close() {
      await queue.close();
      db.close();
    },
  };
}
