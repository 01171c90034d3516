import type { Case } from './arbitrary-case.ts';

export type Outcome =
  | { readonly kind: 'written'; readonly directory: string }
  /** What the engine threw: no engine may fail over any data. */
  | { readonly kind: 'failed'; readonly failure: string }
  /** An engine without files: how it differs from the reference. */
  | { readonly kind: 'compared'; readonly sentences: readonly string[] };

export interface Engine {
  readonly name: string;
  /** Answers what came of each case, in order; files lie below `directory`. */
  prepare(cases: readonly Case[], directory: string): Promise<readonly Outcome[]>;
  stop(): Promise<void>;
}
