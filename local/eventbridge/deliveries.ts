import { AwsError } from '../aws-error.ts';
import type { Delivery, Outcome } from '../delivery-queue.ts';
import type { Clock, Identity, InvokeAsync, SendToQueue } from '../ports.ts';
import { inputFor } from './input.ts';
import { destinationOf, type Rule, ruleArn, type Target } from './rule.ts';

const FIRST_RETRY_MS = 1_000;
/** 185 doublings capped here take AWS's 24 hours. */
const MAX_RETRY_MS = 480_000;
const MOST_RETRIES = 185;
const GREATEST_AGE_SECONDS = 86_400;

/** What waits in the queue: an accepted event on its way to one target of a rule or, given up, to the target's
 * dead-letter queue; or the next time of a schedule. */
export type Waiting = TargetHandover | DeadLetter | Tick;

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

/** The next time of a rule's schedule; `since` tells whether that schedule is still in force. */
export type Tick = Pick<Rule, 'Name' | 'since'>;

/** EventBridge's codes for what a target's service answers. */
const ERROR_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'NO_PERMISSIONS',
  InvalidTargetInput: 'INVALID_JSON',
  QueueDoesNotExist: 'NO_RESOURCE',
  ResourceNotFoundException: 'NO_RESOURCE',
  ThrottlingException: 'THROTTLING',
  TooManyRequestsException: 'THROTTLING',
};

/** What is wrong, and whether a retry might mend it: what the target's service says of the request stays true. */
function diagnose(error: unknown): { readonly code: string; readonly isPassing: boolean } {
  if (!(error instanceof AwsError) || error.status >= 500)
    return { code: 'ERROR_FROM_TARGET', isPassing: true };
  const code = ERROR_CODES[error.code] ?? 'INVALID_PARAMETER';
  return { code, isPassing: code === 'THROTTLING' };
}

export interface DeliveryOptions {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly invokeAsync: InvokeAsync;
  readonly sendToQueue: SendToQueue;
}

/** How what waits is handed over, and what becomes of what is refused. */
export function deliveries(options: DeliveryOptions, fire: (tick: Tick) => Outcome<Waiting>) {
  const { clock, identity, invokeAsync, sendToQueue } = options;

  async function deliver({ item, acceptedAt }: Delivery<Waiting>): Promise<Outcome<Waiting>> {
    if ('since' in item) return fire(item);
    if ('target' in item) await handOver(item, acceptedAt);
    else await sendToQueue(item.queueArn, item.event, item.attributes);
    return 'done';
  }

  function handOver({ target, event, ...rule }: TargetHandover, acceptedAt: number): Promise<void> {
    const context = { ruleName: rule.Name, ruleArn: ruleArn(identity, rule), acceptedAt };
    const input = inputFor(target, event, context);
    const { service, name } = destinationOf(target.Arn);
    return service === 'lambda' ? invokeAsync(name, input) : sendToQueue(target.Arn, input);
  }

  function failed(delivery: Delivery<Waiting>, error: unknown): Outcome<Waiting> {
    const { item, attempts } = delivery;
    const { code, isPassing } = diagnose(error);
    const condition = isPassing ? exhausted(delivery) : undefined;
    if (isPassing && !condition)
      return { afterMs: Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), MAX_RETRY_MS) / clock.scale };
    const queueArn = 'target' in item ? item.target.DeadLetterConfig?.Arn : undefined;
    if (!('target' in item) || queueArn === undefined) {
      console.error(`eventbridge: gave up on ${JSON.stringify(item).slice(0, 1_000)}: ${String(error)}`);
      return 'done';
    }
    const attributes = {
      RULE_ARN: ruleArn(identity, item),
      TARGET_ARN: item.target.Arn,
      ERROR_CODE: code,
      ERROR_MESSAGE: (error as Error).message,
      ...(condition && { EXHAUSTED_RETRY_CONDITION: condition }),
      RETRY_ATTEMPTS: String(attempts - 1),
    };
    return { afterMs: 0, item: { event: item.event, queueArn, attributes } };
  }

  /** Which end of its retry policy an event has reached, if any. The dead-letter queue is the last place where one can
   * go: it is tried as often as any target, however old the event. */
  function exhausted({ item, attempts, acceptedAt }: Delivery<Waiting>): string | undefined {
    const policy = ('target' in item && item.target.RetryPolicy) || {};
    if (attempts > (policy.MaximumRetryAttempts ?? MOST_RETRIES)) return 'MaximumRetryAttempts';
    const age = (clock.now() - acceptedAt) * clock.scale;
    const isOld = age >= (policy.MaximumEventAgeInSeconds ?? GREATEST_AGE_SECONDS) * 1000;
    return isOld && 'target' in item ? 'MaximumEventAgeInSeconds' : undefined;
  }

  return { deliver, failed };
}
