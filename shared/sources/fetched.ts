/** What is asked of a source, and what it answers with: the same in the function and in the job. */

/** What a source has told of its content before. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export interface Content extends Validators {
  readonly bytes: number;
  readonly sha256: string;
}

export type Fetched = { readonly kind: 'unchanged' } | ({ readonly kind: 'fetched' } & Content);

/** Fetches an address into the file `path`. Throws SourceProblem when the source is to blame, BeyondLimits where it is
 * larger or slower than `limits` allow. */
export type FetchSource = (
  url: string,
  request: { readonly known: Validators; readonly path: string },
) => Promise<Fetched>;

/** What a pull may take. */
export interface PullLimits {
  readonly bytes: number;
  /** Of the whole pull, redirects included. */
  readonly timeoutMs: number;
  /** Longest silence of a web server. */
  readonly idleMs: number;
}
