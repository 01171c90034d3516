/** What is known of one declared source of a pipeline. */

export interface SourceState {
  readonly name: string;
  /** The address that the rest is about. */
  readonly url: string;
  /** Files that it has brought so far, whatever its address was. */
  readonly drops: number;
  /** When the last look at it began, epoch milliseconds; undefined before the first one has ended. */
  readonly checkedAt?: number;
  /** Looks in a row that failed. */
  readonly failures: number;
  /** Why the last look failed. */
  readonly problem?: { readonly reason: string; readonly at: string };
  readonly last?: SourceFile;
  /** A Processing job pulls it, because it is larger or slower than a function can bear. */
  readonly job?: SourceJob;
  /** Jobs that were begun so far, whatever its address was. */
  readonly jobs?: number;
  /** Somebody looks at it; until this time (epoch milliseconds) nobody else does. */
  readonly busyUntil?: number;
}

/** The last file that it brought; `at` is when it was fetched. */
export interface SourceFile {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly etag?: string;
  readonly lastModified?: string;
  readonly at: string;
}

export interface SourceJob {
  readonly name: string;
  /** When it was decided on (ISO 8601). */
  readonly since: string;
  /** What the other side says of the file's length, where it does. */
  readonly bytes?: number;
}
