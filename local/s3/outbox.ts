import type { PublishServiceEvent, ServiceEvent } from '../ports.ts';
import type { Database } from './database.ts';

const BATCH = 100;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

/** Events of committed writes that the bus has not accepted yet. An event leaves only after it is published, so
 * a crash in between publishes it twice, never not at all. */
export class Outbox {
  readonly #db: Database;
  readonly #publish: PublishServiceEvent;
  #draining: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;

  constructor(db: Database, publish: PublishServiceEvent) {
    this.#db = db;
    this.#publish = publish;
    this.#wake();
  }

  /** Inside the transaction of the write. Publishing starts after it, in a later turn. */
  add(event: ServiceEvent): void {
    this.#db.run('INSERT INTO outbox (event) VALUES (?)', JSON.stringify(event));
    this.#wake();
  }

  /** Resolves when no event is being published any more; what remains goes out at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#draining;
  }

  #wake(): void {
    if (this.#closed || this.#draining || this.#retry) return;
    this.#draining = this.#drain();
  }

  async #drain(): Promise<void> {
    await new Promise(setImmediate);
    let failed = false;
    let rows = this.#next();
    while (rows.length > 0 && !failed) {
      const results = await Promise.allSettled(rows.map((row) => this.#deliver(row)));
      const done = rows.filter((_, index) => results[index]!.status === 'fulfilled').map((row) => row.id);
      this.#db.run('DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify(done));
      failed = done.length < rows.length;
      if (!failed) rows = this.#next();
    }
    this.#draining = undefined;
    if (failed) this.#wakeLater();
    else this.#retryMs = FIRST_RETRY_MS;
  }

  #next(): { id: number; event: string }[] {
    if (this.#closed) return [];
    const rows = this.#db.all('SELECT id, event FROM outbox ORDER BY id LIMIT ?', BATCH);
    return rows.map((row) => ({ id: Number(row.id), event: String(row.event) }));
  }

  async #deliver(row: { event: string }): Promise<void> {
    await this.#publish(JSON.parse(row.event) as ServiceEvent);
  }

  #wakeLater(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#wake();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}
