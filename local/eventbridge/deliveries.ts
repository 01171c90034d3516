import { AwsError } from '../aws-error.ts';
import { createDeliveryQueue, type Delivery, type DeliveryQueue, type Outcome } from '../delivery-queue.ts';
import type { Clock, Identity, InvokeAsync, SendToQueue } from '../ports.ts';
import type { Sqlite } from '../sqlite.ts';
import { inputFor } from './input.ts';
import { destinationOf, type RetryPolicy, type Rule, ruleArn, type Target } from './rule.ts';

const MAX_IN_FLIGHT = 32;
const FIRST_RETRY_MS = 1_000;
/** 185 doublings capped here take AWS's 24 hours. */
const MAX_RETRY_MS = 480_000;
const DEFAULT_RETRIES = 185;
const DEFAULT_AGE_SECONDS = 86_400;
/** The dead-letter queue is the last place an event can go: it is tried as often as any, however old the event. */
const DEAD_LETTER_POLICY: RetryPolicy = { MaximumEventAgeInSeconds: Number.POSITIVE_INFINITY };

/** An accepted event on its way to one target of a rule or, given up, to the target's dead-letter queue. */
export type Handover = TargetHandover | DeadLetter;

interface TargetHandover extends Pick<Rule, 'Name' | 'EventBusName'> {
  readonly event: string;
  readonly target: Target;
}

interface DeadLetter {
  readonly event: string;
  readonly queueArn: string;
  /** Why it could not be handed over.
   * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html#eb-rule-dlq */
  readonly attributes: Readonly<Record<string, string>>;
}

/** AWS's codes for a failed hand-over, by the error of the target's service. No retry mends these. */
const PERMANENT: Readonly<Record<string, string>> = {
  AccessDeniedException: 'NO_PERMISSIONS',
  InvalidMessageContents: 'INVALID_PARAMETER',
  InvalidParameterValue: 'INVALID_PARAMETER',
  InvalidTargetInput: 'INVALID_JSON',
  QueueDoesNotExist: 'NO_RESOURCE',
  ResourceNotFoundException: 'NO_RESOURCE',
  ValidationException: 'INVALID_PARAMETER',
};
const TRANSIENT: Readonly<Record<string, string>> = {
  ThrottlingException: 'THROTTLING',
  TooManyRequestsException: 'THROTTLING',
};

export interface DeliveryOptions {
  readonly db: Sqlite;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly invokeAsync: InvokeAsync;
  readonly sendToQueue: SendToQueue;
}

/** Hands accepted events to their targets, at least once each, as their retry policies say. */
export function createDeliveries(options: DeliveryOptions): DeliveryQueue<Handover> {
  const { db, clock, identity, invokeAsync, sendToQueue } = options;
  const retry = (attempts: number): Outcome<Handover> => ({
    afterMs: Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), MAX_RETRY_MS) / clock.scale,
  });

  async function handOver({ item, acceptedAt }: Delivery<Handover>): Promise<void> {
    if (!('target' in item)) return sendToQueue(item.queueArn, item.event, item.attributes);
    const { target, event, Name } = item;
    const input = inputFor(target, event, { ruleName: Name, ruleArn: ruleArn(identity, item), acceptedAt });
    const destination = destinationOf(target.Arn);
    switch (destination.service) {
      case 'lambda':
        return invokeAsync(destination.functionName, input);
      case 'sqs':
        return sendToQueue(destination.queueArn, input);
    }
  }

  function afterFailure(delivery: Delivery<Handover>, error: unknown): Outcome<Handover> {
    const { item, attempts } = delivery;
    const permanent = PERMANENT[codeOf(error)];
    const policy = 'target' in item ? item.target.RetryPolicy : DEAD_LETTER_POLICY;
    const exhausted = permanent ? undefined : exhaustedCondition(delivery, policy);
    if (!permanent && !exhausted) return retry(attempts);
    const letter = 'target' in item ? deadLetter(item, attempts, error, exhausted) : undefined;
    if (letter) return { afterMs: 0, item: letter };
    const to = 'target' in item ? item.target.Arn : item.queueArn;
    console.error(`eventbridge: gave up on an event for ${to}: ${String(error)}`);
    return 'done';
  }

  /** Which end of a retry policy is reached, if any. */
  function exhaustedCondition({ attempts, acceptedAt }: Delivery<Handover>, policy: RetryPolicy = {}) {
    const {
      MaximumRetryAttempts: most = DEFAULT_RETRIES,
      MaximumEventAgeInSeconds: age = DEFAULT_AGE_SECONDS,
    } = policy;
    if (attempts > most) return 'MaximumRetryAttempts';
    return (clock.now() - acceptedAt) * clock.scale >= age * 1000 ? 'MaximumEventAgeInSeconds' : undefined;
  }

  function deadLetter(item: TargetHandover, attempts: number, error: unknown, exhausted: string | undefined) {
    const { event, target } = item;
    const code = codeOf(error);
    const attributes = {
      RULE_ARN: ruleArn(identity, item),
      TARGET_ARN: target.Arn,
      ERROR_CODE: PERMANENT[code] ?? TRANSIENT[code] ?? 'ERROR_FROM_TARGET',
      ERROR_MESSAGE: (error as Error).message,
      ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
      RETRY_ATTEMPTS: String(attempts - 1),
    };
    return target.DeadLetterConfig?.Arn && { event, queueArn: target.DeadLetterConfig.Arn, attributes };
  }

  return createDeliveryQueue<Handover>({
    db,
    table: 'handovers',
    now: clock.now,
    concurrency: MAX_IN_FLIGHT,
    deliver: (delivery) => handOver(delivery).then(() => 'done'),
    failed: afterFailure,
  });
}

function codeOf(error: unknown): string {
  return error instanceof AwsError ? error.code : '';
}
