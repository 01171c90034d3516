/** A source's content on its way to the disk: counted, hashed, and cut off at the limit. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Content } from './fetched.ts';
import { SourceProblem, shown, tooLarge } from './problem.ts';

export interface Saving {
  readonly path: string;
  readonly limitBytes: number;
  readonly signal: AbortSignal;
}

/** `declaredBytes` is what the other side says of its length, where it does. Throws BeyondLimits where there is too much,
 * SourceProblem where there is nothing. */
export async function saveSource(
  url: string,
  content: Readable,
  declaredBytes: number | undefined,
  { path, limitBytes, signal }: Saving,
): Promise<Pick<Content, 'bytes' | 'sha256'>> {
  if (declaredBytes !== undefined && declaredBytes > limitBytes) {
    content.destroy();
    throw tooLarge(url, limitBytes, declaredBytes);
  }
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(bytes > limitBytes ? tooLarge(url, limitBytes) : null, chunk);
    },
  });
  await pipeline(content, meter, createWriteStream(path), { signal });
  if (bytes === 0) throw new SourceProblem(`${shown(url)} is empty; put the data there`);
  return { bytes, sha256: hash.digest('hex') };
}
