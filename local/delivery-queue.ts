import type { Sqlite } from './sqlite.ts';

/** One thing to hand over, at least once. Times are epoch milliseconds. */
export interface Delivery<T> {
  readonly id: number;
  readonly item: T;
  readonly acceptedAt: number;
  /** Hand-overs that failed since it was accepted, or since it last became another item. */
  readonly attempts: number;
}

/** What becomes of a delivery after a hand-over: it is done with, or stands in the queue again, `afterMs` from now,
 * as it was or as another item (whose attempts then count from nought). */
export type Outcome<T> = 'done' | { readonly afterMs: number; readonly item?: T };

export interface DeliveryQueueOptions<T> {
  readonly db: Sqlite;
  /** Name of its table in `db`. Items are kept as JSON. */
  readonly table: string;
  readonly now: () => number;
  /** The most hand-overs at a time. */
  readonly concurrency: number;
  readonly deliver: (delivery: Delivery<T>) => Promise<Outcome<T>>;
  /** After `deliver` has thrown; `attempts` counts that failure. */
  readonly failed: (delivery: Delivery<T>, error: unknown) => Outcome<T>;
}

/** A durable queue: what `add` has taken is handed over at least once, also after the process was killed. */
export interface DeliveryQueue<T> {
  /** Takes items, durably, to be handed over from `dueAt` on (now when left out). Part of a transaction of `db` that
   * is open; the hand-over begins in a later turn. */
  add(items: readonly { readonly item: T; readonly dueAt?: number }[]): void;
  /** Begins to hand over; until then items are only taken. */
  start(): void;
  /** Resolves once no hand-over is under way; what remains is handed over after the next start. */
  close(): Promise<void>;
}

/** `setTimeout` takes no more; a later delivery just causes one more look. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

interface DeliveryRow {
  readonly id: number;
  readonly item: string;
  readonly acceptedAt: number;
  readonly attempts: number;
}

export function createDeliveryQueue<T>(options: DeliveryQueueOptions<T>): DeliveryQueue<T> {
  const { db, table, now } = options;
  const inFlight = new Map<number, Promise<void>>();
  let state: 'new' | 'working' | 'closed' = 'new';
  let timer: NodeJS.Timeout | undefined;
  let isLookPlanned = false;
  const finished = new Set<number>();
  db.run(`CREATE TABLE IF NOT EXISTS ${table} (id INTEGER PRIMARY KEY AUTOINCREMENT, item TEXT NOT NULL,
    acceptedAt REAL NOT NULL, dueAt REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0) STRICT`);
  db.run(`CREATE INDEX IF NOT EXISTS ${table}_due ON ${table} (dueAt, id)`);

  /** One look a turn: a burst of items is read, and what is done is deleted, together. */
  function lookSoon(): void {
    if (state !== 'working' || isLookPlanned) return;
    isLookPlanned = true;
    setImmediate(() => {
      isLookPlanned = false;
      look();
    });
  }

  function look(): void {
    if (state !== 'working') return;
    removeFinished();
    // One moment for both questions: what falls due between two would be in neither answer.
    const at = now();
    const free = options.concurrency - inFlight.size;
    if (free > 0) for (const row of dueAt(at).slice(0, free)) begin(row);
    clearTimeout(timer);
    const next = db.get(`SELECT min(dueAt) AS at FROM ${table} WHERE dueAt > ?`, at)?.at;
    if (typeof next === 'number')
      timer = setTimeout(look, Math.min(Math.max(1, next - at), LONGEST_SLEEP_MS));
  }

  /** What is in flight stays in the table until it is done; so look past it. */
  function dueAt(at: number): DeliveryRow[] {
    const sql = `SELECT id, item, acceptedAt, attempts FROM ${table} WHERE dueAt <= ? ORDER BY dueAt, id LIMIT ?`;
    return db.all<DeliveryRow>(sql, at, options.concurrency).filter(({ id }) => !inFlight.has(id));
  }

  function begin({ item, ...row }: DeliveryRow): void {
    const delivery: Delivery<T> = { ...row, item: JSON.parse(item) };
    const work = options
      .deliver(delivery)
      .then(
        (outcome) => settle(delivery, outcome),
        (error: unknown) => {
          const attempted = { ...delivery, attempts: delivery.attempts + 1 };
          settle(attempted, options.failed(attempted, error));
        },
      )
      .finally(() => {
        if (!finished.has(row.id)) inFlight.delete(row.id);
        lookSoon();
      });
    inFlight.set(row.id, work);
  }

  function settle({ id, attempts }: Delivery<T>, outcome: Outcome<T>): void {
    if (outcome === 'done') {
      finished.add(id);
      return;
    }
    const at = Math.ceil(now() + outcome.afterMs);
    if (outcome.item === undefined)
      db.run(`UPDATE ${table} SET dueAt = ?, attempts = ? WHERE id = ?`, at, attempts, id);
    else {
      const item = JSON.stringify(outcome.item);
      db.run(`UPDATE ${table} SET dueAt = ?, attempts = 0, item = ? WHERE id = ?`, at, item, id);
    }
  }

  function removeFinished(): void {
    if (finished.size === 0) return;
    const ids = JSON.stringify([...finished]);
    db.run(`DELETE FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`, ids);
    for (const id of finished) inFlight.delete(id);
    finished.clear();
  }

  return {
    add(items) {
      const acceptedAt = now();
      const sql = `INSERT INTO ${table} (item, acceptedAt, dueAt) VALUES (?, ?, ?)`;
      db.transaction(() => {
        for (const { item, dueAt = acceptedAt } of items)
          db.run(sql, JSON.stringify(item), acceptedAt, Math.ceil(dueAt));
      });
      lookSoon();
    },
    start() {
      state = 'working';
      lookSoon();
    },
    async close() {
      state = 'closed';
      clearTimeout(timer);
      await Promise.all(inFlight.values());
      removeFinished();
    },
  };
}
