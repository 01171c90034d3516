/** What every item store must do, whatever it keeps its items in. Called by a test file with a way to make stores. */
import type { LifecycleEvent } from '../contracts/events.ts';
import { Conflict, type ItemStore, type Key, type Stored } from './item-store.ts';

/** A store for the service `owner`, at the time that `now` tells (epoch ms). */
export type MakeStore = (options: { owner: string; now: () => number }) => ItemStore;

interface Count {
  readonly count: number;
  readonly note?: string | undefined;
}

const NOON = Date.UTC(2026, 0, 1, 12);
const GRACE_MS = 5_000;
const everything = Number.MAX_SAFE_INTEGER;

let tests = 0;
/** A partition of its own for each test: a table cannot be emptied between them. */
const freshPartition = (): string => `PIPELINE#test-${process.pid}-${tests++}`;

const event = (reason: string): LifecycleEvent => ({
  name: 'RetrainingSuppressed.v1',
  detail: { pipeline: 'digits', runId: 'digits-aaaaaaaaaa', version: 1, reason },
});

/** Registers the spec's tests in the surrounding `describe`. */
export function itemStoreSpec(makeStore: MakeStore): void {
  let time: number;
  let pk: string;
  let key: Key;
  let store: ItemStore;

  beforeEach(() => {
    time = NOON;
    pk = freshPartition();
    key = { pk, sk: 'RUN#one' };
    store = makeStore({ owner: 'training', now: () => time });
  });

  const create = async (state: Count, at: Key = key): Promise<Stored<Count>> => {
    const stored = await store.create<Count>(at, { state });
    if (!stored) throw new Error(`${at.sk} was there already`);
    return stored;
  };
  const load = async (): Promise<Stored<Count>> => {
    const stored = await store.load<Count>(key);
    if (!stored) throw new Error('The item is not there');
    return stored;
  };
  /** The due keys of this test's own partition. */
  const dueHere = async (owner: string, until: number): Promise<string[]> =>
    (await store.due(owner, until, 1_000)).filter((found) => found.pk === pk).map(({ sk }) => sk);

  describe('create and load', () => {
    it('answers nothing for a key that nobody wrote', async () => {
      expect(await store.load(key)).toBeUndefined();
    });

    it('keeps a new item as version 1, with nothing pending and nothing due', async () => {
      const created = await create({ count: 0 });
      expect(created).toEqual({ key, version: 1, state: { count: 0 }, pending: {} });
      expect(await load()).toEqual(created);
    });

    it('lets one of twenty racers create', async () => {
      const racers = Array.from({ length: 20 }, (_, count) =>
        store.create<Count>(key, { state: { count }, events: [event(`racer ${count}`)] }),
      );
      const winners = (await Promise.all(racers)).filter((stored) => stored !== undefined);
      expect(winners).toHaveLength(1);
      expect(await load()).toEqual(winners[0]);
    });

    it('drops undefined members and keeps later changes of the written object out', async () => {
      const state = { count: 1, note: undefined as string | undefined };
      await store.create<Count>(key, { state });
      state.count = 2;
      expect((await load()).state).toStrictEqual({ count: 1 });
    });

    it('refuses a number that a table cannot hold', async () => {
      await expect(store.create<Count>(key, { state: { count: Number.NaN } })).rejects.toThrow('NaN');
      expect(await store.load(key)).toBeUndefined();
    });

    it('refuses an item of more than 400 KB and keeps the old one', async () => {
      const stored = await create({ count: 1 });
      const note = 'x'.repeat(400 * 1024);
      await expect(store.commit(stored, { state: { count: 2, note } })).rejects.toThrow(/size/i);
      expect((await load()).version).toBe(1);
    });
  });

  describe('loading many', () => {
    it('answers each in the place of its key, also one that is asked for twice or is not there', async () => {
      const names = Array.from({ length: 230 }, (_, i) => `SEEN#${i}`);
      const there = names.filter((_, i) => i % 3 !== 0);
      for (const [i, sk] of there.entries()) await create({ count: i }, { pk, sk });
      const asked = [...names].reverse().concat('SEEN#1', 'SEEN#0', 'SEEN#1');
      const loaded = await store.loadAll<Count>(asked.map((sk) => ({ pk, sk })));
      expect(loaded.map((stored) => stored?.key.sk)).toEqual(
        asked.map((sk) => (there.includes(sk) ? sk : undefined)),
      );
      expect(loaded.at(-1)).toEqual(await store.load({ pk, sk: 'SEEN#1' }));
      expect(await store.loadAll([])).toEqual([]);
    });

    it('answers more than one answer of the table holds (16 MB)', async () => {
      const note = 'x'.repeat(380_000);
      const keys = Array.from({ length: 50 }, (_, i) => ({ pk, sk: `SEEN#${i}` }));
      for (const [count, at] of keys.entries()) await create({ count, note }, at);
      const loaded = await store.loadAll<Count>(keys);
      expect(loaded.map((stored) => stored?.state.count)).toEqual(keys.map((_, i) => i));
    });

    it('sees what was written a moment ago', async () => {
      const stored = await create({ count: 0 });
      const next = await store.commit(stored, { state: { count: 1 }, events: [event('a')] });
      expect(await store.loadAll([key])).toEqual([next]);
    });
  });

  describe('commit', () => {
    it('writes the next version', async () => {
      const next = await store.commit(await create({ count: 0 }), { state: { count: 1 } });
      expect(next).toEqual({ key, version: 2, state: { count: 1 }, pending: {} });
      expect(await load()).toEqual(next);
    });

    it('throws Conflict for a stale version and for an item that is not there, and changes nothing', async () => {
      const stale = await create({ count: 0 });
      await store.commit(stale, { state: { count: 1 } });
      await expect(store.commit(stale, { state: { count: 99 } })).rejects.toThrow(Conflict);
      await expect(store.commit(stale, { state: { count: 99 } })).rejects.toMatchObject({ code: 'Conflict' });
      expect((await load()).state).toEqual({ count: 1 });
      const nowhere = { ...stale, key: { pk, sk: 'RUN#nowhere' } };
      await expect(store.commit(nowhere, { state: { count: 1 } })).rejects.toThrow(Conflict);
      expect(await store.load(nowhere.key)).toBeUndefined();
    });

    it('loses no update among writers who load again after a Conflict', async () => {
      await create({ count: 0 });
      const increment = async (): Promise<void> => {
        const stored = await load();
        try {
          await store.commit(stored, { state: { count: stored.state.count + 1 } });
        } catch (error) {
          if (!(error instanceof Conflict)) throw error;
          await increment();
        }
      };
      await Promise.all(Array.from({ length: 8 }, increment));
      expect(await load()).toMatchObject({ version: 9, state: { count: 8 } });
    });
  });

  describe('the outbox', () => {
    it('keeps the events of every transition until each is forgotten', async () => {
      const created = await store.create<Count>(key, {
        state: { count: 0 },
        events: [event('a'), event('b')],
      });
      const next = await store.commit(created as Stored<Count>, {
        state: { count: 1 },
        events: [event('c')],
      });
      const ids = Object.keys(next.pending);
      expect(new Set(ids).size).toBe(3);
      expect(await load()).toEqual(next);

      await store.forget(next, [ids[0] as string, ids[2] as string]);
      const left = await load();
      expect(left.pending).toEqual({ [ids[1] as string]: event('b') });
      expect(left.version).toBe(next.version);
    });

    it('forgets for a writer whose version is stale, twice, and whatever was never there', async () => {
      const created = (await store.create<Count>(key, {
        state: { count: 0 },
        events: [event('a')],
      })) as Stored<Count>;
      await store.commit(created, { state: { count: 1 }, events: [event('b')] });
      const ids = Object.keys(created.pending);
      await store.forget(created, ids);
      await store.forget(created, [...ids, 'RUN#one-77-0']);
      await store.forget(created, []);
      expect(Object.values((await load()).pending)).toEqual([event('b')]);
    });

    it('keeps what another writer left pending when a commit does not know of it', async () => {
      const created = await store.create<Count>(key, { state: { count: 0 }, events: [event('a')] });
      await store.commit(
        { ...(created as Stored<Count>), pending: {} },
        { state: { count: 1 }, events: [event('b')] },
      );
      expect(Object.values((await load()).pending)).toEqual(expect.arrayContaining([event('a'), event('b')]));
    });

    it('refuses to forget in an item that is not there', async () => {
      const stored = await create({ count: 0 });
      await expect(store.forget({ ...stored, key: { pk, sk: 'RUN#nowhere' } }, ['x'])).rejects.toThrow();
      expect(await store.load({ pk, sk: 'RUN#nowhere' })).toBeUndefined();
    });
  });

  describe('due', () => {
    const dueAt = (sk: string, owner: string, at: number) =>
      store.create<Count>({ pk, sk }, { state: { count: 0 }, due: { owner, at } });

    it("names the owner's items whose time has come, the longest-waiting first", async () => {
      await dueAt('RUN#late', 'ingest', NOON + 20);
      await dueAt('RUN#first', 'ingest', NOON - 50);
      await dueAt('RUN#second', 'ingest', NOON);
      await dueAt('RUN#foreign', 'deployment', NOON - 90);
      await create({ count: 0 });
      expect(await dueHere('ingest', NOON)).toEqual(['RUN#first', 'RUN#second']);
      expect(await dueHere('ingest', everything)).toEqual(['RUN#first', 'RUN#second', 'RUN#late']);
    });

    it('answers at most as many as it was asked for', async () => {
      for (let i = 0; i < 5; i += 1) await dueAt(`RUN#${i}`, 'monitoring', i);
      expect(await store.due('monitoring', NOON, 3)).toHaveLength(3);
    });

    it('follows commits: a new time replaces the old one, none takes the item out', async () => {
      const created = (await dueAt('RUN#one', 'ingest', NOON)) as Stored<Count>;
      const moved = await store.commit(created, {
        state: { count: 1 },
        due: { owner: 'training', at: NOON + 1 },
      });
      expect(await dueHere('ingest', everything)).toEqual([]);
      expect(await dueHere('training', everything)).toEqual(['RUN#one']);
      await store.commit(moved, { state: { count: 2 } });
      expect(await dueHere('training', everything)).toEqual([]);
    });

    it('is postponed without a new version, and not by a writer whose version is stale', async () => {
      const created = (await dueAt('RUN#one', 'ingest', NOON)) as Stored<Count>;
      await store.postpone(created, { owner: 'ingest', at: NOON + 1_000 });
      expect(await dueHere('ingest', NOON)).toEqual([]);
      expect(await load()).toMatchObject({ version: 1, due: { owner: 'ingest', at: NOON + 1_000 } });

      const next = await store.commit(created, { state: { count: 1 }, due: { owner: 'ingest', at: NOON } });
      await store.postpone(created, undefined);
      expect(await dueHere('ingest', NOON)).toEqual(['RUN#one']);
      await store.postpone(next, undefined);
      expect(await dueHere('ingest', everything)).toEqual([]);
    });

    it('finds an item with pending events for its writer, even when nothing else is due', async () => {
      await store.create<Count>(key, { state: { count: 0 }, events: [event('a')] });
      expect(await dueHere('training', NOON + GRACE_MS - 1)).toEqual([]);
      expect(await dueHere('training', NOON + GRACE_MS)).toEqual(['RUN#one']);
    });

    it("keeps the earlier of the writer's due time and the outbox's", async () => {
      const due = { owner: 'training', at: NOON + 60_000 };
      const created = await store.create<Count>(key, { state: { count: 0 }, events: [event('a')], due });
      expect(created?.due).toEqual({ owner: 'training', at: NOON + GRACE_MS });
      time += 1_000;
      const soon = { owner: 'training', at: time + 1 };
      const next = await store.commit(created as Stored<Count>, { state: { count: 1 }, due: soon });
      expect(next.due).toEqual(soon);
    });

    it('stays with its writer while events are pending, whoever is next: only the writer may publish them', async () => {
      const due = { owner: 'deployment', at: NOON + 1 };
      await store.create<Count>(key, { state: { count: 0 }, events: [event('a')], due });
      expect(await dueHere('deployment', everything)).toEqual([]);
      expect(await dueHere('training', NOON + GRACE_MS)).toEqual(['RUN#one']);
    });
  });

  describe('beneath', () => {
    it("answers the partition's states under a prefix in the order of their keys, by bytes", async () => {
      for (const sk of [
        'DROP#2#a',
        'DROP#1#b',
        'DROP#1#Z',
        'DROP#1#é',
        'DROP#1#\u{1F600}',
        'DROP#1#\uFF5E',
      ]) {
        await store.create({ pk, sk }, { state: sk });
      }
      await store.create({ pk: `${pk}x`, sk: 'DROP#1#foreign' }, { state: 'foreign' });
      expect(await store.beneath(pk, 'DROP#1#')).toEqual([
        'DROP#1#Z',
        'DROP#1#b',
        'DROP#1#é',
        'DROP#1#\uFF5E',
        'DROP#1#\u{1F600}',
      ]);
      expect(await store.beneath(pk, 'WINDOW#')).toEqual([]);
    });

    it('answers more than one page of a query (1 MB)', async () => {
      const note = 'x'.repeat(300_000);
      for (let i = 0; i < 5; i += 1) {
        await store.create({ pk, sk: `DROP#${i}` }, { state: { count: i, note } });
      }
      const states = await store.beneath<Count>(pk, 'DROP#');
      expect(states.map(({ count }) => count)).toEqual([0, 1, 2, 3, 4]);
    });
  });

  describe('list', () => {
    const place = async (order: string): Promise<void> => {
      await store.create({ pk, sk: `RUN#${order}` }, { state: order }, { key: `runs#${pk}`, order });
    };
    const pages = async (limit: number, oldestFirst = false): Promise<string[][]> => {
      const all: string[][] = [];
      let next: string | undefined;
      do {
        const page = await store.list<string>(`runs#${pk}`, { limit, next, oldestFirst });
        all.push([...page.items]);
        next = page.next;
      } while (next);
      return all;
    };

    it('shows the newest first, or the oldest, page by page, each once', async () => {
      for (const order of ['3', '1', '5', '2', '4']) await place(order);
      const [first, second, third] = await pages(2);
      expect([first, second, third]).toEqual([['5', '4'], ['3', '2'], ['1']]);
      expect((await pages(4, true)).flat()).toEqual(['1', '2', '3', '4', '5']);
      expect((await pages(5)).flat()).toHaveLength(5);
      expect(await pages(50)).toHaveLength(1);
    });

    it('shows every item of an equal place once', async () => {
      for (const name of ['a', 'b', 'c']) {
        await store.create({ pk, sk: `RUN#${name}` }, { state: name }, { key: `runs#${pk}`, order: 'same' });
      }
      expect((await pages(1)).flat().sort()).toEqual(['a', 'b', 'c']);
    });

    it('continues after the last item seen although newer ones came in between', async () => {
      for (const order of ['1', '2', '3']) await place(order);
      const { next } = await store.list<string>(`runs#${pk}`, { limit: 2 });
      await place('4');
      const page = await store.list<string>(`runs#${pk}`, { limit: 2, next });
      expect(page).toEqual({ items: ['1'] });
    });

    it('keeps the place of an item through its commits', async () => {
      const at = { key: `runs#${pk}`, order: '1' };
      const created = await store.create<Count>(key, { state: { count: 0 } }, at);
      await store.commit(created as Stored<Count>, { state: { count: 7 } });
      expect(await store.list(at.key, { limit: 10 })).toEqual({ items: [{ count: 7 }] });
    });
  });
}
