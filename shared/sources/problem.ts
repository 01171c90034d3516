/** A source could not be read, and it (or its declaration) is to blame. The message names its address and says what to
 * do; it never holds the address's query, which may be a secret. */
export class SourceProblem extends Error {
  readonly code: string = 'SourceProblem';
}

/** It is larger, or takes longer, than whoever pulls it can bear: another with more room and time may. */
export class BeyondLimits extends SourceProblem {
  override readonly code = 'BeyondLimits';
  /** What the other side says of its length, where it does. */
  readonly bytes: number | undefined;

  constructor(message: string, bytes?: number) {
    super(message);
    this.bytes = bytes;
  }
}

export const tooLarge = (url: string, limitBytes: number, bytes?: number): BeyondLimits =>
  new BeyondLimits(
    `${shown(url)} has more than ${limitBytes.toLocaleString('en')} bytes, the most that can be pulled; split it into several files, or drop it into the bucket yourself`,
    bytes,
  );

export const tooSlow = (url: string, timeoutMs: number): BeyondLimits =>
  new BeyondLimits(
    `${shown(url)} took longer than ${timeoutMs / 1000} s; let a faster place serve it, or drop it into the bucket yourself`,
  );

/** An address without its query and fragment. */
export const shown = (url: string): string => url.replace(/[?#].*$/s, '').slice(0, 300);
