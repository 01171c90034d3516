/** The baseline of puts: `node bare-server.ts DIR` writes each body to a file of its own and answers. Prints its URL. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { pipeline } from 'node:stream/promises';

const [dir = '.'] = process.argv.slice(2);
const server = createServer((request, response) => {
  pipeline(request, createWriteStream(join(dir, randomUUID()))).then(
    () => response.end(),
    () => response.destroy(),
  );
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
