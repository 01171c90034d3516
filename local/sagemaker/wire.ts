import type { Document } from './store.ts';

/** The JSON 1.1 form of a document: times (members that end in `Time`, epoch ms) become epoch seconds. */
export function toWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, isTime(key, each) ? Number(each) / 1000 : toWire(each)]),
  );
}

const isTime = (key: string, value: unknown) => typeof value === 'number' && /(?:Time|^Timestamp)$/.test(key);

interface Listed extends Document {
  readonly LastModifiedTime?: number;
}

interface Listing {
  /** The response member that holds the summaries. */
  readonly member: string;
  readonly status?: (document: never) => string;
  readonly summary: (document: never) => unknown;
  readonly order: 'Ascending' | 'Descending';
}

/**
 * A List action: NameContains, StatusEquals, CreationTime/LastModifiedTime After and Before, SortBy, SortOrder,
 * MaxResults (10 by default, as AWS) and NextToken.
 */
export function answerList<T extends Listed>(
  documents: T[],
  input: Record<string, unknown>,
  listing: Listing,
): unknown {
  const statusOf = (document: T) => listing.status?.(document as never) ?? '';
  const kept = documents.filter(
    (document) =>
      document.name.includes(String(input.NameContains ?? '')) &&
      (input.StatusEquals === undefined || statusOf(document) === input.StatusEquals) &&
      within(document.CreationTime, input.CreationTimeAfter, input.CreationTimeBefore) &&
      within(
        document.LastModifiedTime ?? document.CreationTime,
        input.LastModifiedTimeAfter,
        input.LastModifiedTimeBefore,
      ),
  );
  const sortKey = (document: T): string | number => {
    if (input.SortBy === 'Name') return document.name;
    return input.SortBy === 'Status' ? statusOf(document) : document.CreationTime;
  };
  const sign = (input.SortOrder ?? listing.order) === 'Descending' ? -1 : 1;
  kept.sort((a, b) => sign * (compare(sortKey(a), sortKey(b)) || compare(a.name, b.name)));
  const from = Number.parseInt(String(input.NextToken ?? '0'), 10) || 0;
  const to = from + Math.min(100, Math.max(1, Number(input.MaxResults ?? 10)));
  const summaries = kept.slice(from, to).map((document) => toWire(listing.summary(document as never)));
  return { [listing.member]: summaries, ...(to < kept.length ? { NextToken: String(to) } : {}) };
}

const compare = (a: string | number, b: string | number) => (a < b ? -1 : Number(a > b));

function within(time: number, after: unknown, before: unknown): boolean {
  return (
    (after === undefined || time > Number(after) * 1000) &&
    (before === undefined || time < Number(before) * 1000)
  );
}
