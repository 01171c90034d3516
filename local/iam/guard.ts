/** What functions and jobs may call: their own role's policies decide, as on AWS. Whoever is no role of the template
 * is the account itself, and may everything. */
import { AwsError } from '../aws-error.ts';
import type { Services } from '../front-door.ts';
import { readBody } from '../json-protocol.ts';
import type { PlannedRole } from '../plan/plan.ts';
import type { AwsRequest, Identity } from '../ports.ts';
import { refuse } from '../refusal.ts';
import { type Decision, evaluate, type Need } from './evaluate.ts';
import { JSON_NEEDS, restNeeds } from './needs.ts';
import { s3Needs } from './s3-needs.ts';

/** Access keys of functions and jobs name their role, and their session tokens the session: the function. */
const ROLE_KEY = /^role\.(.+)$/;
const SESSION = /^session\.(.+)$/;

/** The services, with each call of a role checked before it reaches them. */
export function guardedCalls(
  services: Services,
  roles: readonly PlannedRole[],
  identity: Identity,
): Services {
  const known = new Map(roles.map((role) => [role.name, role]));
  const names = Object.keys(services) as (keyof Services)[];
  return Object.fromEntries(names.map((name) => [name, guarded(name)])) as unknown as Services;

  function guarded(name: keyof Services): Services['s3'] {
    const handle = services[name];
    return async (request) => {
      const roleName = ROLE_KEY.exec(request.accessKeyId)?.[1];
      if (roleName === undefined) return handle(request);
      const { needs, body } = await needsOf(name, request, identity);
      const policies = known.get(roleName)?.policies ?? [];
      const token = String(request.req.headers['x-amz-security-token'] ?? '');
      const session = SESSION.exec(token)?.[1] ?? roleName;
      const caller = `arn:aws:sts::${identity.account}:assumed-role/${roleName}/${session}`;
      for (const need of needs) {
        const decision = evaluate(policies, need);
        if (decision !== 'allowed')
          return refuse(name, request, denied(name, sentence(name, caller, need, decision)));
      }
      const allows = (need: Need) => evaluate(policies, need) === 'allowed';
      return handle({ ...request, allows, ...(body && { body }) });
    };
  }
}

async function needsOf(
  name: keyof Services,
  request: AwsRequest,
  identity: Identity,
): Promise<{ needs: Need[]; body?: Buffer }> {
  const { method = '', url: target = '/', headers } = request.req;
  if (name === 's3') return { needs: s3Needs({ method, target, headers }) };
  if (name === 'lambda' || name === 'sagemaker-runtime')
    return { needs: restNeeds(name, request.url.pathname, identity) };
  const body = await readBody(request);
  const call = callOf(String(headers['x-amz-target'] ?? ''), body);
  return { needs: JSON_NEEDS[name]?.(call, identity) ?? [], body };
}

/** What is not to be read the service itself refuses. */
function callOf(target: string, body: Buffer) {
  const text = body.toString('utf8');
  if (target === '') {
    const { Action = '', ...input } = Object.fromEntries(new URLSearchParams(text));
    return { operation: Action, input };
  }
  try {
    const input = JSON.parse(text) as Record<string, unknown> | null;
    return { operation: target.split('.').at(-1) ?? '', input: input ?? {} };
  } catch {
    return { operation: target.split('.').at(-1) ?? '', input: {} };
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function sentence(name: keyof Services, caller: string, need: Need, decision: Decision): string {
  const action = name === 'sqs' ? need.action.toLowerCase() : need.action;
  const resource = name === 's3' ? `"${need.resource}"` : need.resource;
  const because =
    decision === 'denied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  return `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
}

/** Each service has its own code and status for it. */
function denied(name: keyof Services, message: string): AwsError {
  if (name === 's3') return new AwsError('AccessDenied', message, 403);
  const isRest = name === 'lambda' || name === 'sagemaker-runtime';
  return new AwsError('AccessDeniedException', message, isRest ? 403 : 400);
}
