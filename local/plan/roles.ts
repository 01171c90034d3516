import { type Fields, present } from './fields.ts';
import type { Named } from './naming.ts';
import type { PlannedRole } from './plan.ts';
import { PlanError } from './plan-error.ts';
import { type PolicyDocument, readPolicy } from './policy.ts';

/** A policy that stands outside its roles. */
export interface AttachedPolicy {
  readonly roles: readonly string[];
  readonly policy: PolicyDocument;
}

export const readPolicyResource =
  (roles: ReadonlySet<string>) =>
  (fields: Fields): AttachedPolicy => {
    const named = fields.texts('Roles') ?? [];
    const stranger = named.find((role) => !roles.has(role));
    if (stranger !== undefined)
      throw new PlanError(fields.at('Roles'), `the template has no role ${stranger}`);
    return { roles: named, policy: policyOf(fields) };
  };

function policyOf(fields: Fields): PolicyDocument {
  return present(fields.member('PolicyDocument', readPolicy), fields.at('PolicyDocument'));
}

export const readRole =
  (attached: readonly AttachedPolicy[]) =>
  (fields: Fields, { name, arn = '' }: Named): PlannedRole => {
    fields.text('Path');
    const managed = fields.texts('ManagedPolicyArns')?.[0];
    if (managed !== undefined)
      throw new PlanError(fields.at('ManagedPolicyArns'), `the policy ${managed} is not understood`);
    const others = attached.filter(({ roles }) => roles.includes(name)).map(({ policy }) => policy);
    const policies = [...(fields.objects('Policies', policyOf) ?? []), ...others];
    return { name, arn, policies };
  };
