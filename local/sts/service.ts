import type { CloudService, Identity } from '../ports.ts';
import { answerQuery } from '../query-protocol.ts';
import { callerOf } from './caller.ts';

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** The one action of STS that clients need to see who they are; Query protocol. */
export const STS_ACTIONS = ['GetCallerIdentity'] as const;

export function createSts(options: {
  readonly identity: Identity;
}): CloudService & { readonly actions: readonly string[] } {
  const { identity } = options;
  return {
    actions: STS_ACTIONS,
    handle(request) {
      const token = String(request.req.headers['x-amz-security-token'] ?? '');
      const { arn: Arn, userId: UserId } = callerOf(identity, request.accessKeyId, token);
      const GetCallerIdentity = () => ({ Arn, UserId, Account: identity.account });
      return answerQuery(request, { namespace, actions: { GetCallerIdentity } });
    },
    close: async () => undefined,
  };
}
