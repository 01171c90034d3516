/** A client that keeps writing everything that the cloud acknowledges (objects, items, events, messages, jobs), notes
 * what was acknowledged, and later asks for all of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Cloud,
  close,
  connect,
  KINDS,
  type Kind,
  listItems,
  listObjects,
  prepare,
  receive,
  statuses,
  type Writes,
  writesOf,
} from './ledger-calls.ts';

/** Between two writes of a kind, milliseconds. */
const PAUSE: Readonly<Record<Kind, number>> = { object: 20, item: 20, event: 40, message: 40, job: 3_000 };

/** One turn: what is written between two kills. */
export interface Turn {
  /** Before the kill: whatever fails from now on was not promised. */
  end(): void;
  /** Resolves once no writer writes any more; throws when a write failed while the cloud ran. */
  readonly ended: Promise<void>;
}

export interface Ledger {
  /** Makes the queues and the rule; they too must survive. */
  prepare(cloud: Cloud): Promise<void>;
  /** Writes until the turn ends; `number` names the turn. */
  write(cloud: Cloud, number: number): Turn;
  /** Ids of acknowledged writes that are not there, by kind: of one turn, or of all. Waits `seconds` for what is
   * still on its way through a queue. */
  missing(cloud: Cloud, seconds: number, turn?: number): Promise<Record<Kind, string[]>>;
  /** The status of every acknowledged job. */
  jobs(cloud: Cloud): Promise<Record<string, string>>;
  acknowledged(kind: Kind): number;
}

export function createLedger(): Ledger {
  const acknowledged = new Map<Kind, Map<number, string[]>>(KINDS.map((kind) => [kind, new Map()]));
  /** What the consumers have received so far. */
  const received = { event: new Set<string>(), message: new Set<string>() };
  const idsOf = (kind: Kind, turn?: number): string[] => {
    const byTurn = acknowledged.get(kind) ?? new Map<number, string[]>();
    return turn === undefined ? [...byTurn.values()].flat() : (byTurn.get(turn) ?? []);
  };

  async function keepWriting(writes: Writes, kind: Kind, turn: number, isOver: () => boolean): Promise<void> {
    const ids: string[] = [];
    acknowledged.get(kind)?.set(turn, ids);
    for (let n = 0; !isOver(); n += 1) {
      const id = `${turn}-${n}`;
      try {
        await writes[kind](turn, id);
        ids.push(id);
      } catch (error) {
        if (isOver()) return;
        throw new Error(`The ${kind} ${id} was refused while the cloud ran: ${error}`, { cause: error });
      }
      const until = Date.now() + PAUSE[kind];
      while (!isOver() && Date.now() < until) await sleep(Math.min(20, PAUSE[kind]));
    }
  }

  return {
    prepare,
    write(cloud, number) {
      let isOver = false;
      const clients = connect(cloud);
      const writes = writesOf(cloud, clients);
      const work = KINDS.map((kind) => keepWriting(writes, kind, number, () => isOver));
      const ended = Promise.all(work)
        .then(() => undefined)
        .finally(() => close(clients));
      // Whoever ends the turn hears of it.
      ended.catch(() => undefined);
      return {
        end: () => {
          isOver = true;
        },
        ended,
      };
    },
    async missing(cloud, seconds, turn) {
      const clients = connect(cloud);
      try {
        const turns = turn === undefined ? [...(acknowledged.get('item')?.keys() ?? [])] : [turn];
        const objects = await listObjects(cloud, clients, turn);
        const items = await listItems(cloud, clients, turns);
        const absent = (kind: Kind, found: ReadonlySet<string>) =>
          idsOf(kind, turn).filter((id) => !found.has(id));
        for (const kind of ['event', 'message'] as const) {
          const until = Date.now() + seconds * 1000;
          while (absent(kind, received[kind]).length > 0 && Date.now() < until)
            await receive(cloud, clients, kind, received[kind]);
        }
        const jobs = await statuses(clients, idsOf('job', turn));
        return {
          object: absent('object', objects),
          item: absent('item', items),
          event: absent('event', received.event),
          message: absent('message', received.message),
          job: absent('job', new Set(Object.keys(jobs))),
        };
      } finally {
        close(clients);
      }
    },
    async jobs(cloud) {
      const clients = connect(cloud);
      return statuses(clients, idsOf('job')).finally(() => close(clients));
    },
    acknowledged: (kind) => idsOf(kind).length,
  };
}
