import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Queue {
  readonly name: string;
  /** Attributes as the API spells them, all texts; `RedrivePolicy` is JSON. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** A message attribute as the JSON protocol spells it; binary values are base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: string | undefined;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export interface Message {
  readonly seq: number;
  readonly id: string;
  readonly queue: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly sentAt: number;
  readonly visibleAt: number;
  readonly receiveCount: number;
  readonly firstReceivedAt: number;
  /** ARN of the queue whose redrive policy moved it here. */
  readonly source: string | null;
}

export interface NewMessage {
  readonly queue: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly sentAt: number;
  readonly visibleAt: number;
}

/** A lease on a message. */
export interface Lease {
  readonly now: number;
  /** When it becomes visible again, unless deleted. */
  readonly until: number;
  /** By an event-source mapping, whose leases end with the process. */
  readonly mapping: boolean;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS queues (name TEXT PRIMARY KEY, attributes TEXT, createdAt INTEGER) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT, queue TEXT, body TEXT,
    attributes TEXT, sentAt INTEGER, visibleAt INTEGER, receiveCount INTEGER DEFAULT 0,
    firstReceivedAt INTEGER DEFAULT 0, source TEXT, mapping INTEGER DEFAULT 0);
  CREATE INDEX IF NOT EXISTS visible ON messages (queue, visibleAt, seq);
`;

/** Queues and messages in `<dir>/sqs.sqlite`. A returned write survives the process. */
export function openStore(dir: string) {
  mkdirSync(dir, { recursive: true });
  const db = new DatabaseSync(join(dir, 'sqs.sqlite'));
  db.exec(SCHEMA);
  const putQueue = db.prepare('INSERT OR REPLACE INTO queues VALUES (?, ?, ?)');
  const insert = db.prepare(
    'INSERT INTO messages (id, queue, body, attributes, sentAt, visibleAt) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const visible = db.prepare(
    'SELECT * FROM messages WHERE queue = ? AND visibleAt <= ? ORDER BY visibleAt, seq LIMIT ?',
  );
  const lease = db.prepare(`UPDATE messages SET visibleAt = ?, receiveCount = receiveCount + 1, mapping = ?,
    firstReceivedAt = iif(firstReceivedAt = 0, ?, firstReceivedAt) WHERE seq = ? RETURNING *`);
  const move = db.prepare(
    `UPDATE messages SET queue = ?, source = ?, visibleAt = ?, receiveCount = 0 WHERE seq = ?`,
  );
  const find = db.prepare('SELECT * FROM messages WHERE seq = ? AND receiveCount = ? AND queue = ?');
  const remove = db.prepare('DELETE FROM messages WHERE seq = ?');
  const hide = db.prepare('UPDATE messages SET visibleAt = ? WHERE seq = ?');
  const next = db.prepare('SELECT min(visibleAt) AS at FROM messages WHERE queue = ?');
  const counts = db.prepare(`SELECT count(*) FILTER (WHERE visibleAt <= :now) AS visible,
    count(*) FILTER (WHERE visibleAt > :now AND receiveCount > 0) AS inFlight,
    count(*) FILTER (WHERE visibleAt > :now AND receiveCount = 0) AS delayed FROM messages WHERE queue = :queue`);
  db.prepare('UPDATE messages SET visibleAt = 0, mapping = 0 WHERE mapping = 1').run();
  return {
    queues: () =>
      db
        .prepare('SELECT * FROM queues ORDER BY name')
        .all()
        .map((row) => ({ ...row, attributes: JSON.parse(String(row.attributes)) }) as unknown as Queue),
    putQueue: ({ name, attributes, createdAt }: Queue) =>
      void putQueue.run(name, JSON.stringify(attributes), createdAt),
    deleteQueue(name: string): void {
      db.prepare('DELETE FROM queues WHERE name = ?').run(name);
      this.purge(name);
    },
    purge: (queue: string) => void db.prepare('DELETE FROM messages WHERE queue = ?').run(queue),
    /** Stores a message and gives its id. */
    add({ queue, body, attributes, sentAt, visibleAt }: NewMessage): string {
      const id = randomUUID();
      insert.run(id, queue, body, JSON.stringify(attributes), sentAt, visibleAt);
      return id;
    },
    visible: (queue: string, now: number, max: number): Message[] =>
      visible.all(queue, now, max).map(toMessage),
    /** Takes a lease on a visible message. */
    lease: (seq: number, { until, mapping, now }: Lease): Message =>
      toMessage(lease.get(until, mapping ? 1 : 0, now, seq) ?? {}),
    /** Moves a message to a dead-letter queue. */
    move: (seq: number, to: { queue: string; source: string; now: number }) =>
      void move.run(to.queue, to.source, to.now, seq),
    /** The message, if this was its latest receipt. */
    find(seq: number, receiveCount: number, queue: string): Message | undefined {
      const row = find.get(seq, receiveCount, queue);
      return row && toMessage(row);
    },
    remove: (seq: number) => void remove.run(seq),
    hide: (seq: number, visibleAt: number) => void hide.run(visibleAt, seq),
    /** When the earliest message of a queue is or becomes visible. */
    nextVisible: (queue: string) => (next.get(queue)?.at ?? undefined) as number | undefined,
    counts: (queue: string, now: number) =>
      counts.get({ queue, now }) as { visible: number; inFlight: number; delayed: number },
    close: () => db.close(),
  };
}

export type SqsStore = ReturnType<typeof openStore>;

function toMessage(row: Record<string, unknown>): Message {
  return { ...row, attributes: JSON.parse(String(row.attributes)) } as unknown as Message;
}
