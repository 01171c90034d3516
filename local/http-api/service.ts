import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError } from '../aws-error.ts';
import { readBody } from '../json-protocol.ts';
import type { Clock, Identity, Invoke } from '../ports.ts';
import { type Cors, corsHeaders, isPreflight } from './cors.ts';
import { toEvent } from './event.ts';
import { type HttpAnswer, message, toAnswer } from './response.ts';
import { createRouter, type Route } from './route.ts';

const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_INTEGRATION_MS = 30_000;

export interface HttpApiOptions {
  readonly routes: readonly Route[];
  readonly cors?: Cors | undefined;
  readonly invoke: Invoke;
  readonly identity: Identity;
  readonly clock: Clock;
}

/** An HTTP API of API Gateway with Lambda integrations, on 127.0.0.1. */
export interface HttpApi {
  /** Resolves to the port that it listens on; 0 asks for a free one. */
  listen(port: number): Promise<number>;
  close(): Promise<void>;
}

export function createHttpApi(options: HttpApiOptions): HttpApi {
  const find = createRouter(options.routes);
  const server = createServer((req, res) => {
    const requestId = randomUUID();
    answer(req, res, requestId)
      .catch((error: unknown) => failure(error))
      .then((reply) => send(req, res, requestId, reply));
  });

  async function answer(req: IncomingMessage, res: ServerResponse, requestId: string): Promise<HttpAnswer> {
    if (isPreflight(options.cors, req)) return { status: 204, headers: {}, body: Buffer.alloc(0) };
    // An origin-form target only; anything else (`//host`, `*`) names no route.
    const target = req.url?.startsWith('/') ? req.url : '/';
    const url = new URL(`http://api${target}`);
    const match = find(req.method ?? 'GET', url.pathname);
    if (!match) return message(404, 'Not Found');
    const body = await readBody({ req, res, url, accessKeyId: '', requestId }, MAX_BODY_BYTES);
    const { identity } = options;
    const event = toEvent({ req, url, match, body, identity, requestId, now: options.clock.now() });
    return invoke(match.route, JSON.stringify(event));
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
    // A body that was refused unread may still be on its way: the connection ends with the answer.
    const end = req.complete || reply.status !== 413 ? {} : { connection: 'close' };
    const headers = {
      ...reply.headers,
      ...corsHeaders(options.cors, req),
      ...end,
      'apigw-requestid': requestId,
    };
    const empty = reply.status === 204 || reply.status === 304;
    res.writeHead(reply.status, empty ? headers : { ...headers, 'content-length': reply.body.length });
    res.end(empty ? undefined : reply.body);
  }

  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function failure(error: unknown): HttpAnswer {
  if (error instanceof AwsError && error.status === 413) return message(413, 'Request Entity Too Large');
  if (error instanceof AwsError && error.status === 429) return message(503, 'Service Unavailable');
  console.error(error);
  return message(500, 'Internal Server Error');
}
