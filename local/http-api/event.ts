import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Identity } from '../ports.ts';
import { callerOf } from '../sts/caller.ts';
import { type RouteMatch, routeKey } from './route.ts';

/** The bodies that are handed on as text (observed on AWS); any other is base64, and so is one without a type. */
const TEXT = /^(text\/|application\/(json|javascript|xml)\s*(;|$))/i;

export interface Received {
  readonly req: IncomingMessage;
  /** Decoded, see decodePath. */
  readonly path: string;
  /** As it came, without the question mark. */
  readonly query: string;
  readonly match: RouteMatch;
  readonly body: Buffer;
  readonly identity: Identity;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The event of payload format 2.0
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html). */
export function toEvent(source: Received): APIGatewayProxyEventV2 {
  const { req, path, query, match, body } = source;
  const { cookie, ...headers } = joined(Object.entries(req.headersDistinct));
  const parameters = Map.groupBy(new URLSearchParams(query), ([name]) => name);
  const isText = !headers['content-encoding'] && TEXT.test(headers['content-type'] ?? '');
  const isBase64Encoded = body.length > 0 && !isText;
  return {
    version: '2.0',
    routeKey: routeKey(match.route),
    rawPath: path,
    rawQueryString: query,
    ...(cookie && { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(parameters.size > 0 && {
      queryStringParameters: joined(
        [...parameters].map(([name, pairs]) => [name, pairs.map(([, value]) => value)]),
      ),
    }),
    requestContext: requestContext(source, headers),
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    ...(Object.keys(match.pathParameters).length > 0 && { pathParameters: { ...match.pathParameters } }),
    isBase64Encoded,
  };
}

function requestContext(
  { req, path, match, identity, requestId, now }: Received,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyEventV2['requestContext'] {
  const caller = callerOf(identity, signerOf(req), headers['x-amz-security-token']);
  const iam = {
    accessKey: caller.accessKeyId,
    accountId: identity.account,
    callerId: caller.userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: caller.arn,
    userId: caller.userId,
  };
  return {
    accountId: identity.account,
    apiId: 'local',
    ...(match.route.authorization === 'AWS_IAM' && { authorizer: { iam } }),
    domainName: headers.host ?? '',
    domainPrefix: 'local',
    http: {
      method: req.method ?? 'GET',
      path,
      protocol: `HTTP/${req.httpVersion}`,
      sourceIp: req.socket.remoteAddress ?? '127.0.0.1',
      userAgent: headers['user-agent'] ?? '',
    },
    requestId,
    routeKey: routeKey(match.route),
    stage: '$default',
    time: commonLogTime(now),
    timeEpoch: now,
  };
}

/** The access key of the signature, empty when there is none. */
function signerOf(req: IncomingMessage): string {
  const header = /Credential=([^/,\s]+)\//.exec(req.headers.authorization ?? '')?.[1];
  return header ?? /[?&]X-Amz-Credential=([^&/%]+)/.exec(req.url ?? '')?.[1] ?? '';
}

/** What comes more than once, with commas. */
function joined(
  entries: readonly (readonly [string, readonly string[] | undefined])[],
): Record<string, string> {
  return Object.fromEntries(entries.map(([name, values]) => [name, values?.join(',') ?? '']));
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(time: number): string {
  return new Date(time).toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/, '$1/$2/$3:$4 +0000');
}
