/** A byte stream as lines of UTF-8 text, with bounded memory. */

/** Longer lines are cut here; what follows up to the line's end is passed over. */
export const LONGEST_LINE = 16 * 1024 * 1024;

/** Lines end with LF or CRLF; a byte order mark is no part of the first. */
export async function* textLines(
  chunks: AsyncIterable<Uint8Array>,
  longest = LONGEST_LINE,
): AsyncIterable<string> {
  let parts: string[] = [];
  let length = 0;
  let isFirst = true;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  const add = (text: string): void => {
    const kept = text.slice(0, Math.max(0, longest - length));
    if (kept) parts.push(kept);
    length += kept.length;
  };
  const take = (): string => {
    const line = parts.join('').replace(/\r$/, '');
    parts = [];
    length = 0;
    const text = isFirst ? line.replace(/^\uFEFF/, '') : line;
    isFirst = false;
    return text;
  };

  for await (const chunk of chunks) {
    const pieces = decoder.decode(chunk, { stream: true }).split('\n');
    for (const [i, piece] of pieces.entries()) {
      add(piece);
      if (i < pieces.length - 1) yield take();
    }
  }
  add(decoder.decode());
  if (length > 0) yield take();
}
