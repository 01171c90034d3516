/** The shells around event handlers: middy is composed here and in handle-http, nowhere else. */
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { log } from './log.ts';

/** An event that no retry can help: it does not have the shape that its contract promises. */
export class PoisonEvent extends Error {
  readonly code = 'PoisonEvent';
}

export interface Validator {
  (value: unknown): boolean;
  errors?: { instancePath: string; message?: string }[] | null;
}

/** Checks `value` against a generated validator. Throws PoisonEvent, saying where it differs. */
export function validated<T>(validate: Validator, value: unknown): T {
  if (validate(value)) return value as T;
  const where = (validate.errors ?? [])
    .map((error) => `${error.instancePath || '/'} ${error.message}`)
    .join('; ');
  throw new PoisonEvent(`The event does not match its contract: ${where}`);
}

const logged = () => ({
  onError: (request: { error: Error | null; event: unknown }) => {
    log.error('The event could not be handled', request.error, { event: request.event });
  },
});

/** A function whose trigger is one EventBridge rule. Throwing makes Lambda retry, then hands the event to the
 * function's failure queue. */
export function handleEvent<D>(options: { validate: Validator; handle: (detail: D) => Promise<void> }) {
  return middy<{ detail: unknown }, void>()
    .use(logged())
    .handler(async (event) => {
      await options.handle(validated<D>(options.validate, event.detail));
    });
}

/** A function whose trigger is a schedule. */
export function handleSchedule(handle: () => Promise<void>) {
  return middy<unknown, void>()
    .use(logged())
    .handler(async () => handle());
}

/** A function that a queue feeds: each message stands alone, and only those that failed come back. */
export function handleQueue(handle: (body: unknown) => Promise<void>) {
  return middy<SQSEvent, SQSBatchResponse>()
    .use(logged())
    .handler(async (event) => {
      const failures = await Promise.all(
        event.Records.map(async (record) => {
          try {
            await handle(JSON.parse(record.body));
            return [];
          } catch (error) {
            log.error('A message could not be handled', error, {
              messageId: record.messageId,
              body: record.body,
            });
            return [{ itemIdentifier: record.messageId }];
          }
        }),
      );
      return { batchItemFailures: failures.flat() };
    });
}
