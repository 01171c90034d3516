/** Signs what comes and passes it on: the routes of the HTTP API want a signature, and the command line's is of the embedded
 * cloud's key. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Credentials, createSigner } from '../../../../cli/sign.ts';

export interface SigningGateway extends AsyncDisposable {
  readonly url: string;
}

/** Listens on 127.0.0.1 and passes every request to `apiUrl`. */
export async function startSigningGateway(options: {
  readonly apiUrl: string;
  readonly region: string;
  readonly credentials: Credentials;
}): Promise<SigningGateway> {
  const { apiUrl, region, credentials } = options;
  const signer = createSigner(credentials, 'execute-api', region);

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(`${apiUrl}${request.url}`);
    const body = await buffer(request);
    const signed = await signer.sign({
      method: request.method ?? 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, 'content-type': request.headers['content-type'] ?? 'application/json' },
      body,
    });
    const answer = await fetch(url, {
      method: signed.method,
      headers: signed.headers,
      ...(body.length > 0 && { body }),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }

  const server = createServer((request, response) => {
    pass(request, response).catch((error: unknown) => {
      response.writeHead(502);
      response.end(String(error));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
