/** When a declared source is looked at, and what is remembered of each look. Pure. */
import { type SourceSpecification, sourceName } from '../../shared/contracts/declared-sources.ts';
import { secondsOf } from '../../shared/contracts/duration.ts';
import type { Origin } from '../../shared/lifecycle/run.ts';
import type { SourceFile, SourceJob, SourceState } from '../../shared/lifecycle/source.ts';
import type { Content, Fetched, Validators } from '../../shared/sources/fetched.ts';

export interface DeclaredSource {
  readonly name: string;
  readonly url: string;
  readonly everyMs: number;
}

/** Longer than a function may run: whoever holds a source for so long is gone. */
export const LEASE_MS = 16 * 60_000;
const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 60 * 60_000;

export const declaredSources = (sources: readonly SourceSpecification[] = []): readonly DeclaredSource[] =>
  sources.map((source, at) => ({
    name: sourceName(source, at),
    url: source.url,
    everyMs: secondsOf(source.every) * 1000,
  }));

/** After a failure it is tried again sooner: after 1, 2, 4, … minutes, an hour at most, and never later than usual. */
export const waitAfter = (failures: number, everyMs: number): number =>
  failures === 0
    ? everyMs
    : Math.min(everyMs, LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 30));

/** When it is to be looked at next, epoch milliseconds; 0 is at once. A job is looked at whenever somebody can. */
export function dueAt(source: DeclaredSource, state: SourceState | undefined): number {
  if (!state) return 0;
  const { url, checkedAt, failures, job, busyUntil = 0 } = state;
  const isDue = url !== source.url || job !== undefined || checkedAt === undefined;
  return Math.max(isDue ? 0 : checkedAt + waitAfter(failures, source.everyMs), busyUntil);
}

/** Somebody begins to look. What was known of another address is forgotten, but not how many files and jobs there were:
 * they number the next ones. */
export function claimed(source: DeclaredSource, state: SourceState | undefined, now: number): SourceState {
  const known = state?.url === source.url ? state : anew(source, state);
  return { ...known, busyUntil: now + LEASE_MS };
}

const anew = (
  { name, url }: DeclaredSource,
  { drops = 0, jobs }: Partial<SourceState> = {},
): SourceState => ({
  name,
  url,
  drops,
  ...(jobs === undefined ? {} : { jobs }),
  failures: 0,
});

/** What a source may answer "unchanged" to. */
export function validatorsOf({ last }: SourceState): Validators {
  return {
    ...(last?.etag ? { etag: last.etag } : {}),
    ...(last?.lastModified ? { lastModified: last.lastModified } : {}),
  };
}

export const isNew = <F extends Fetched>(
  state: SourceState,
  fetched: F,
): fetched is Extract<F, { kind: 'fetched' }> =>
  fetched.kind === 'fetched' && fetched.sha256 !== state.last?.sha256;

/** What is remembered of a file, and told by its metadata. `at`: when it was fetched (ISO 8601). */
export function fileOf(
  pipeline: string,
  state: SourceState,
  { bytes, sha256, ...told }: Content,
  at: string,
): { readonly file: SourceFile; readonly origin: Origin } {
  const { name: source, url } = state;
  const tags = tagsOf(told);
  return {
    file: { key: sourceFileKey(pipeline, state, { sha256 }), bytes, sha256, ...tags, at },
    origin: { source, url, sha256, fetchedAt: at, ...(tags.etag ? { etag: tags.etag } : {}) },
  };
}

/** The key of the next file: the same for the same content after the same files, so that whoever writes it again after
 * a crash writes the same object; rising, so that later files come later. */
export function sourceFileKey(
  pipeline: string,
  { name, url, drops }: SourceState,
  { sha256 }: { readonly sha256: string },
): string {
  const number = String(drops + 1).padStart(6, '0');
  return `incoming/${pipeline}/source-${name}/${number}-${sha256.slice(0, 16)}${extensionOf(url)}`;
}

/** For people only: the engine goes by the content. */
const extensionOf = (url: string): string =>
  /\.(csv|tsv|txt|jsonl|ndjson|json|parquet)(\.(gz|zst))?$|\.(gz|zst)$/i
    .exec(url.replace(/[?#].*$/s, ''))?.[0]
    .toLowerCase() ?? '';

const looked = ({ busyUntil: _, problem: __, job: ___, ...state }: SourceState, at: number): SourceState => ({
  ...state,
  checkedAt: at,
  failures: 0,
});

/** A job pulls it from now on. */
export const handedOn = (state: SourceState, job: SourceJob): SourceState => ({
  ...waiting(state),
  job,
  jobs: (state.jobs ?? 0) + 1,
});

/** Its job is not done. */
export const waiting = ({ busyUntil: _, ...state }: SourceState): SourceState => state;

export const unchanged = (state: SourceState, at: number, fetched: Fetched): SourceState => {
  const next = looked(state, at);
  if (!next.last || fetched.kind !== 'fetched') return next;
  const { etag: _, lastModified: __, ...file } = next.last;
  return { ...next, last: { ...file, ...tagsOf(fetched) } };
};

export const brought = (state: SourceState, at: number, file: SourceFile): SourceState => ({
  ...looked(state, at),
  drops: state.drops + 1,
  last: file,
});

/** Its job could not be looked at, or what that has brought not be taken: it waits for the next look. */
export const hindered = (state: SourceState, at: number, reason: string): SourceState => ({
  ...waiting(state),
  problem: problemOf(reason, at),
});

const problemOf = (reason: string, at: number) => ({ reason, at: new Date(at).toISOString() });

export function failed(state: SourceState, at: number, reason: string): SourceState {
  return {
    ...looked(state, at),
    failures: state.failures + 1,
    problem: problemOf(reason, at),
  };
}

export const tagsOf = ({ etag, lastModified }: Validators): Validators => ({
  ...(etag ? { etag } : {}),
  ...(lastModified ? { lastModified } : {}),
});
