import { invalid } from './request.ts';
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
  const order = (a: Place, b: Place) => sign * (compare(a[0], b[0]) || compare(a[1], b[1]));
  const placed = kept
    .map((document) => ({ document, place: [sortKey(document), document.name] as Place }))
    .sort((a, b) => order(a.place, b.place));
  const after = input.NextToken === undefined ? undefined : placeOf(String(input.NextToken));
  const rest = after ? placed.filter(({ place }) => order(place, after) > 0) : placed;
  const page = rest.slice(0, Number(input.MaxResults ?? 10));
  const last = page.at(-1);
  return {
    [listing.member]: page.map(({ document }) => toWire(listing.summary(document as never))),
    ...(last && rest.length > page.length ? { NextToken: tokenOf(last.place) } : {}),
  };
}

/** Where a document stands in a listing. A token names the last one given: what comes or goes meanwhile moves no page. */
type Place = readonly [key: string | number, name: string];

const tokenOf = (place: Place) => Buffer.from(JSON.stringify(place)).toString('base64url');

function placeOf(token: string): Place {
  try {
    const [key, name] = JSON.parse(Buffer.from(token, 'base64url').toString()) as Place;
    return [key, name];
  } catch {
    throw invalid('Invalid NextToken.');
  }
}

const compare = (a: string | number, b: string | number) => (a < b ? -1 : Number(a > b));

function within(time: number, after: unknown, before: unknown): boolean {
  return (
    (after === undefined || time > Number(after) * 1000) &&
    (before === undefined || time < Number(before) * 1000)
  );
}
