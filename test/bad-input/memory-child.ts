/** Prepares one endless file (or the one at the path that is given) and tells what it took: how it ended, bytes that were asked for, the largest resident
 * memory in MiB. In a process of its own, under a heap that could not hold the file. */
import { createReadStream } from 'node:fs';
import { createGzip } from 'node:zlib';
import { prepare, specificationOf } from './run-case.ts';

const MIB = 1024 ** 2;
let pulled = 0;

async function* repeated(begin: string, piece: string, bytes: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.from(piece.repeat(Math.ceil(MIB / piece.length)));
  yield Buffer.from(begin);
  for (pulled = 0; pulled < bytes; pulled += chunk.length) yield chunk;
}

async function* gzipped(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip({ level: 1 });
  void (async () => {
    for await (const chunk of content)
      if (!gzip.write(chunk)) await new Promise((resolve) => gzip.once('drain', resolve));
    gzip.end();
  })();
  yield* gzip as AsyncIterable<Buffer>;
}

const HEADER = 'y,a,t\n';
const SIZE = 300 * MIB;

const files: Readonly<Record<string, () => AsyncIterable<Uint8Array>>> = {
  small: () => repeated(`${HEADER}0,1,x\n`, '\n', 1),
  cell: () => repeated(`${HEADER}0,1,`, 'z', SIZE),
  quoted: () => repeated(`${HEADER}0,1,"`, 'z', SIZE),
  header: () => repeated('', 'z', SIZE),
  columns: () => repeated(HEADER, ',', SIZE),
  newlines: () => repeated(`${HEADER}0,1,x\n`, '\n', SIZE),
  json: () => repeated('{"y":0,"t":"', 'z', SIZE),
  path: () => createReadStream(path),
  bomb: () => gzipped(repeated(HEADER, '\n', 20 * SIZE)),
};

const [, , name = '', path = ''] = process.argv;
const content = files[name]?.();
if (!content) throw new RangeError(`There is no file called ${name}`);
const outcome = await prepare({
  data: specificationOf(),
  files: [{ key: 'endless.csv', content: () => content, size: MIB }],
});
const residentMib = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`${JSON.stringify({ outcome, pulledMib: Math.ceil(pulled / MIB), residentMib })}\n`);
