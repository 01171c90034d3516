import { AwsError } from '../aws-error.ts';
import type { Identity } from '../ports.ts';

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

export interface Rule {
  readonly name: string;
  readonly bus: string;
  /** The event pattern's JSON text. */
  readonly pattern?: string | undefined;
  /** `rate(…)` or `cron(…)`. */
  readonly schedule?: string | undefined;
  readonly enabled: boolean;
  readonly description?: string | undefined;
  /** Epoch milliseconds from which a rate counts. */
  readonly since: number;
  readonly targets: readonly Target[];
}

export const DEFAULT_BUS = 'default';

/** A rule's ARN; on the default bus it does not name the bus. */
export function ruleArn(identity: Identity, bus: string, name: string): string {
  const path = bus === DEFAULT_BUS ? name : `${bus}/${name}`;
  return `arn:aws:events:${identity.region}:${identity.account}:rule/${path}`;
}

/** The bus that an `EventBusName` names: a name, an ARN, or nothing for the default bus. */
export function busName(value: unknown): string {
  if (value === undefined || value === null) return DEFAULT_BUS;
  if (typeof value !== 'string' || value === '') throw invalid('Parameter EventBusName is not valid.');
  return value.startsWith('arn:') ? value.slice(value.indexOf('/') + 1) : value;
}

export type Destination =
  | { readonly service: 'lambda'; readonly functionName: string }
  | { readonly service: 'sqs'; readonly queueArn: string };

/** What a target's ARN points at. Throws ValidationException for services that are not offered here. */
export function destinationOf(arn: string): Destination {
  const [, , service, , , kind, name] = arn.split(':');
  if (service === 'lambda' && kind === 'function' && name) return { service, functionName: name };
  if (service === 'sqs' && kind) return { service, queueArn: arn };
  throw invalid(
    `Provided Arn is not in correct format. The embedded cloud delivers to Lambda and SQS, not to ${arn}.`,
  );
}

/** EventBridge's ValidationException. */
export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** A required text member of a request. Throws ValidationException. */
export function text(input: Record<string, unknown>, name: string): string {
  const value = optionalText(input, name);
  if (value !== undefined) return value;
  throw invalid(
    `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
  );
}

/** A text member, undefined when absent or empty. Throws SerializationException for anything but text. */
export function optionalText(input: Record<string, unknown>, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new AwsError('SerializationException', `${name} must be a string.`);
  return value;
}

/** Refuses what cannot name a rule or a target. */
export function checkName(name: string, at: string): void {
  if (/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) return;
  throw invalid(
    `1 validation error detected: Value '${name}' at '${at}' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+ and have length less than or equal to 64`,
  );
}
