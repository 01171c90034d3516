import type { Identity } from '../ports.ts';
import { invalid } from './request.ts';

/** Where a rule sends an event and in what shape, as the API spells it. At most one of the three inputs.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html */
export interface Target {
  readonly Id: string;
  /** A Lambda function's or an SQS queue's ARN. */
  readonly Arn: string;
  readonly RoleArn?: string | undefined;
  /** Constant JSON text in place of the event. */
  readonly Input?: string | undefined;
  /** JSON path of the part of the event to send. */
  readonly InputPath?: string | undefined;
  readonly InputTransformer?: InputTransformer | undefined;
  readonly DeadLetterConfig?: { readonly Arn?: string | undefined } | undefined;
  readonly RetryPolicy?: RetryPolicy | undefined;
}

export interface InputTransformer {
  readonly InputPathsMap?: Readonly<Record<string, string>> | undefined;
  readonly InputTemplate: string;
}

/** AWS's defaults: 185 retries within 86,400 seconds. */
export interface RetryPolicy {
  readonly MaximumRetryAttempts?: number | undefined;
  readonly MaximumEventAgeInSeconds?: number | undefined;
}

/** A rule as PutRule spells it, with its targets. */
export interface Rule {
  readonly Name: string;
  readonly EventBusName: string;
  /** JSON text. */
  readonly EventPattern?: string | undefined;
  /** `rate(…)` or `cron(…)`. */
  readonly ScheduleExpression?: string | undefined;
  readonly State: string;
  readonly Description?: string | undefined;
  readonly RoleArn?: string | undefined;
  /** Epoch milliseconds from which a rate counts. */
  readonly since: number;
  readonly targets: readonly Target[];
}

export const DEFAULT_BUS = 'default';

/** A rule's ARN; on the default bus it does not name the bus. */
export function ruleArn(
  identity: Identity,
  { Name, EventBusName }: Pick<Rule, 'Name' | 'EventBusName'>,
): string {
  const path = EventBusName === DEFAULT_BUS ? Name : `${EventBusName}/${Name}`;
  return `arn:aws:events:${identity.region}:${identity.account}:rule/${path}`;
}

/** The bus that an `EventBusName` names: a name, an ARN, or nothing for the default bus. */
export function busName(nameOrArn = DEFAULT_BUS): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf('/') + 1) : nameOrArn;
}

export type Destination =
  | { readonly service: 'lambda'; readonly functionName: string }
  | { readonly service: 'sqs'; readonly queueArn: string };

/** What a target's ARN points at. Throws ValidationException for services that are not offered here. */
export function destinationOf(arn: string): Destination {
  const [, , service, , , kind, name] = arn.split(':');
  if (service === 'lambda' && kind === 'function' && name) return { service, functionName: name };
  if (service === 'sqs' && kind && !kind.endsWith('.fifo')) return { service, queueArn: arn };
  throw invalid(
    `Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format. The embedded cloud delivers to Lambda functions and to SQS's standard queues.`,
  );
}
