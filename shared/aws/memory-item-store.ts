/** The item store in memory, for tests of the services: the same conditions, orders and pages as the table's, held to
 * the same spec (item-store.spec-of.ts). States are copied in and out, as the wire does. */
import type { LifecycleEvent } from '../contracts/events.ts';
import { Conflict, type Due, type ItemStore, type Key, type ListPlace, type Stored } from './item-store.ts';

const OUTBOX_GRACE_MS = 5_000;
/** DynamoDB's limit of one item. */
const MOST_BYTES = 400 * 1024;

interface Entry {
  readonly key: Key;
  readonly version: number;
  readonly state: unknown;
  readonly pending: Readonly<Record<string, LifecycleEvent>>;
  readonly due?: Due | undefined;
  readonly place?: ListPlace | undefined;
}

interface ListPage {
  readonly limit: number;
  readonly next?: string | undefined;
  readonly oldestFirst?: boolean;
}

const nameOf = ({ pk, sk }: Key): string => JSON.stringify([pk, sk]);

/** Members that are undefined are dropped; a number that the table cannot hold is refused, as the client does. */
function copied<T>(value: T): T {
  const text = JSON.stringify(value, (_, member) => {
    if (typeof member === 'number' && !Number.isFinite(member)) throw new Error(`${member} is not allowed`);
    return member;
  });
  return JSON.parse(text) as T;
}

/** The table orders strings by their UTF-8 bytes. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function outbox(
  key: Key,
  version: number,
  events: readonly LifecycleEvent[] = [],
): Record<string, LifecycleEvent> {
  return Object.fromEntries(events.map((event, index) => [`${key.sk}-${version}-${index}`, event]));
}

function toStored<S>({ key, version, state, pending, due }: Entry): Stored<S> {
  return copied({ key, version, state, pending, ...(due ? { due } : {}) }) as Stored<S>;
}

/** `owner` is the service that writes, as in createItemStore. Every store has its own items. */
export function createMemoryItemStore(options: { owner: string; now: () => number }): ItemStore {
  const { owner, now } = options;
  const entries = new Map<string, Entry>();

  function dueWith(due: Due | undefined, pending: object): Due | undefined {
    if (Object.keys(pending).length === 0) return due;
    const at = now() + OUTBOX_GRACE_MS;
    return { owner, at: due?.owner === owner ? Math.min(due.at, at) : at };
  }

  function keep(entry: Entry): void {
    if (JSON.stringify(entry).length > MOST_BYTES) {
      throw new Error('Item size has exceeded the maximum allowed size');
    }
    entries.set(nameOf(entry.key), copied(entry));
  }

  /** The entry at exactly the version that the caller has seen. */
  function seen({ key, version }: Pick<Stored<unknown>, 'key' | 'version'>): Entry | undefined {
    const entry = entries.get(nameOf(key));
    return entry?.version === version ? entry : undefined;
  }

  return {
    load: async <S>(key: Key) => {
      const entry = entries.get(nameOf(key));
      return entry && toStored<S>(entry);
    },
    loadAll: async <S>(keys: readonly Key[]) =>
      keys.map((key) => {
        const entry = entries.get(nameOf(key));
        return entry && toStored<S>(entry);
      }),
    create: async (key, { state, events, due: wanted }, place) => {
      if (entries.has(nameOf(key))) return undefined;
      const pending = outbox(key, 1, events);
      const due = dueWith(wanted, pending);
      keep({ key, version: 1, state, pending, due, place });
      return { key, version: 1, state, pending, ...(due ? { due } : {}) };
    },
    commit: async (stored, { state, events, due: wanted }) => {
      const { key } = stored;
      const entry = seen(stored);
      if (!entry) throw new Conflict(key);
      const version = entry.version + 1;
      const added = outbox(key, version, events);
      const pending = { ...stored.pending, ...added };
      const due = dueWith(wanted, pending);
      keep({ ...entry, version, state, pending: { ...entry.pending, ...added }, due });
      return { key, version, state, pending, ...(due ? { due } : {}) };
    },
    forget: async ({ key }, eventIds) => {
      if (eventIds.length === 0) return;
      const entry = entries.get(nameOf(key));
      if (!entry) throw new Error(`${key.pk}/${key.sk} is not there`);
      const left = Object.entries(entry.pending).filter(([id]) => !eventIds.includes(id));
      keep({ ...entry, pending: Object.fromEntries(left) });
    },
    postpone: async (stored, due) => {
      const entry = seen(stored);
      if (entry) keep({ ...entry, due });
    },
    due: async (wanted, time, limit) =>
      [...entries.values()]
        .flatMap(({ key, due }) => (due?.owner === wanted && due.at <= time ? [{ key, at: due.at }] : []))
        .sort((a, b) => a.at - b.at)
        .slice(0, limit)
        .map(({ key }) => copied(key)),
    beneath: async <S>(pk: string, prefix: string) =>
      [...entries.values()]
        .filter(({ key }) => key.pk === pk && key.sk.startsWith(prefix))
        .sort((a, b) => byBytes(a.key.sk, b.key.sk))
        .map(({ state }) => copied(state) as S),
    list: async <S>(list: string, page: ListPage) => {
      const sign = page.oldestFirst ? 1 : -1;
      const found = listed([...entries.values()], list).sort((a, b) => sign * byBytes(a.at, b.at));
      const after = page.next && Buffer.from(page.next, 'base64url').toString();
      const rest = after ? found.filter(({ at }) => sign * byBytes(at, after) > 0) : found;
      const shown = rest.slice(0, page.limit);
      const items = shown.map(({ entry }) => copied(entry.state) as S);
      const last = shown.at(-1);
      // A full page names its end even when nothing follows, as a query with a Limit does.
      if (!last || shown.length < page.limit) return { items };
      return { items, next: Buffer.from(last.at).toString('base64url') };
    },
  };
}

/** A list's entries with their places as sortable text; the key breaks ties. */
function listed(entries: readonly Entry[], list: string): { at: string; entry: Entry }[] {
  return entries.flatMap((entry) =>
    entry.place?.key === list ? [{ at: `${entry.place.order}\u0000${nameOf(entry.key)}`, entry }] : [],
  );
}
