import { AwsError } from '../aws-error.ts';
import type { Clock, Identity, InvokeAsync, SendToQueue } from '../ports.ts';
import { inputFor } from './input.ts';
import { destinationOf, ruleArn } from './rule.ts';
import type { Delivery, EventBridgeStore } from './store.ts';

const MAX_IN_FLIGHT = 32;
const FIRST_RETRY_MS = 1_000;
/** 185 doublings capped here take AWS's 24 hours. */
const MAX_RETRY_MS = 480_000;
const DEFAULT_RETRIES = 185;
const DEFAULT_AGE_SECONDS = 86_400;
const MAX_TIMER_MS = 3_600_000;

/** Refusals that no retry mends: AWS sends these straight to the dead-letter queue. */
const PERMANENT = new Set([
  'AccessDeniedException',
  'InvalidMessageContents',
  'InvalidParameterValue',
  'InvalidTargetInput',
  'QueueDoesNotExist',
  'ResourceNotFoundException',
  'ValidationException',
]);

export interface DeliveryOptions {
  readonly store: EventBridgeStore;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly invokeAsync: InvokeAsync;
  readonly sendToQueue: SendToQueue;
}

/** Hands stored deliveries to their targets, at least once each: one is deleted only after its hand-over. */
export class DeliveryWorker {
  readonly #options: DeliveryOptions;
  readonly #inFlight = new Map<number, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = true;
    this.wake();
  }

  async close(): Promise<void> {
    this.#running = false;
    clearTimeout(this.#timer);
    await Promise.all(this.#inFlight.values());
  }

  /** Begins what is due, up to the limit in flight; sets a timer for the rest. */
  wake(): void {
    if (!this.#running || this.#inFlight.size >= MAX_IN_FLIGHT) return;
    const { store, clock } = this.#options;
    const now = clock.now();
    const free = MAX_IN_FLIGHT - this.#inFlight.size;
    const due = store.due(now, MAX_IN_FLIGHT).filter((seq) => !this.#inFlight.has(seq));
    for (const seq of due.slice(0, free)) this.#begin(store.get(seq));
    clearTimeout(this.#timer);
    const next = store.nextAfter(now);
    if (next) this.#timer = setTimeout(() => this.wake(), Math.min(Math.max(1, next - now), MAX_TIMER_MS));
  }

  #begin(delivery: Delivery): void {
    const done = this.#handOver(delivery)
      .then(() => this.#options.store.remove(delivery.seq))
      .catch((error: unknown) => this.#failed(delivery, error))
      .finally(() => {
        this.#inFlight.delete(delivery.seq);
        this.wake();
      });
    this.#inFlight.set(delivery.seq, done);
  }

  async #handOver({ dead, target, event, bus, rule, acceptedAt }: Delivery): Promise<void> {
    const { identity, invokeAsync, sendToQueue } = this.#options;
    if (dead) return sendToQueue(target.DeadLetterConfig?.Arn ?? '', event);
    const context = { ruleName: rule, ruleArn: ruleArn(identity, bus, rule), acceptedAt };
    const input = inputFor(target, event, context);
    const destination = destinationOf(target.Arn);
    switch (destination.service) {
      case 'lambda':
        return invokeAsync(destination.functionName, input);
      case 'sqs':
        return sendToQueue(destination.queueArn, input);
    }
  }

  #failed(delivery: Delivery, error: unknown): void {
    const { store, clock } = this.#options;
    const { seq, target, dead } = delivery;
    const attempts = delivery.attempts + 1;
    const now = clock.now();
    if (!this.#exhausted(delivery, attempts, error)) {
      const wait = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), MAX_RETRY_MS) / clock.scale;
      store.postpone(seq, { nextAt: Math.ceil(now + wait), attempts, dead });
    } else if (target.DeadLetterConfig?.Arn && !dead) {
      store.postpone(seq, { nextAt: now, attempts: 0, dead: true });
    } else {
      console.error(
        `eventbridge: ${delivery.bus}/${delivery.rule} gave up on an event for ${target.Arn}: ${String(error)}`,
      );
      store.remove(seq);
    }
  }

  #exhausted({ dead, target, acceptedAt }: Delivery, attempts: number, error: unknown): boolean {
    if (error instanceof AwsError && PERMANENT.has(error.code)) return true;
    // The dead-letter queue is the last place an event can go: it gets the whole policy again.
    if (dead) return attempts > DEFAULT_RETRIES;
    const { clock } = this.#options;
    const { MaximumRetryAttempts = DEFAULT_RETRIES, MaximumEventAgeInSeconds = DEFAULT_AGE_SECONDS } =
      target.RetryPolicy ?? {};
    const age = (clock.now() - acceptedAt) * clock.scale;
    return attempts > MaximumRetryAttempts || age >= MaximumEventAgeInSeconds * 1000;
  }
}
