import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that only this machine reaches. */
export interface Listener {
  /** Resolves to the port that it listens on; 0 asks for a free one. */
  listen(port: number): Promise<number>;
  /** Ends its connections, too. */
  close(): Promise<void>;
}

export function listenerOf(server: Server): Listener {
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
