import { join } from 'node:path';
import { Sqlite } from '../sqlite.ts';

/** What a group keeps at most, in characters of messages; the oldest quarter goes when there is more. */
const GROUP_LIMIT = 8 * 1024 * 1024;

/** Times in epoch milliseconds. */
export interface LogEvent {
  readonly id: number;
  readonly stream: string;
  readonly time: number;
  readonly ingestedAt: number;
  readonly message: string;
}

/** A place in a group, whose events are ordered by time, then by arrival. */
export type Position = readonly [time: number, id: number];

export interface EventQuery {
  readonly group: string;
  readonly streams?: readonly string[] | undefined;
  readonly streamPrefix?: string | undefined;
  readonly after: Position;
  readonly before: Position;
  readonly limit: number;
  /** From the newest on. */
  readonly isBackward?: boolean;
}

export interface LogGroup {
  readonly name: string;
  readonly createdAt: number;
  readonly bytes: number;
}

export interface LogStream {
  readonly name: string;
  readonly createdAt: number;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly ingestedAt: number;
}

/** The log groups on disk, each bounded. A stream is there as long as an event of it is. */
export class LogStore {
  readonly #db: Sqlite;
  readonly #limit: number;
  /** Characters kept, by group. */
  readonly #sizes: Map<string, number>;

  constructor(dir: string, limit = GROUP_LIMIT) {
    this.#limit = limit;
    this.#db = new Sqlite(
      join(dir, 'logs.sqlite'),
      `CREATE TABLE IF NOT EXISTS log_group (name TEXT PRIMARY KEY, createdAt REAL NOT NULL) STRICT, WITHOUT ROWID;
       CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY AUTOINCREMENT, logGroup TEXT NOT NULL,
         stream TEXT NOT NULL, time REAL NOT NULL, ingestedAt REAL NOT NULL, message TEXT NOT NULL) STRICT;
       CREATE INDEX IF NOT EXISTS event_time ON event (logGroup, time, id);`,
    );
    this.#sizes = new Map(this.groups().map(({ name, bytes }) => [name, bytes]));
  }

  createGroup(name: string, now: number): void {
    if (this.#sizes.has(name)) return;
    this.#db.run('INSERT INTO log_group (name, createdAt) VALUES (?, ?)', name, now);
    this.#sizes.set(name, 0);
  }

  hasGroup(name: string): boolean {
    return this.#sizes.has(name);
  }

  /** Keeps an event, and creates its group. */
  append(group: string, { stream, message, time, ingestedAt }: Omit<LogEvent, 'id'>): void {
    this.createGroup(group, ingestedAt);
    const sql = 'INSERT INTO event (logGroup, stream, time, ingestedAt, message) VALUES (?, ?, ?, ?, ?)';
    this.#db.run(sql, group, stream, time, ingestedAt, message);
    const size = (this.#sizes.get(group) ?? 0) + message.length;
    this.#sizes.set(group, size > this.#limit ? this.#prune(group) : size);
  }

  #prune(group: string): number {
    this.#db.run(
      `DELETE FROM event WHERE id IN (SELECT id FROM event WHERE logGroup = ?1 ORDER BY time, id
         LIMIT (SELECT count(*) / 4 + 1 FROM event WHERE logGroup = ?1))`,
      group,
    );
    const sql = 'SELECT total(length(message)) AS size FROM event WHERE logGroup = ?';
    return Number(this.#db.get(sql, group)?.size);
  }

  /** In order of their names. */
  groups(prefix = ''): LogGroup[] {
    return this.#db.all<LogGroup>(
      `SELECT name, createdAt, (SELECT total(length(message)) FROM event WHERE logGroup = name) AS bytes
       FROM log_group WHERE instr(name, ?) = 1 ORDER BY name`,
      prefix,
    );
  }

  /** In order of their names. */
  streams(group: string, prefix = ''): LogStream[] {
    return this.#db.all<LogStream>(
      `SELECT stream AS name, min(ingestedAt) AS createdAt, min(time) AS firstTime, max(time) AS lastTime,
         max(ingestedAt) AS ingestedAt
       FROM event WHERE logGroup = ? AND instr(stream, ?) = 1 GROUP BY stream ORDER BY stream`,
      group,
      prefix,
    );
  }

  events({ group, streams, streamPrefix = '', after, before, limit, isBackward }: EventQuery): LogEvent[] {
    const order = isBackward ? 'DESC' : 'ASC';
    const names = streams ? JSON.stringify(streams) : null;
    return this.#db.all<LogEvent>(
      `SELECT id, stream, time, ingestedAt, message FROM event
       WHERE logGroup = ?1 AND (time, id) > (?2, ?3) AND (time, id) < (?4, ?5) AND instr(stream, ?6) = 1
         AND (?7 IS NULL OR stream IN (SELECT value FROM json_each(?7)))
       ORDER BY time ${order}, id ${order} LIMIT ?8`,
      ...[group, ...after, ...before, streamPrefix, names, limit],
    );
  }

  close(): void {
    this.#db.close();
  }
}
