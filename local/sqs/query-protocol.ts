import { AwsError } from '../aws-error.ts';
import { readBody } from '../json-protocol.ts';
import type { AwsRequest, JsonAction } from '../ports.ts';
import { queryCode } from './failure.ts';

/** Flattened lists and maps of requests, by the prefix of their parameters: the JSON protocol's member, and for
 * maps the name of the key. */
const REQUEST_LISTS: Readonly<Record<string, readonly [member: string, key?: string]>> = {
  AttributeName: ['AttributeNames'],
  MessageAttributeName: ['MessageAttributeNames'],
  MessageSystemAttributeName: ['MessageSystemAttributeNames'],
  SendMessageBatchRequestEntry: ['Entries'],
  DeleteMessageBatchRequestEntry: ['Entries'],
  Attribute: ['Attributes', 'Name'],
  MessageAttribute: ['MessageAttributes', 'Name'],
  Tag: ['tags', 'Key'],
};

/** Answers one request of the Query protocol, which AWS CLI 2.9 and older SDKs speak, with the JSON actions.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html */
export async function answerQuery(
  request: AwsRequest,
  actions: Readonly<Record<string, JsonAction>>,
): Promise<void> {
  const { requestId } = request;
  try {
    const parameters = new URLSearchParams((await readBody(request)).toString() || request.url.search);
    const input = decode(parameters);
    const name = String(input.Action ?? '');
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action)
      throw new AwsError('InvalidAction', `The embedded cloud does not offer ${name || 'this action'}.`);
    const result = ((await action({ QueueUrl: String(request.url), ...input })) ?? {}) as Record<
      string,
      unknown
    >;
    const metadata = element('ResponseMetadata', element('RequestId', requestId));
    sendXml(
      request,
      200,
      `${name}Response`,
      `<${name}Result>${encode(result, name)}</${name}Result>${metadata}`,
    );
  } catch (error) {
    const known = error instanceof AwsError;
    if (!known) console.error(error);
    const { code, message, status } = known
      ? error
      : new AwsError('InternalFailure', 'The request failed.', 500);
    const type = element('Type', status < 500 ? 'Sender' : 'Receiver');
    const details = `${type}${element('Code', queryCode(code))}${element('Message', escapeXml(message))}<Detail/>`;
    sendXml(request, status, 'ErrorResponse', element('Error', details) + element('RequestId', requestId));
  }
}

interface Node {
  [name: string]: Node | string;
}

function decode(parameters: URLSearchParams): Record<string, unknown> {
  const root: Node = Object.create(null);
  for (const [name, value] of parameters) {
    const path = name.split('.');
    const last = path.pop() ?? '';
    let node = root;
    for (const step of path) {
      if (typeof node[step] !== 'object') node[step] = Object.create(null) as Node;
      node = node[step];
    }
    node[last] = value;
  }
  return members(root);
}

function members(node: Node): Record<string, unknown> {
  const entries = Object.entries(node).map(([name, value]): [string, unknown] => {
    const [member, key] = (Object.hasOwn(REQUEST_LISTS, name) && REQUEST_LISTS[name]) || [];
    if (member === undefined || typeof value === 'string')
      return [name, typeof value === 'string' ? value : members(value)];
    const items = Object.keys(value)
      .sort((a, b) => Number(a) - Number(b))
      .map((index) => value[index]!);
    if (key === undefined)
      return [member, items.map((item) => (typeof item === 'string' ? item : members(item)))];
    const named = items.filter((item) => typeof item !== 'string').map((item) => members(item));
    return [member, Object.fromEntries(named.map((item) => [String(item[key]), item.Value]))];
  });
  return Object.fromEntries(entries);
}

/** Names of the XML elements of flattened lists and maps in answers. */
function elementName(member: string, action: string): string {
  if (member === 'Successful') return `${action}ResultEntry`;
  if (member === 'Failed') return 'BatchResultErrorEntry';
  return member.replace(/s$/, '');
}

function encode(result: Record<string, unknown>, action: string): string {
  return Object.entries(result)
    .map(([member, value]) => {
      if (value === undefined || value === null) return '';
      const name = elementName(member, action);
      if (Array.isArray(value)) return value.map((item) => element(name, encodeValue(item, action))).join('');
      if (typeof value !== 'object') return element(member, escapeXml(String(value)));
      return Object.entries(value)
        .map(([key, item]) =>
          element(name, element('Name', escapeXml(key)) + element('Value', encodeValue(item, action))),
        )
        .join('');
    })
    .join('');
}

function encodeValue(value: unknown, action: string): string {
  return typeof value === 'object' && value !== null
    ? encode(value as Record<string, unknown>, action)
    : escapeXml(String(value));
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, (char) => ESCAPES[char]!);
}

function sendXml({ res, requestId }: AwsRequest, status: number, root: string, content: string): void {
  if (res.headersSent || res.destroyed) return;
  const xml = `<?xml version="1.0"?><${root} xmlns="http://queue.amazonaws.com/doc/2012-11-05/">${content}</${root}>`;
  res.writeHead(status, {
    'content-type': 'text/xml',
    'content-length': Buffer.byteLength(xml),
    'x-amzn-requestid': requestId,
  });
  res.end(xml);
}
