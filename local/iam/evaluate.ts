import type { PolicyDocument, PolicyStatement } from '../plan/policy.ts';
import { arnMatches, type CallContext, conditionsHold, wildcard } from './condition.ts';

/** What one call needs to be allowed. */
export interface Need {
  /** `dynamodb:PutItem`. */
  readonly action: string;
  /** An ARN, or `*` for an action that knows no resources. */
  readonly resource: string;
  readonly context?: CallContext;
}

export type Decision = 'allowed' | 'not-allowed' | 'denied';

/** Decides as IAM does for a caller in the resource's own account who has only identity policies: an explicit deny
 * wins, an allow is needed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
export function evaluate(policies: readonly PolicyDocument[], need: Need): Decision {
  const fitting = policies
    .flatMap(({ Statement }) => Statement)
    .filter((statement) => applies(statement, need));
  if (fitting.some(({ Effect }) => Effect === 'Deny')) return 'denied';
  return fitting.length > 0 ? 'allowed' : 'not-allowed';
}

function applies(statement: PolicyStatement, { action, resource, context = {} }: Need): boolean {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement;
  const isAction = (pattern: string) => wildcard(pattern.toLowerCase(), action.toLowerCase());
  const isResource = (pattern: string) => arnMatches(pattern, resource);
  return (
    fits(Action, NotAction, isAction) &&
    fits(Resource, NotResource, isResource) &&
    conditionsHold(Condition, context)
  );
}

function fits(
  these: readonly string[] | undefined,
  others: readonly string[] = [],
  matches: (pattern: string) => boolean,
): boolean {
  return these === undefined ? !others.some(matches) : these.some(matches);
}
