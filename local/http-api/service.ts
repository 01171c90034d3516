import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { AwsError } from '../aws-error.ts';
import { readBody } from '../json-protocol.ts';
import { type Listener, listenerOf } from '../listener.ts';
import type { Clock, Identity, Invoke } from '../ports.ts';
import type { SignedRequest, Verdict } from '../signature.ts';
import { type Cors, isPreflight, withCors } from './cors.ts';
import { toEvent } from './event.ts';
import { type HttpAnswer, message, toAnswer } from './response.ts';
import { createRouter, decodePath, type Route } from './route.ts';

const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_INTEGRATION_MS = 30_000;

export interface HttpApiOptions {
  readonly routes: readonly Route[];
  readonly cors?: Cors | undefined;
  readonly invoke: Invoke;
  readonly identity: Identity;
  readonly clock: Clock;
  /** Checks the signatures of routes with `AWS_IAM`; see createHttpApi. */
  readonly verify?: ((request: SignedRequest) => Promise<Verdict>) | undefined;
}

/**
 * An HTTP API of API Gateway with Lambda integrations.
 *
 * The template's authorizer is `aws_iam`, and browsers and curl cannot sign. So, on one machine, whoever reaches a
 * route is the account: a signature tells who calls (its access key, unchecked), and without one the caller is the
 * account's root. With `verify` (strict signatures) a route with `AWS_IAM` answers as AWS does: a request that is not
 * signed for `execute-api`, or wrongly, or with a key that is unknown, gets 403 `{"message":"Forbidden"}`.
 */
export function createHttpApi(options: HttpApiOptions): Listener {
  const find = createRouter(options.routes);
  const server = createServer((req, res) => {
    const requestId = randomUUID();
    answer(req, res, requestId)
      .catch((error: unknown) => failure(error, req))
      .then((reply) => send(req, res, requestId, reply));
  });

  async function answer(req: IncomingMessage, res: ServerResponse, requestId: string): Promise<HttpAnswer> {
    // An origin-form target only; anything else (`*`, `http://…`) names no route.
    const target = req.url?.startsWith('/') ? req.url : '';
    const [rawPath = '', query = ''] = target.split(/\?(.*)/s);
    const path = decodePath(rawPath);
    const match = find(req.method ?? 'GET', path);
    if (!match && isPreflight(options.cors, req)) return { status: 204, headers: {}, body: Buffer.alloc(0) };
    if (!match) return message(404, 'Not Found');
    const url = new URL('http://api/');
    const body = await readBody({ req, res, url, accessKeyId: '', requestId }, MAX_BODY_BYTES);
    if (match.route.authorization === 'AWS_IAM' && !(await isSigned(req, body)))
      return message(403, 'Forbidden');
    const { identity, clock } = options;
    const event = toEvent({ req, path, query, match, body, identity, requestId, now: clock.now() });
    return invoke(match.route, JSON.stringify(event));
  }

  async function isSigned(req: IncomingMessage, body: Buffer): Promise<boolean> {
    if (!options.verify) return true;
    const bodyHash = () => createHash('sha256').update(body).digest('hex');
    const { method = '', url: target = '', headers } = req;
    if (!/\/execute-api\/|%2Fexecute-api%2F/.test(`${headers.authorization} ${target}`)) return false;
    return (await options.verify({ method, target, headers, bodyHash })).kind === 'valid';
  }

  async function invoke(
    { functionName, timeoutMs = MAX_INTEGRATION_MS }: Route,
    event: string,
  ): Promise<HttpAnswer> {
    const late = Promise.withResolvers<HttpAnswer>();
    const timer = setTimeout(() => late.resolve(message(503, 'Service Unavailable')), timeoutMs);
    try {
      return await Promise.race([options.invoke(functionName, event).then(toAnswer), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  function send(req: IncomingMessage, res: ServerResponse, requestId: string, reply: HttpAnswer): void {
    if (res.destroyed) return;
    const empty = reply.status === 204 || reply.status === 304;
    res.writeHead(reply.status, {
      ...withCors(reply.headers, options.cors, req),
      ...(!empty && { 'content-length': reply.body.length }),
      // A body that was refused unread may still be on its way: the connection ends with the answer.
      ...(!req.complete && { connection: 'close' }),
      'apigw-requestid': requestId,
    });
    res.end(empty ? undefined : reply.body);
  }

  return listenerOf(server);
}

function failure(error: unknown, req: IncomingMessage): HttpAnswer {
  if (error instanceof AwsError && error.status === 413) return message(413, 'Request Entity Too Large');
  if (error instanceof AwsError && error.status === 429) return message(503, 'Service Unavailable');
  // Who went away before the request was whole needs no answer.
  if (!req.destroyed) console.error(error);
  return message(500, 'Internal Server Error');
}
