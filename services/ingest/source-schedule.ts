/** When a declared source is looked at, and what is remembered of each look. Pure. */
import { type SourceSpecification, sourceName } from '../../shared/contracts/declared-sources.ts';
import { secondsOf } from '../../shared/contracts/duration.ts';
import type { SourceFile, SourceState } from '../../shared/lifecycle/source.ts';
import type { Fetched, Validators } from './ports.ts';

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

/** When it is to be looked at next, epoch milliseconds; 0 is at once. */
export function dueAt(source: DeclaredSource, state: SourceState | undefined): number {
  if (!state) return 0;
  const { url, checkedAt, failures, busyUntil = 0 } = state;
  const regular =
    url !== source.url || checkedAt === undefined ? 0 : checkedAt + waitAfter(failures, source.everyMs);
  return Math.max(regular, busyUntil);
}

/** Somebody begins to look. What was known of another address is forgotten, but not how many files it brought. */
export function claimed(source: DeclaredSource, state: SourceState | undefined, now: number): SourceState {
  const { name, url } = source;
  const known = state?.url === url ? state : { name, url, drops: state?.drops ?? 0, failures: 0 };
  return { ...known, busyUntil: now + LEASE_MS };
}

/** What a source may answer "unchanged" to. */
export function validatorsOf({ last }: SourceState): Validators {
  return {
    ...(last?.etag ? { etag: last.etag } : {}),
    ...(last?.lastModified ? { lastModified: last.lastModified } : {}),
  };
}

export const isNew = (
  state: SourceState,
  fetched: Fetched,
): fetched is Extract<Fetched, { kind: 'fetched' }> =>
  fetched.kind === 'fetched' && fetched.sha256 !== state.last?.sha256;

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

const looked = ({ busyUntil: _, problem: __, ...state }: SourceState, at: number): SourceState => ({
  ...state,
  checkedAt: at,
  failures: 0,
});

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

export function failed(state: SourceState, at: number, reason: string): SourceState {
  return {
    ...looked(state, at),
    failures: state.failures + 1,
    problem: { reason, at: new Date(at).toISOString() },
  };
}

export const tagsOf = ({ etag, lastModified }: Validators): Validators => ({
  ...(etag ? { etag } : {}),
  ...(lastModified ? { lastModified } : {}),
});
