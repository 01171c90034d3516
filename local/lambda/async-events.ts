import { join } from 'node:path';
import { AwsError } from '../aws-error.ts';
import { createDeliveryQueue, type Delivery, type Outcome } from '../delivery-queue.ts';
import type { Clock, InvokeResult, SendToQueue } from '../ports.ts';
import { Sqlite } from '../sqlite.ts';
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

/** An event after so many invocations. */
type Tried = AsyncEvent & { readonly invokeCount: number };
/** What is left of an event that was given up. */
type GivenUp = { readonly queueArn: string; readonly record: string };

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
  const queue = createDeliveryQueue<Tried | GivenUp>({
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

  async function deliver({ item, acceptedAt }: Delivery<Tried | GivenUp>): Promise<Outcome<Tried | GivenUp>> {
    if (!('record' in item)) return attempt(item, acceptedAt);
    await options.sendToQueue(item.queueArn, item.record);
    return 'done';
  }

  async function attempt(event: Tried, acceptedAt: number): Promise<Outcome<Tried | GivenUp>> {
    const definition = options.find(event.functionName);
    if (!definition) {
      console.error(`Lambda event ${event.requestId} discarded: no function ${event.functionName} any more.`);
      return 'done';
    }
    const { maximumEventAgeSeconds, maximumRetryAttempts, onFailureArn } = definition;
    const deadline = acceptedAt + ((maximumEventAgeSeconds ?? DEFAULT_MAX_AGE_SECONDS) * 1000) / clock.scale;
    if (clock.now() > deadline) return giveUp(event, onFailureArn, 'EventAgeExceeded');
    const result = await options.run(definition, event.requestId, event.payload);
    if (!result.functionError) return 'done';
    const tried = { ...event, invokeCount: event.invokeCount + 1 };
    if (tried.invokeCount > (maximumRetryAttempts ?? DEFAULT_RETRIES))
      return giveUp(tried, onFailureArn, 'RetriesExhausted', result);
    const afterMs = (tried.invokeCount * RETRY_MINUTE_MS) / clock.scale;
    if (clock.now() + afterMs > deadline) return giveUp(tried, onFailureArn, 'EventAgeExceeded', result);
    return { afterMs, item: tried };
  }

  /** With the last answer, where there was one: the record goes to the queue, as Lambda forms it
   * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html). */
  function giveUp(
    { requestId, functionName, payload, invokeCount }: Tried,
    queueArn: string | undefined,
    condition: 'RetriesExhausted' | 'EventAgeExceeded',
    result?: InvokeResult,
  ): Outcome<Tried | GivenUp> {
    if (!queueArn) {
      console.error(`Lambda event ${requestId} of ${functionName} given up: ${condition}`);
      return 'done';
    }
    const record = {
      version: '1.0',
      timestamp: new Date(clock.now()).toISOString(),
      requestContext: {
        requestId,
        functionArn: `${options.functionArn(functionName)}:$LATEST`,
        condition,
        approximateInvokeCount: invokeCount,
      },
      requestPayload: JSON.parse(payload),
      ...(result && {
        responseContext: {
          statusCode: 200,
          executedVersion: '$LATEST',
          functionError: result.functionError,
        },
        responsePayload: JSON.parse(result.payload),
      }),
    };
    return { afterMs: 0, item: { queueArn, record: JSON.stringify(record) } };
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
