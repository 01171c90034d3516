import { AwsError } from '../aws-error.ts';
import { answerJson, readBody } from '../json-protocol.ts';
import type { AwsRequest } from '../ports.ts';
import { writeXml, type XmlElements } from '../xml.ts';
import { QUERY_CODES, queryCode } from './failure.ts';
import { fromQuery, parameterTree, toXml } from './query.ts';
import { check, shapeOf } from './shapes.ts';

/** What SQS does, by the action's name: takes an input of the action's shape, gives its result, throws AwsError. */
export type Actions = Readonly<Record<string, (input: never) => unknown>>;

/** Answers one request in the protocol that it speaks: JSON, or Query, as AWS CLI 2.9 and older SDKs do. */
export function answer(request: AwsRequest, actions: Actions): Promise<void> {
  if (!request.req.headers['content-type']?.startsWith('application/x-amz-json'))
    return answerQuery(request, actions);
  const checked = Object.keys(actions).map((name) => [name, (input: unknown) => run(actions, name, input)]);
  return answerJson(request, {
    version: '1.0',
    actions: Object.fromEntries(checked),
    queryCodes: QUERY_CODES,
  });
}

async function run(actions: Actions, name: string, input: unknown): Promise<Record<string, unknown>> {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  const shape = await shapeOf(`${name}Request`);
  if (!action || !shape)
    throw new AwsError('InvalidAction', `The embedded cloud does not offer ${name || 'this action'}.`);
  check(shape, input);
  return ((await action(input as never)) ?? {}) as Record<string, unknown>;
}

async function answerQuery(request: AwsRequest, actions: Actions): Promise<void> {
  const RequestId = request.requestId;
  try {
    const parameters = new URLSearchParams((await readBody(request)).toString() || request.url.search);
    const name = parameters.get('Action') ?? '';
    // A request to a queue's own URL need not name it.
    if (!parameters.has('QueueUrl')) parameters.set('QueueUrl', String(request.url));
    const shape = await shapeOf(`${name}Request`);
    const result = await run(actions, name, shape && fromQuery(shape, parameterTree(parameters)));
    const output = await shapeOf(`${name}Result`);
    const elements = output && { [`${name}Result`]: toXml(output, result) };
    sendXml(request, 200, `${name}Response`, { ...elements, ResponseMetadata: { RequestId } });
  } catch (thrown) {
    const known = thrown instanceof AwsError;
    if (!known) console.error(thrown);
    const error = known ? thrown : new AwsError('InternalFailure', 'The request failed.', 500);
    const Type = error.status < 500 ? 'Sender' : 'Receiver';
    const details = { Type, Code: queryCode(error.code), Message: error.message, Detail: '' };
    sendXml(request, error.status, 'ErrorResponse', { Error: details, RequestId });
  }
}

function sendXml({ res, requestId }: AwsRequest, status: number, root: string, content: XmlElements): void {
  if (res.headersSent || res.destroyed) return;
  const namespace = 'http://queue.amazonaws.com/doc/2012-11-05/';
  const xml = `<?xml version="1.0"?><${root} xmlns="${namespace}">${writeXml(content)}</${root}>`;
  const headers = { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(xml) };
  res.writeHead(status, { ...headers, 'x-amzn-requestid': requestId }).end(xml);
}
