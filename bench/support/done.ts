/** Where functions tell that they are done, and with which key. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Done extends AsyncDisposable {
  readonly url: string;
  /** Resolves when a function has told of the key. Throws after `seconds`. */
  told(key: string, seconds: number): Promise<void>;
}

export async function listenForDone(): Promise<Done> {
  const waiting = new Map<string, () => void>();
  const server = createServer((request, response) => {
    waiting.get(request.url?.slice(1) ?? '')?.();
    response.end();
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    told: (key, seconds) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`No function told of ${key} within ${seconds} s`)),
          seconds * 1000,
        );
        waiting.set(key, () => {
          clearTimeout(timer);
          waiting.delete(key);
          resolve();
        });
      }),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
