import { join } from 'node:path';
import { createDeliveryQueue } from '../delivery-queue.ts';
import type { PublishServiceEvent, ServiceEvent } from '../ports.ts';
import { Sqlite } from '../sqlite.ts';

export type Kind =
  | 'training-job'
  | 'transform-job'
  | 'processing-job'
  | 'model'
  | 'endpoint-config'
  | 'endpoint';

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
  /** With its tags. */
  remove(kind: Kind, document: Document): void;
  tags(arn: string): Record<string, string>;
  addTags(arn: string, tags: Readonly<Record<string, string>>): void;
  removeTags(arn: string, keys: readonly string[]): void;
  /** Begins to hand events to the bus, each at least once. */
  start(): void;
  close(): Promise<void>;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS resource (kind TEXT, name TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS tag (arn TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (arn, key)) WITHOUT ROWID;`;

const RETRY_MS = 250;

export function openStore(dir: string, now: () => number, publish: PublishServiceEvent): Store {
  const db = new Sqlite(join(dir, 'sagemaker.db'), SCHEMA);
  const events = createDeliveryQueue<ServiceEvent>({
    db,
    table: 'untold',
    now,
    // One after another, so that the events of a job come in their order.
    concurrency: 1,
    deliver: async ({ item }) => {
      await publish(item);
      return 'done';
    },
    failed: (_, error) => {
      console.error(`SageMaker event not published, will retry: ${String(error)}`);
      return { afterMs: RETRY_MS };
    },
  });
  const read = <T>(row: { body: string }) => JSON.parse(row.body) as T;

  return {
    get: <T>(kind: Kind, name: string) => {
      const sql = 'SELECT body FROM resource WHERE kind = ? AND name = ?';
      const row = db.get<{ body: string }>(sql, kind, name);
      return row && read<T>(row);
    },
    list: <T>(kind: Kind) =>
      db.all<{ body: string }>('SELECT body FROM resource WHERE kind = ?', kind).map(read<T>),
    put: (kind, document, told = []) =>
      db.transaction(() => {
        const sql = 'INSERT OR REPLACE INTO resource (kind, name, body) VALUES (?, ?, ?)';
        db.run(sql, kind, document.name, JSON.stringify(document));
        events.add(told.map((item) => ({ item })));
      }),
    remove: (kind, document) =>
      db.transaction(() => {
        db.run('DELETE FROM resource WHERE kind = ? AND name = ?', kind, document.name);
        db.run('DELETE FROM tag WHERE arn = ?', document.arn);
      }),
    tags: (arn) => {
      const rows = db.all<{ key: string; value: string }>(
        'SELECT key, value FROM tag WHERE arn = ? ORDER BY key',
        arn,
      );
      return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
    },
    addTags: (arn, tags) =>
      db.transaction(() => {
        for (const [key, value] of Object.entries(tags))
          db.run('INSERT OR REPLACE INTO tag (arn, key, value) VALUES (?, ?, ?)', arn, key, value);
      }),
    removeTags: (arn, keys) =>
      db.transaction(() => {
        for (const key of keys) db.run('DELETE FROM tag WHERE arn = ? AND key = ?', arn, key);
      }),
    start: () => events.start(),
    close: async () => {
      await events.close();
      db.close();
    },
  };
}
