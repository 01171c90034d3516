import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import type { Clock, Identity } from '../ports.ts';
import { Sqlite } from '../sqlite.ts';
import { noSuchQueue } from './failure.ts';
import type { Message, MessageAttributes } from './message.ts';
import { checkQueue, number, type Queue, type QueueAttributes, redriveOf } from './queue.ts';
import type { Receipt } from './receipt.ts';

/** `visibleAt` 0: given back before its time. `receivedBefore`: receipts in the queues that it was moved from.
 * `mapping` 1: leased by an event-source mapping. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS queues (name TEXT PRIMARY KEY, attributes TEXT NOT NULL, createdAt REAL NOT NULL,
    modifiedAt REAL NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, queue TEXT NOT NULL,
    body TEXT NOT NULL, attributes TEXT NOT NULL, sentAt REAL NOT NULL, visibleAt REAL NOT NULL,
    receiveCount INTEGER NOT NULL DEFAULT 0, receivedBefore INTEGER NOT NULL DEFAULT 0,
    firstReceivedAt REAL NOT NULL DEFAULT 0, source TEXT, mapping INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE INDEX IF NOT EXISTS visible ON messages (queue, visibleAt, seq);
`;

const MAX_TIMER_MS = 3_600_000;

/** What is received and for how long. */
export interface Take {
  readonly max: number;
  /** By default the queue's visibility timeout. */
  readonly seconds?: number | undefined;
  /** By an event-source mapping, whose leases end with the process. */
  readonly mapping?: boolean;
  /** Bounds what follows the first message. */
  readonly maxBytes?: number;
}

interface Row extends Omit<Message, 'attributes'> {
  readonly attributes: string;
  readonly receivedBefore: number;
}

/** The queues and their messages, whoever asks: API, targets of rules or event-source mappings. A write that has
 * returned survives the process. */
export class Queues {
  readonly #db: Sqlite;
  readonly #clock: Clock;
  readonly #identity: Identity;
  /** Emits `queue <name>` when a message may have become visible. */
  readonly #arrivals = new EventEmitter().setMaxListeners(0);

  /** `dir`: the folder of `sqs.sqlite`, created when missing. */
  constructor(dir: string, clock: Clock, identity: Identity) {
    this.#db = new Sqlite(join(dir, 'sqs.sqlite'), SCHEMA);
    this.#clock = clock;
    this.#identity = identity;
    this.#db.run('UPDATE messages SET visibleAt = 0, mapping = 0 WHERE mapping = 1');
  }

  arn(name: string): string {
    return `arn:aws:sqs:${this.#identity.region}:${this.#identity.account}:${name}`;
  }

  /** Names in their order. */
  list(): string[] {
    return this.#db.all<Queue>('SELECT name FROM queues ORDER BY name').map(({ name }) => name);
  }

  find(name: string): Queue | undefined {
    const row = this.#db.get<Queue>('SELECT * FROM queues WHERE name = ?', name);
    return row && { ...row, attributes: JSON.parse(String(row.attributes)) };
  }

  /** Throws QueueDoesNotExist. */
  get(name: string): Queue {
    const queue = this.find(name);
    if (!queue) throw noSuchQueue();
    return queue;
  }

