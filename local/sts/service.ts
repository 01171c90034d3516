import { AwsError } from '../aws-error.ts';
import { readBody } from '../json-protocol.ts';
import type { AwsRequest, CloudService, Identity } from '../ports.ts';
import { writeXml, type XmlElements } from '../xml.ts';
import { callerOf } from './caller.ts';

/** The one action of STS that clients need to see who they are; Query protocol, XML answers. */
export const STS_ACTIONS = ['GetCallerIdentity'] as const;

export function createSts(options: {
  readonly identity: Identity;
}): CloudService & { readonly actions: readonly string[] } {
  const { identity } = options;
  return {
    actions: STS_ACTIONS,
    async handle(request) {
      const RequestId = request.requestId;
      try {
        const form = new URLSearchParams((await readBody(request)).toString() || request.url.search);
        if (form.get('Action') !== 'GetCallerIdentity')
          throw new AwsError('InvalidAction', `Could not find operation ${form.get('Action')}`);
        const token = String(request.req.headers['x-amz-security-token'] ?? '');
        const { arn: Arn, userId: UserId } = callerOf(identity, request.accessKeyId, token);
        const result = { Arn, UserId, Account: identity.account };
        const content = { GetCallerIdentityResult: result, ResponseMetadata: { RequestId } };
        send(request, 200, 'GetCallerIdentityResponse', content);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const details = { Type: 'Sender', Code: error.code, Message: error.message };
        send(request, error.status, 'ErrorResponse', { Error: details, RequestId });
      }
    },
    close: async () => undefined,
  };
}

function send({ res }: AwsRequest, status: number, root: string, content: XmlElements): void {
  const xml = `<${root} xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${writeXml(content)}</${root}>`;
  res.writeHead(status, { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(xml) }).end(xml);
}
