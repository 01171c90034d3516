import { AwsError } from '../aws-error.ts';
import { readBody } from '../json-protocol.ts';
import type { AwsRequest, CloudService, Identity } from '../ports.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** The one action of STS that clients need to see who they are; Query protocol, XML answers. */
export const STS_ACTIONS = ['GetCallerIdentity'] as const;

export function createSts(options: {
  readonly identity: Identity;
}): CloudService & { readonly actions: readonly string[] } {
  const { account } = options.identity;

  async function answer(request: AwsRequest): Promise<string> {
    const form = new URLSearchParams((await readBody(request)).toString('utf8'));
    const action = form.get('Action') ?? request.url.searchParams.get('Action');
    if (action !== 'GetCallerIdentity') {
      throw new AwsError(
        'InvalidAction',
        `The embedded cloud's STS does not offer ${action ?? 'this action'}.`,
      );
    }
    const user = escapeXml(request.accessKeyId || 'anonymous');
    const identity = `<Arn>arn:aws:iam::${account}:user/${user}</Arn><UserId>${user}</UserId><Account>${account}</Account>`;
    const metadata = `<ResponseMetadata><RequestId>${request.requestId}</RequestId></ResponseMetadata>`;
    const result = `<GetCallerIdentityResult>${identity}</GetCallerIdentityResult>`;
    return `<GetCallerIdentityResponse xmlns="${NAMESPACE}">${result}${metadata}</GetCallerIdentityResponse>`;
  }

  return {
    actions: STS_ACTIONS,
    async handle(request) {
      try {
        send(request, 200, await answer(request));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const parts = `<Type>Sender</Type><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>`;
        const id = `<RequestId>${request.requestId}</RequestId>`;
        send(
          request,
          error.status,
          `<ErrorResponse xmlns="${NAMESPACE}"><Error>${parts}</Error>${id}</ErrorResponse>`,
        );
      }
    },
    close: async () => undefined,
  };
}

function send({ res }: AwsRequest, status: number, body: string): void {
  res.writeHead(status, { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) });
  res.end(body);
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
