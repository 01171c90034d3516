/** What a Processing job is told that pulls a source, and what it leaves behind (containers/source). */
import type { Fetched, PullLimits, Validators } from './fetched.ts';

export const REQUEST_FILE = 'request.json';
export const RESULT_FILE = 'result.json';
/** The file itself, as the source gave it. */
export const CONTENT_FILE = 'content';

export interface PullRequest {
  readonly url: string;
  readonly known: Validators;
  /** Private networks that the stage allows, as 10.1.0.0/16. */
  readonly networks: readonly string[];
  /** Authorities that the function trusts beside Node's own, as PEM. */
  readonly authorities: readonly string[];
  readonly limits: PullLimits;
}

/** `at`: when the source was asked, ISO 8601. */
export type PullResult = Fetched & { readonly at: string };
