import type { Identity } from '../ports.ts';

/** Who calls, as AWS writes it. */
export interface Caller {
  readonly accessKeyId: string;
  readonly arn: string;
  readonly userId: string;
}

/** A function or a job calls as a session of its role (its access key is `role.<name>`, its session token
 * `session.<name>`), any other key as a user of that name, and who did not sign is the account. */
export function callerOf({ account }: Identity, accessKeyId: string, sessionToken = ''): Caller {
  if (accessKeyId === '') return { accessKeyId, arn: `arn:aws:iam::${account}:root`, userId: account };
  const role = /^role\.(.+)$/.exec(accessKeyId)?.[1];
  if (role === undefined)
    return { accessKeyId, arn: `arn:aws:iam::${account}:user/${accessKeyId}`, userId: accessKeyId };
  const session = /^session\.(.+)$/.exec(sessionToken)?.[1] ?? role;
  const arn = `arn:aws:sts::${account}:assumed-role/${role}/${session}`;
  return { accessKeyId, arn, userId: `${role}:${session}` };
}
