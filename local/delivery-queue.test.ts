import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { createDeliveryQueue, type DeliveryQueueOptions } from './delivery-queue.ts';
import { Sqlite } from './sqlite.ts';

const dir = mkdtempSync(join(tmpdir(), 'delivery-queue-'));
let files = 0;

afterAll(() => rmSync(dir, { recursive: true, force: true }));

const database = (): Sqlite => new Sqlite(join(dir, `${++files}.sqlite`), '');

type Options = DeliveryQueueOptions<string>;

const queueOn = (db: Sqlite, options: Pick<Options, 'deliver'> & Partial<Options>) =>
  createDeliveryQueue<string>({
    db,
    table: 'post',
    now: Date.now,
    concurrency: 4,
    failed: () => ({ afterMs: 1 }),
    ...options,
  });

const items = (...texts: readonly string[]) => texts.map((item) => ({ item }));
const left = (db: Sqlite): number => Number(db.get('SELECT count(*) AS n FROM post')?.n);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(1);
}

describe('a delivery queue', () => {
  it('hands over only once it is started, and forgets what is done', async () => {
    const db = database();
    const seen: string[] = [];
    const queue = queueOn(db, {
      deliver: async ({ item }) => {
        seen.push(item);
        return 'done';
      },
    });
    queue.add(items('a', 'b'));
    await sleep(5);
    expect(seen).toEqual([]);
    queue.start();
    await until(() => left(db) === 0);
    expect(seen).toEqual(['a', 'b']);
    await queue.close();
  });

  it('hands over again what was not done when its process ended', async () => {
    const db = database();
    const first = queueOn(db, { deliver: () => new Promise(() => undefined) });
    first.start();
    first.add(items('a', 'b', 'c'));
    await sleep(5);
    const seen: string[] = [];
    const second = queueOn(db, {
      deliver: async ({ item }) => {
        seen.push(item);
        return 'done';
      },
    });
    second.start();
    await until(() => left(db) === 0);
    expect(seen).toEqual(['a', 'b', 'c']);
    await second.close();
  });

  it('takes nothing of a transaction that is rolled back', async () => {
    const db = database();
    const queue = queueOn(db, { deliver: async () => 'done' });
    const write = () =>
      db.transaction(() => {
        queue.add(items('a'));
        throw new Error('no');
      });
    expect(write).toThrow('no');
    expect(left(db)).toBe(0);
  });

  it('waits until an item is due', async () => {
    const db = database();
    let heardAt = 0;
    const queue = queueOn(db, {
      deliver: async () => {
        heardAt = Date.now();
        return 'done';
      },
    });
    queue.start();
    const dueAt = Date.now() + 30;
    queue.add([{ item: 'late', dueAt }]);
    await until(() => left(db) === 0);
    expect(heardAt).toBeGreaterThanOrEqual(dueAt);
    await queue.close();
  });

  it('counts failures, and begins to count anew when a delivery becomes another item', async () => {
    const db = database();
    const seen: [string, number][] = [];
    const queue = queueOn(db, {
      deliver: async ({ item, attempts }) => {
        seen.push([item, attempts]);
        if (item === 'letter' || attempts === 0) throw new Error('nobody at home');
        return 'done';
      },
      failed: ({ item, attempts }) =>
        item === 'letter' && attempts === 3 ? { afterMs: 0, item: 'dead letter' } : { afterMs: 1 },
    });
    queue.start();
    queue.add(items('letter'));
    await until(() => left(db) === 0);
    expect(seen).toEqual([
      ['letter', 0],
      ['letter', 1],
      ['letter', 2],
      ['dead letter', 0],
      ['dead letter', 1],
    ]);
    await queue.close();
  });

  it('delivers each item, never more at a time than it may, whatever fails', async () => {
    const plan = fc.record({
      failures: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 40 }),
      concurrency: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ failures, concurrency }) => {
        const db = database();
        const delivered: number[] = [];
        let now = 0;
        let most = 0;
        const queue = queueOn(db, {
          concurrency,
          deliver: async ({ item, attempts }) => {
            most = Math.max(most, ++now);
            await new Promise(setImmediate);
            now -= 1;
            if (attempts < failures[Number(item)]!) throw new Error('not yet');
            delivered.push(Number(item));
            return 'done';
          },
        });
        queue.start();
        queue.add(failures.map((_, at) => ({ item: String(at) })));
        await until(() => left(db) === 0);
        expect(delivered.sort((a, b) => a - b)).toEqual(failures.map((_, at) => at));
        expect(most).toBeLessThanOrEqual(concurrency);
        await queue.close();
        db.close();
      }),
      { numRuns: 25 },
    );
  });
});
