import type { Identity } from '../ports.ts';
import { invalid, type Request } from './request.ts';

/** Where a rule sends an event and in what shape, as the API spells it.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html */
export type Target = Request<'PutTargets'>['Targets'][number];

/** A rule as PutRule spells it, with its targets. */
export interface Rule extends Request<'PutRule'> {
  readonly EventBusName: string;
  /** Epoch milliseconds since when its schedule has been in force. */
  readonly since: number;
  readonly targets: readonly Target[];
}

export const DEFAULT_BUS = 'default';

/** A rule's ARN; on the default bus it does not name the bus. */
export function ruleArn(
  { region, account }: Identity,
  { Name, EventBusName }: Pick<Rule, 'Name' | 'EventBusName'>,
): string {
  const path = EventBusName === DEFAULT_BUS ? Name : `${EventBusName}/${Name}`;
  return `arn:aws:events:${region}:${account}:rule/${path}`;
}

/** The bus that an `EventBusName` names: a name, an ARN, or nothing for the default bus. */
export function busName(nameOrArn = DEFAULT_BUS): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf('/') + 1) : nameOrArn;
}

/** The service that a target's ARN points at, and the name there. Throws ValidationException for what is not
 * offered. */
export function destinationOf(arn: string): { readonly service: 'lambda' | 'sqs'; readonly name: string } {
  const [, , service, , , kind = '', name = ''] = arn.split(':');
  if (service === 'lambda' && kind === 'function' && name) return { service, name };
  if (service === 'sqs' && kind && !kind.endsWith('.fifo')) return { service, name: kind };
  throw invalid(
    `Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format. The embedded cloud delivers to Lambda functions and to SQS's standard queues.`,
  );
}
