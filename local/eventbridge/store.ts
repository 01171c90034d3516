import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DEFAULT_BUS, type Rule, type Target } from './rule.ts';

/** An event on its way to one target. */
export interface Delivery {
  readonly seq: number;
  readonly bus: string;
  readonly rule: string;
  readonly target: Target;
  readonly event: string;
  /** Epoch milliseconds. */
  readonly acceptedAt: number;
  /** Failed hand-overs so far, to the target or, once `dead`, to the dead-letter queue. */
  readonly attempts: number;
  /** Given up: it now goes to the dead-letter queue. */
  readonly dead: boolean;
}

/** `dueAt` (epoch milliseconds) is when it is first handed over. */
export type NewDelivery = Omit<Delivery, 'seq' | 'attempts' | 'dead'> & { readonly dueAt: number };

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS buses (name TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS rules (bus TEXT, name TEXT, rule TEXT, PRIMARY KEY (bus, name)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS deliveries (seq INTEGER PRIMARY KEY AUTOINCREMENT, bus TEXT, rule TEXT, target TEXT,
    event TEXT, acceptedAt INTEGER, nextAt INTEGER, attempts INTEGER DEFAULT 0, dead INTEGER DEFAULT 0);
  CREATE INDEX IF NOT EXISTS due ON deliveries (nextAt, seq);
`;

/** Buses, rules and pending deliveries in `<dir>/eventbridge.sqlite`. A returned write survives the process. */
export function openStore(dir: string) {
  mkdirSync(dir, { recursive: true });
  const db = new DatabaseSync(join(dir, 'eventbridge.sqlite'));
  db.exec(SCHEMA);
  const addBus = db.prepare('INSERT OR IGNORE INTO buses VALUES (?)');
  const putRule = db.prepare('INSERT OR REPLACE INTO rules VALUES (?, ?, ?)');
  const deleteRule = db.prepare('DELETE FROM rules WHERE bus = ? AND name = ?');
  const insert = db.prepare(
    'INSERT INTO deliveries (bus, rule, target, event, acceptedAt, nextAt) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const due = db.prepare('SELECT seq FROM deliveries WHERE nextAt <= ? ORDER BY nextAt, seq LIMIT ?');
  const get = db.prepare('SELECT * FROM deliveries WHERE seq = ?');
  const nextAfter = db.prepare('SELECT min(nextAt) AS at FROM deliveries WHERE nextAt > ?');
  const remove = db.prepare('DELETE FROM deliveries WHERE seq = ?');
  const postpone = db.prepare('UPDATE deliveries SET nextAt = ?, attempts = ?, dead = ? WHERE seq = ?');
  addBus.run(DEFAULT_BUS);
  return {
    buses: () =>
      db
        .prepare('SELECT name FROM buses')
        .all()
        .map((row) => String(row.name)),
    rules: () =>
      db
        .prepare('SELECT rule FROM rules')
        .all()
        .map((row) => JSON.parse(String(row.rule)) as Rule),
    addBus: (name: string) => void addBus.run(name),
    putRule: (rule: Rule) => void putRule.run(rule.bus, rule.name, JSON.stringify(rule)),
    deleteRule: (bus: string, name: string) => void deleteRule.run(bus, name),
    /** All or none. */
    accept(deliveries: readonly NewDelivery[]): void {
      if (deliveries.length === 0) return;
      db.exec('BEGIN');
      try {
        for (const { bus, rule, target, event, acceptedAt, dueAt } of deliveries) {
          insert.run(bus, rule, JSON.stringify(target), event, acceptedAt, dueAt);
        }
        db.exec('COMMIT');
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    },
    /** The numbers of due deliveries, in order. */
    due: (now: number, limit: number) => due.all(now, limit).map((row) => Number(row.seq)),
    get: (seq: number): Delivery => toDelivery(get.get(seq) ?? {}),
    /** When the earliest delivery that is not yet due falls due. */
    nextAfter: (now: number) => nextAfter.get(now)?.at as number | null | undefined,
    remove: (seq: number) => void remove.run(seq),
    postpone: (seq: number, to: { nextAt: number; attempts: number; dead: boolean }) =>
      void postpone.run(to.nextAt, to.attempts, to.dead ? 1 : 0, seq),
    close: () => db.close(),
  };
}

export type EventBridgeStore = ReturnType<typeof openStore>;

function toDelivery(row: Record<string, unknown>): Delivery {
  return {
    ...row,
    target: JSON.parse(String(row.target)),
    dead: row.dead === 1,
  } as unknown as Delivery;
}
