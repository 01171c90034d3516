/** A source's content on its way to the disk: counted, hashed, and cut off at the limit. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SourceProblem, shown, tooLargeSource } from './source-problem.ts';

export interface Saving {
  readonly path: string;
  readonly limitBytes: number;
  readonly signal: AbortSignal;
}

export interface Saved {
  readonly bytes: number;
  readonly sha256: string;
}

/** `declaredBytes` is what the other side says of its length. Throws SourceProblem where there is too much or nothing. */
export async function saveSource(
  url: string,
  content: Readable,
  declaredBytes: number,
  { path, limitBytes, signal }: Saving,
): Promise<Saved> {
  if (declaredBytes > limitBytes) {
    content.destroy();
    throw tooLargeSource(url, limitBytes);
  }
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(bytes > limitBytes ? tooLargeSource(url, limitBytes) : null, chunk);
    },
  });
  await pipeline(content, meter, createWriteStream(path), { signal });
  if (bytes === 0) throw new SourceProblem(`${shown(url)} is empty; put the data there`);
  return { bytes, sha256: hash.digest('hex') };
}
