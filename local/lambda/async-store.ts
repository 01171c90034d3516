import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** An accepted asynchronous event. Times in epoch milliseconds. */
export interface AsyncEvent {
  readonly id: number;
  readonly requestId: string;
  readonly functionName: string;
  /** JSON text. */
  readonly payload: string;
  readonly acceptedAt: number;
  /** Invocations that ran so far. */
  readonly attempts: number;
  /** The destination record, once the event is given up and only the record is still to be sent. */
  readonly record: string | null;
}

/** The events that Lambda has accepted and not yet finished, on disk. */
export interface AsyncStore {
  add(event: Pick<AsyncEvent, 'requestId' | 'functionName' | 'payload' | 'acceptedAt'>): void;
  /** Takes up to `limit` due events that nobody has taken, oldest first. */
  takeDue(now: number, limit: number): AsyncEvent[];
  /** When the next event that nobody has taken is due. */
  nextDue(): number | undefined;
  /** Gives a taken event back, to be taken again when due. */
  putBack(id: number, dueAt: number, attempts: number, record: string | null): void;
  remove(id: number): void;
  close(): void;
}

export function openAsyncStore(dir: string): AsyncStore {
  mkdirSync(dir, { recursive: true });
  const db = new DatabaseSync(join(dir, 'async.sqlite'));
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS event (
      id INTEGER PRIMARY KEY, requestId TEXT NOT NULL, functionName TEXT NOT NULL, payload TEXT NOT NULL,
      acceptedAt REAL NOT NULL, dueAt REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, record TEXT,
      taken INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE INDEX IF NOT EXISTS event_due ON event (taken, dueAt);
    UPDATE event SET taken = 0 WHERE taken = 1;`);
  const insert = db.prepare(
    'INSERT INTO event (requestId, functionName, payload, acceptedAt, dueAt) VALUES (?, ?, ?, ?, ?)',
  );
  const due = db.prepare(
    `UPDATE event SET taken = 1 WHERE id IN
       (SELECT id FROM event WHERE taken = 0 AND dueAt <= ? ORDER BY dueAt, id LIMIT ?)
     RETURNING id, requestId, functionName, payload, acceptedAt, attempts, record`,
  );
  const next = db.prepare('SELECT MIN(dueAt) AS dueAt FROM event WHERE taken = 0');
  const update = db.prepare('UPDATE event SET taken = 0, dueAt = ?, attempts = ?, record = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM event WHERE id = ?');
  return {
    add: (event) =>
      void insert.run(event.requestId, event.functionName, event.payload, event.acceptedAt, event.acceptedAt),
    takeDue: (now, limit) => due.all(now, limit) as unknown as AsyncEvent[],
    nextDue: () => (next.get() as { dueAt: number | null }).dueAt ?? undefined,
    putBack: (id, dueAt, attempts, record) => void update.run(dueAt, attempts, record, id),
    remove: (id) => void remove.run(id),
    close: () => db.close(),
  };
}
