import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ServiceEvent } from '../ports.ts';

export type Kind = 'training-job' | 'transform-job' | 'model' | 'endpoint-config' | 'endpoint';

/** A resource as the API describes it; members that end in `Time` are epoch milliseconds. */
export interface Document {
  readonly name: string;
  readonly arn: string;
  readonly CreationTime: number;
}

/** Resources, their tags and the events not yet on the bus, in one SQLite file, so that a state and its event
 * are one write. */
export interface Store {
  get<T extends Document>(kind: Kind, name: string): T | undefined;
  list<T extends Document>(kind: Kind): T[];
  /** Inserts or replaces, and queues `events`, in one transaction. */
  put(kind: Kind, document: Document, events?: readonly ServiceEvent[]): void;
  remove(kind: Kind, document: Document, events?: readonly ServiceEvent[]): void;
  tags(arn: string): Record<string, string>;
  addTags(arn: string, tags: Readonly<Record<string, string>>): void;
  pendingEvents(limit: number): { id: number; event: ServiceEvent }[];
  removeEvent(id: number): void;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS resource (kind TEXT, name TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS tag (arn TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (arn, key)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL);`;

export function openStore(dir: string): Store {
  mkdirSync(dir, { recursive: true });
  const db = new DatabaseSync(join(dir, 'sagemaker.db'));
  db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; ${SCHEMA}`);
  const select = db.prepare('SELECT body FROM resource WHERE kind = ? AND name = ?');
  const selectAll = db.prepare('SELECT body FROM resource WHERE kind = ?');
  const upsert = db.prepare('INSERT OR REPLACE INTO resource (kind, name, body) VALUES (?, ?, ?)');
  const drop = db.prepare('DELETE FROM resource WHERE kind = ? AND name = ?');
  const dropTags = db.prepare('DELETE FROM tag WHERE arn = ?');
  const upsertTag = db.prepare('INSERT OR REPLACE INTO tag (arn, key, value) VALUES (?, ?, ?)');
  const selectTags = db.prepare('SELECT key, value FROM tag WHERE arn = ? ORDER BY key');
  const enqueue = db.prepare('INSERT INTO outbox (event) VALUES (?)');
  const pending = db.prepare('SELECT id, event FROM outbox ORDER BY id LIMIT ?');
  const dequeue = db.prepare('DELETE FROM outbox WHERE id = ?');

  function atomically(write: () => void): void {
    db.exec('BEGIN IMMEDIATE');
    try {
      write();
      db.exec('COMMIT');
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  }
  const queue = (events: readonly ServiceEvent[]) => {
    for (const event of events) enqueue.run(JSON.stringify(event));
  };

  return {
    get: <T>(kind: Kind, name: string) => {
      const row = select.get(kind, name);
      return row ? (JSON.parse(String(row.body)) as T) : undefined;
    },
    list: <T>(kind: Kind) => selectAll.all(kind).map((row) => JSON.parse(String(row.body)) as T),
    put: (kind, document, events = []) =>
      atomically(() => {
        upsert.run(kind, document.name, JSON.stringify(document));
        queue(events);
      }),
    remove: (kind, document, events = []) =>
      atomically(() => {
        drop.run(kind, document.name);
        dropTags.run(document.arn);
        queue(events);
      }),
    tags: (arn) => Object.fromEntries(selectTags.all(arn).map((row) => [String(row.key), String(row.value)])),
    addTags: (arn, tags) =>
      atomically(() => {
        for (const [key, value] of Object.entries(tags)) upsertTag.run(arn, key, value);
      }),
    pendingEvents: (limit) =>
      pending
        .all(limit)
        .map((row) => ({ id: Number(row.id), event: JSON.parse(String(row.event)) as ServiceEvent })),
    removeEvent: (id) => void dequeue.run(id),
    close: () => db.close(),
  };
}
