import { join } from 'node:path';
import { Sqlite } from '../sqlite.ts';

/** What a group keeps at most, in characters of messages; the oldest quarter goes when there is more. */
const GROUP_LIMIT = 8 * 1024 * 1024;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS log_group (name TEXT PRIMARY KEY, createdAt REAL NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY AUTOINCREMENT, logGroup TEXT NOT NULL,
    stream TEXT NOT NULL, time REAL NOT NULL, ingestedAt REAL NOT NULL, message TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS event_time ON event (logGroup, time, id);`;
const SIZE_OF = 'SELECT total(length(message)) FROM event WHERE logGroup';

/** The log groups on disk, each bounded. A stream is there as long as an event of it is. Times in epoch milliseconds. */
export class LogStore {
  readonly #db: Sqlite;
  readonly #limit: number;
  /** Characters kept, by group. */
  readonly #sizes: Map<string, number>;
  /** Events of this turn: a burst of lines is written at once. */
  readonly #pending: (readonly [
    group: string,
    stream: string,
    time: number,
    now: number,
    message: string,
  ])[] = [];
  #isClosed = false;

  constructor(dir: string, limit = GROUP_LIMIT) {
    this.#limit = limit;
    this.#db = new Sqlite(join(dir, 'logs.sqlite'), SCHEMA);
    const groups = this.#db.all<{ name: string; size: number }>(
      `SELECT name, (${SIZE_OF} = name) AS size FROM log_group`,
    );
    this.#sizes = new Map(groups.map(({ name, size }) => [name, size]));
  }

  /** With every event that was appended. */
  get db(): Sqlite {
    this.#flush();
    return this.#db;
  }

  /** Characters kept; undefined when there is no such group. */
  sizeOf(group: string): number | undefined {
    return this.#sizes.get(group);
  }

  createGroup(name: string, now: number): void {
    if (this.#sizes.has(name)) return;
    this.#db.run('INSERT INTO log_group (name, createdAt) VALUES (?, ?)', name, now);
    this.#sizes.set(name, 0);
  }

  /** Keeps an event, on disk by the next turn, and creates its group. After `close` there is nothing to keep it in. */
  append(group: string, stream: string, message: string, time: number, now: number): void {
    if (this.#isClosed) return;
    this.createGroup(group, now);
    if (this.#pending.push([group, stream, time, now, message]) === 1) setImmediate(() => this.#flush());
  }

  close(): void {
    this.db.close();
    this.#isClosed = true;
  }

  #flush(): void {
    const events = this.#pending.splice(0);
    if (events.length === 0) return;
    const sql = 'INSERT INTO event (logGroup, stream, time, ingestedAt, message) VALUES (?, ?, ?, ?, ?)';
    this.#db.transaction(() => {
      for (const event of events) {
        const [group, , , , message] = event;
        this.#db.run(sql, ...event);
        const size = (this.sizeOf(group) ?? 0) + message.length;
        this.#sizes.set(group, size > this.#limit ? this.#prune(group) : size);
      }
    });
  }

  #prune(group: string): number {
    this.#db.run(
      `DELETE FROM event WHERE id IN (SELECT id FROM event WHERE logGroup = ?1 ORDER BY time, id
         LIMIT (SELECT count(*) / 4 + 1 FROM event WHERE logGroup = ?1))`,
      group,
    );
    return this.#db.get<{ size: number }>(`SELECT (${SIZE_OF} = ?) AS size`, group)?.size ?? 0;
  }
}
