import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Identity } from '../ports.ts';
import { type RouteMatch, routeKey } from './route.ts';

const TEXT = /^(text\/|application\/(json|javascript|xml)\b|application\/[\w.-]+\+(json|xml)\b)/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export interface Received {
  readonly req: IncomingMessage;
  readonly url: URL;
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
  const { req, url, match, body } = source;
  const { cookie, ...headers } = joinedHeaders(req);
  const query = [...new Set(url.searchParams.keys())];
  const isBase64Encoded = body.length > 0 && isBinary(headers);
  const key = routeKey(match.route);
  return {
    version: '2.0',
    routeKey: key,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie && { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(query.length > 0 && {
      queryStringParameters: Object.fromEntries(
        query.map((name) => [name, url.searchParams.getAll(name).join(',')]),
      ),
    }),
    requestContext: requestContext(source, key, headers),
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    ...(Object.keys(match.pathParameters).length > 0 && { pathParameters: { ...match.pathParameters } }),
    isBase64Encoded,
  };
}

function requestContext(
  { req, url, match, identity, requestId, now }: Received,
  key: string,
  headers: Record<string, string>,
): APIGatewayProxyEventV2['requestContext'] {
  const signer = /Credential=([^/,\s]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'anonymous';
  const iam = {
    accessKey: signer,
    accountId: identity.account,
    callerId: signer,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: `arn:aws:iam::${identity.account}:user/${signer}`,
    userId: signer,
  };
  return {
    accountId: identity.account,
    apiId: 'local',
    ...(match.route.authorization === 'AWS_IAM' && { authorizer: { iam } }),
    domainName: headers.host ?? '',
    domainPrefix: 'local',
    http: {
      method: req.method ?? 'GET',
      path: url.pathname,
      protocol: `HTTP/${req.httpVersion}`,
      sourceIp: req.socket.remoteAddress ?? '127.0.0.1',
      userAgent: headers['user-agent'] ?? '',
    },
    requestId,
    routeKey: key,
    stage: '$default',
    time: commonLogTime(new Date(now)),
    timeEpoch: now,
  };
}

function joinedHeaders(req: IncomingMessage): Record<string, string> {
  const joined = Object.entries(req.headersDistinct).map(([name, values]) => [name, values?.join(',') ?? '']);
  return Object.fromEntries(joined) as Record<string, string>;
}

function isBinary(headers: Record<string, string>): boolean {
  const type = headers['content-type'];
  return headers['content-encoding'] !== undefined || (type !== undefined && !TEXT.test(type.toLowerCase()));
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(date: Date): string {
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${day}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`;
}
