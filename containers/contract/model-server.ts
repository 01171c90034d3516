import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import type { ContainerConfig } from './config.ts';
import { RequestError } from './request-error.ts';

export interface InferenceRequest {
  readonly contentType: string | undefined;
  readonly accept: string | undefined;
  /** Never empty: an empty body is answered with 204 before. */
  readonly body: Buffer;
}

export interface InferenceAnswer {
  readonly contentType: string;
  readonly body: string;
}

/** A loaded model. Throws RequestError for a request that it refuses. */
export type Infer = (request: InferenceRequest) => InferenceAnswer | Promise<InferenceAnswer>;

export interface ModelServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the HTTP server of the serving contract: `GET /ping` (200 once the model is loaded, 503 before),
 * `POST /invocations`, `GET /execution-parameters`. Rejects, closed, where the model cannot be loaded. */
export async function startModelServer(
  config: ContainerConfig,
  load: () => Promise<Infer>,
): Promise<ModelServer> {
  let infer: Infer | undefined;
  const server = createServer((request, response) => {
    answer(config, infer, request, response).catch((error: unknown) => fail(response, error));
  });
  // Longer than a caller keeps an idle connection, so that no request meets a closing one.
  server.keepAliveTimeout = 75_000;
  await listen(server, config);
  try {
    infer = await load();
  } catch (error) {
    await close(server);
    throw error;
  }
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

function listen(server: Server, config: ContainerConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, () => resolve());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

async function answer(
  config: ContainerConfig,
  infer: Infer | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url?.split('?')[0];
  switch (`${request.method} ${path}`) {
    case 'GET /ping':
      return send(response, infer ? 200 : 503, 'text/plain', '');
    case 'GET /execution-parameters':
      return send(response, 200, 'application/json', executionParameters(config));
    case 'POST /invocations':
      return invoke(config, infer, request, response);
    default:
      throw new RequestError(404, `There is no ${request.method} ${path} here.`);
  }
}

async function invoke(
  config: ContainerConfig,
  infer: Infer | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, config.maxBodyBytes);
  if (!infer) throw new RequestError(503, 'The model is still being loaded.');
  if (body.length === 0) return send(response, 204, 'text/plain', '');
  const { 'content-type': contentType, accept } = request.headers;
  const result = await infer({ contentType, accept, body });
  send(response, 200, result.contentType, result.body);
}

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    // Reads on to the end, so that the caller gets the answer instead of a broken pipe, but keeps nothing.
    if (size <= limit) chunks.push(chunk as Buffer);
  }
  if (size > limit) throw new RequestError(413, `The body has ${size} bytes; the limit is ${limit}.`);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

function executionParameters(config: ContainerConfig): string {
  return JSON.stringify({
    MaxConcurrentTransforms: availableParallelism(),
    BatchStrategy: 'MULTI_RECORD',
    MaxPayloadInMB: Math.floor(config.maxPayloadBytes / 1024 / 1024),
  });
}

function fail(response: ServerResponse, error: unknown): void {
  if (error instanceof RequestError) {
    send(response, error.status, error.contentType, error.message);
    return;
  }
  console.error(error);
  send(response, 500, 'text/plain', 'The model failed on this request.');
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  if (response.headersSent || response.destroyed) return;
  if (status === 204) {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
