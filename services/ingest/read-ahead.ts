/** Small objects are fetched a few ahead of their reader: ten thousand of them would otherwise be as many round trips,
 * one after the other. */
import type { Part } from '../../shared/lifecycle/run.ts';

/** Together with SMALL_BYTES it bounds what waits for the reader: 1 MiB. */
const MOST_AHEAD = 16;
const SMALL_BYTES = 64 * 1024;

type Content = AsyncIterable<Uint8Array>;

/** Opens the part at `index`. Any order is right and any part may be opened again; their own order is the fast one.
 * Throws what opening or reading that part throws, as if it had been fetched only then. */
export type OpenPart = (index: number) => Promise<Content>;

export function readAhead(
  parts: readonly Part[],
  open: (part: Part) => Promise<Content>,
  most: number = MOST_AHEAD,
): OpenPart {
  const ahead = new Map<number, Promise<readonly Uint8Array[]>>();

  function fetchAfter(index: number): void {
    for (let next = index + 1; next <= index + most && ahead.size < most; next += 1) {
      const part = parts[next];
      if (!part || part.size > SMALL_BYTES || ahead.has(next)) continue;
      const content = open(part).then((chunks) => Array.fromAsync(chunks));
      // Whoever opens it is told; perhaps nobody does.
      content.catch(() => undefined);
      ahead.set(next, content);
    }
  }

  return async (index) => {
    const fetched = ahead.get(index);
    ahead.delete(index);
    const content = fetched ? fetched.then(inOrder) : open(parts[index] as Part);
    fetchAfter(index);
    return content;
  };
}

async function* inOrder(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
