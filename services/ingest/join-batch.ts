/** Objects join the open batch of a pipeline that seals by quiet: each once, whoever tells of it. */
import { Conflict, type Stored } from '../../shared/aws/item-store.ts';
import { dropKey, inboxKey, seenKey } from '../../shared/aws/keys.ts';
import { tryAgainOnConflict } from '../../shared/aws/try-again.ts';
import { runIdOf, shortHash } from '../../shared/contracts/names.ts';
import type { Part } from '../../shared/lifecycle/run.ts';
import { buildObjectsOf } from './batch-objects.ts';
import { gather } from './gather.ts';
import { inGroups } from './in-groups.ts';
import { arrived, batchIdentity, emptyInbox, type Inbox, identityOf, partsOf, sealsAt } from './inbox.ts';
import type { DroppedObject, IngestPorts } from './ports.ts';
import { buildPartsOfRun } from './run-parts.ts';

interface Seen {
  readonly batch: number;
  /** Known to be in that batch; otherwise a batch that was sealed meanwhile must be asked. */
  readonly isJoined?: boolean;
}

interface Arrival {
  readonly object: DroppedObject;
  readonly quietMs: number;
}

/** An arrival that follows another within this share of the quiet time is not noted again: a batch may be sealed by so
 * much too early. */
const UNHEARD = 0.02;

/** With the longest keys, below DynamoDB's 400 KB of an item. */
const MOST_IN_ITEM = 50;

/** Names a version of an object in keys. */
export const objectId = (object: DroppedObject): string => shortHash(identityOf(object));

/** Whether the item of seenKey tells of an object that is in a batch for good. */
export const isJoined = (seen: unknown): boolean => (seen as Seen).isJoined === true;

/** Resolves once the object lies in a batch. Throws Conflict when other writers were faster again and again. */
export function buildJoinBatch({
  items,
  runs,
  storage,
  now,
}: Pick<IngestPorts, 'items' | 'runs' | 'storage' | 'now'>) {
  const partsOfRun = buildPartsOfRun({ storage });
  const objectsOf = buildObjectsOf({ items });

  /** Those that come at once, as in a storm, join together. */
  const join = gather<Arrival>((pipeline, arrivals) =>
    tryAgainOnConflict(async () => {
      const { batch } = (await items.load<Inbox>(inboxKey(pipeline)))?.state ?? emptyInbox(pipeline);
      const objects = new Map(arrivals.map(({ object }) => [objectId(object), object]));
      const claims = await Promise.all([...objects.values()].map((object) => claim(pipeline, object, batch)));
      const fresh = [...objects.values()].filter((_, index) => claims[index]);
      if (fresh.length === 0) return;
      await place(pipeline, fresh, batch);
      const quietMs = Math.max(...arrivals.map((arrival) => arrival.quietMs));
      const isOpen = await tryAgainOnConflict(() => noteArrival(pipeline, batch, quietMs));
      if (!isOpen) throw new Conflict(inboxKey(pipeline));
      // The batch was open after the objects lay in it: whoever seals it reads them.
      await Promise.all(
        claims.map((seen) => seen && items.commit(seen, { state: { batch, isJoined: true } })),
      );
    }),
  );

  /** Says that objects have come, so that the batch stays open; false when it was sealed meanwhile. In a storm most find
   * that another has just said so: they do not compete for the inbox. */
  async function noteArrival(pipeline: string, batch: number, quietMs: number): Promise<boolean> {
    const stored = await items.load<Inbox>(inboxKey(pipeline));
    const inbox = stored?.state ?? emptyInbox(pipeline);
    if (inbox.batch !== batch) return false;
    const at = now();
    if (at - (inbox.lastArrival ?? 0) < quietMs * UNHEARD) return true;
    const next = arrived(inbox, at);
    const due = { owner: 'ingest', at: sealsAt(next, quietMs) as number };
    if (stored) {
      await items.commit(stored, { state: next, due });
    } else if (!(await items.create(inboxKey(pipeline), { state: next, due }))) {
      throw new Conflict(inboxKey(pipeline));
    }
    return true;
  }

  /** Puts objects into the batch, to be joined by a change of the inbox. Those that are put again are there twice. */
  async function place(pipeline: string, objects: readonly DroppedObject[], batch: number): Promise<void> {
    for await (const group of inGroups(objects, MOST_IN_ITEM)) {
      const name = shortHash(group.map(objectId).join('\n'));
      await items.create<readonly DroppedObject[]>(dropKey(pipeline, batch, name), { state: group });
    }
  }

  /** Notes which batch an object belongs to; undefined when one has it already. */
  async function claim(
    pipeline: string,
    object: DroppedObject,
    batch: number,
  ): Promise<Stored<Seen> | undefined> {
    const key = seenKey(pipeline, objectId(object));
    const fresh = await items.create<Seen>(key, { state: { batch } });
    if (fresh) return fresh;
    const seen = await items.load<Seen>(key);
    if (!seen) throw new Conflict(key);
    // A second word of an object is no arrival: it must not keep the batch open.
    if (seen.state.isJoined) return undefined;
    if (seen.state.batch === batch) return seen;
    if (await wasSealed(pipeline, object, seen.state.batch)) return undefined;
    // It was noted, but the batch was sealed before it got there.
    return items.commit(seen, { state: { batch } });
  }

  /** Whether the run of an earlier batch has the object, or a later version of it. Throws Conflict while that run is
   * being made: the object may have come to the batch after its parts were read. */
  async function wasSealed(pipeline: string, object: DroppedObject, batch: number): Promise<boolean> {
    const objects = await objectsOf(pipeline, batch);
    const isIt = ({ key, versionId }: Pick<Part, 'key' | 'versionId'>): boolean =>
      key === object.key && versionId === object.versionId;
    if (!partsOf(objects).some(isIt)) return objects.some(isIt);
    const run = await runs.loadRun(runIdOf(pipeline, batchIdentity(batch)));
    if (!run) throw new Conflict(inboxKey(pipeline));
    return (await partsOfRun(run.state)).some(isIt);
  }

  return (pipeline: string, object: DroppedObject, quietMs: number): Promise<void> =>
    join(pipeline, { object, quietMs });
}
