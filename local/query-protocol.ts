import { AwsError } from './aws-error.ts';
import { readBody } from './json-protocol.ts';
import type { AwsRequest } from './ports.ts';
import { writeXml, type XmlElements } from './xml.ts';

export interface QueryProtocol {
  readonly namespace: string;
  /** By name: takes the parameters, gives the elements of the result; undefined where an action has no result. */
  readonly actions: Readonly<
    Record<string, (parameters: URLSearchParams) => QueryResult | Promise<QueryResult>>
  >;
  /** The codes of errors, where they are not the JSON protocol's. */
  readonly queryCodes?: Readonly<Record<string, string>>;
}

export type QueryResult = XmlElements | undefined;

/** Answers one request of the AWS Query protocol: parameters as a form, XML back.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export async function answerQuery(request: AwsRequest, protocol: QueryProtocol): Promise<void> {
  const ResponseMetadata = { RequestId: request.requestId };
  try {
    const parameters = new URLSearchParams((await readBody(request)).toString() || request.url.search);
    const name = parameters.get('Action') ?? '';
    const action = Object.hasOwn(protocol.actions, name) ? protocol.actions[name] : undefined;
    if (!action) throw new AwsError('InvalidAction', `Could not find operation ${name}`);
    const result = await action(parameters);
    const content = { ...(result && { [`${name}Result`]: result }), ResponseMetadata };
    send(request, 200, `${name}Response`, protocol.namespace, content);
  } catch (error) {
    sendQueryError(request, error, protocol);
  }
}

/** Writes an error as the Query protocol does; anything but an AwsError becomes InternalFailure (500). */
export function sendQueryError(
  request: AwsRequest,
  error: unknown,
  { namespace, queryCodes }: Pick<QueryProtocol, 'namespace' | 'queryCodes'>,
): void {
  const known = error instanceof AwsError;
  if (!known) console.error(error);
  const { code, status, message } = known
    ? error
    : new AwsError('InternalFailure', 'The request failed inside the embedded cloud.', 500);
  const Type = status < 500 ? 'Sender' : 'Receiver';
  const details = { Type, Code: queryCodes?.[code] ?? code, Message: message };
  const content = { Error: details, ResponseMetadata: { RequestId: request.requestId } };
  send(request, status, 'ErrorResponse', namespace, content);
}

function send(
  { res, requestId }: AwsRequest,
  status: number,
  root: string,
  namespace: string,
  content: XmlElements,
) {
  if (res.headersSent || res.destroyed) return;
  const xml = `<${root} xmlns="${namespace}">${writeXml(content)}</${root}>`;
  const headers = { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(xml) };
  res.writeHead(status, { ...headers, 'x-amzn-requestid': requestId }).end(xml);
}
