/** A source could not be read, and it (or its declaration) is to blame. The message names its address and says what to
 * do; it never holds the address's query, which may be a secret. */
export class SourceProblem extends Error {
  readonly code = 'SourceProblem';
}

/** A part as it lies has at most this many bytes (docs/data.md): more cannot be pulled by a function. */
export const MOST_SOURCE_BYTES = 2 * 1024 ** 3;

export const tooLargeSource = (url: string, limitBytes: number): SourceProblem =>
  new SourceProblem(
    `${shown(url)} has more than ${limitBytes.toLocaleString('en')} bytes, the most that can be pulled; split it into several files, or drop it into the bucket yourself`,
  );

/** An address without its query and fragment. */
export const shown = (url: string): string => url.replace(/[?#].*$/s, '').slice(0, 300);