  /** Creates a queue or gives it these attributes in place of all that it had; an empty one is none. Throws
   * InvalidParameterValue, InvalidAttributeName or InvalidAttributeValue. */
  put(name: string, attributes: QueueAttributes): void {
    checkQueue(name, attributes);
    const set = Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));
    const now = this.#clock.now();
    const sql = `INSERT INTO queues VALUES (?1, ?2, ?3, ?3)
      ON CONFLICT DO UPDATE SET attributes = ?2, modifiedAt = iif(attributes = ?2, modifiedAt, ?3)`;
    this.#db.run(sql, name, JSON.stringify(set), now);
    this.#announce(name);
  }

  remove(name: string): void {
    this.#db.transaction(() => {
      this.#db.run('DELETE FROM messages WHERE queue = ?', name);
      this.#db.run('DELETE FROM queues WHERE name = ?', name);
    });
  }

  purge(name: string): void {
    this.#db.run('DELETE FROM messages WHERE queue = ?', name);
  }

  /** Gives the message's id. */
  send(queue: Queue, body: string, attributes: MessageAttributes, delaySeconds?: number): string {
    const id = randomUUID();
    const now = this.#clock.now();
    const visibleAt = now + (delaySeconds ?? number(queue, 'DelaySeconds')) * 1000;
    const sql =
      'INSERT INTO messages (id, queue, body, attributes, sentAt, visibleAt) VALUES (?, ?, ?, ?, ?, ?)';
    this.#db.run(sql, id, queue.name, body, JSON.stringify(attributes), now, visibleAt);
    this.#announce(queue.name);
    return id;
  }

  /** Leases visible messages. Those beyond their retention are dropped, those received too often move to the
   * dead-letter queue. */
  receive(
    queue: Queue,
    { max, seconds, mapping = false, maxBytes = Number.POSITIVE_INFINITY }: Take,
  ): Message[] {
    const now = this.#clock.now();
    const until = now + (seconds ?? number(queue, 'VisibilityTimeout')) * 1000;
    const visible =
      'SELECT * FROM messages WHERE queue = ? AND visibleAt <= ? ORDER BY visibleAt, seq LIMIT ?';
    const lease = `UPDATE messages SET visibleAt = ?, receiveCount = receiveCount + 1, mapping = ?,
      firstReceivedAt = iif(firstReceivedAt = 0, ?, firstReceivedAt) WHERE seq = ? RETURNING *`;
    return this.#db.transaction(() => {
      const received: Message[] = [];
      let bytes = 0;
      for (const row of this.#db.all<Row>(visible, queue.name, now, max)) {
        if (this.#retire(queue, row, now)) continue;
        bytes += row.body.length;
        if (received.length > 0 && bytes > maxBytes) break;
        const leased = this.#db.get<Row>(lease, until, Number(mapping), now, row.seq) ?? row;
        received.push({ ...leased, attributes: JSON.parse(leased.attributes) });
      }
      return received;
    });
  }

  #retire(queue: Queue, { seq, sentAt, receiveCount, receivedBefore }: Row, now: number): boolean {
    if (sentAt < now - number(queue, 'MessageRetentionPeriod') * 1000)
      return this.#db.run('DELETE FROM messages WHERE seq = ?', seq) > 0;
    const policy = redriveOf(queue.attributes);
    if (!policy || receiveCount - receivedBefore < policy.max || !this.find(policy.target)) return false;
    const sql =
      'UPDATE messages SET queue = ?, source = ?, visibleAt = ?, receivedBefore = receiveCount WHERE seq = ?';
    this.#db.run(sql, policy.target, this.arn(queue.name), now, seq);
    this.#announce(policy.target);
    return true;
  }

  /** Deletes a received message. An older receipt than the last does, too, as on AWS. */
  delete({ queue, seq }: Receipt): void {
    this.#db.run('DELETE FROM messages WHERE seq = ? AND queue = ?', seq, queue);
  }

  /** The message of a receipt, of an older one than the last, too; undefined when there is none in its queue. */
  message({ queue, seq }: Receipt): (Receipt & { readonly visibleAt: number }) | undefined {
    return this.#db.get<Row>('SELECT * FROM messages WHERE seq = ? AND queue = ?', seq, queue);
  }

  /** Makes a message visible at a time (epoch milliseconds; 0: now), unless it has been received again since. */
  hide({ queue, seq, receiveCount }: Receipt, until: number): void {
    const sql = 'UPDATE messages SET visibleAt = ? WHERE seq = ? AND queue = ? AND receiveCount = ?';
    this.#db.run(sql, Math.ceil(until), seq, queue, receiveCount);
    this.#announce(queue);
  }

  counts(name: string): { visible: number; inFlight: number; delayed: number } {
    const sql = `SELECT count(*) FILTER (WHERE visibleAt <= ?1) AS visible,
      count(*) FILTER (WHERE visibleAt > ?1 AND receiveCount > 0) AS inFlight,
      count(*) FILTER (WHERE visibleAt > ?1 AND receiveCount = 0) AS delayed FROM messages WHERE queue = ?2`;
    return this.#db.get(sql, this.#clock.now(), name) ?? { visible: 0, inFlight: 0, delayed: 0 };
  }

  /** Resolves when a queue may have a visible message, at `deadline` (epoch milliseconds) or on abort. */
  async arrival(name: string, deadline: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const next = this.#db.get('SELECT min(visibleAt) AS at FROM messages WHERE queue = ?', name)?.at;
    const at = Math.min(deadline, Number(next ?? Number.POSITIVE_INFINITY));
    const wait = Math.min(Math.max(0, at - this.#clock.now()), MAX_TIMER_MS);
    const timer = setTimeout(() => this.#announce(name), wait);
    await once(this.#arrivals, `queue ${name}`, { signal }).catch(() => undefined);
    clearTimeout(timer);
  }

  /** Tells those who wait for a queue to look again. */
  #announce(name: string): void {
    this.#arrivals.emit(`queue ${name}`);
  }

  close(): void {
    this.#db.close();
  }
}
