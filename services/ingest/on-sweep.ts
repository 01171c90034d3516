/** Every minute: quiet batches are sealed, drops whose events were lost are found, runs are brought on. */
import type { Due, Stored } from '../../shared/aws/item-store.ts';
import { inboxKey, pipelineList } from '../../shared/aws/keys.ts';
import { sweepRuns } from '../../shared/aws/sweep.ts';
import { tryAgainOnConflict } from '../../shared/aws/try-again.ts';
import { runIdOf } from '../../shared/contracts/names.ts';
import type { Pipeline } from '../../shared/lifecycle/pipeline.ts';
import { buildObjectsOf } from './batch-objects.ts';
import type { BeginRun } from './begin-run.ts';
import { dropPlace } from './drop-place.ts';
import { inGroups } from './in-groups.ts';
import { batchIdentity, emptyInbox, type Inbox, partsOf, seal, sealed, sealOf, sealsAt } from './inbox.ts';
import type { TakeDrop } from './on-drop.ts';
import type { DroppedObject, IngestPorts } from './ports.ts';
import type { PrepareRun } from './prepare-run.ts';
import { buildFindUntaken } from './untaken.ts';

/** S3 shows an object in listings at once, but clocks differ: what is a little older is looked at again. */
const OVERLAP_MS = 60_000;
/** An object younger than this is still on its way by its event. */
const PATIENCE_MS = 3_000;
/** Noting each scan would only make the inbox's writers meet more often. */
const NOTE_EVERY_MS = 60_000;
/** Drops that keep coming put the search for lost ones off no longer than this. */
const LONGEST_UNSEARCHED_MS = 600_000;
/** As one call of the item store answers. */
const LOOKED_AT_ONCE = 100;
/** As one delivery of the queue brings. */
const TAKEN_AT_ONCE = 10;
const PAGE = 100;

export interface SweepShell {
  readonly ports: IngestPorts;
  readonly begin: BeginRun;
  readonly take: TakeDrop;
  readonly prepare: PrepareRun;
}

/** When the open batch wants to be looked at; whatever waits is sealed at once by a pipeline that no longer waits. */
function dueOf(pipeline: Pipeline, inbox: Inbox): Due | undefined {
  const rule = sealOf(pipeline.specification.data.seal);
  const at = sealsAt(inbox, rule.kind === 'quiet' ? rule.ms : 0);
  return at === undefined ? undefined : { owner: 'ingest', at };
}

export function buildSealQuiet({ ports, begin }: Pick<SweepShell, 'ports' | 'begin'>) {
  const { items, now } = ports;
  const objectsOf = buildObjectsOf(ports);

  async function beginSealed(pipeline: Pipeline, stored: Stored<Inbox>, batch: number): Promise<void> {
    const objects = await objectsOf(pipeline.name, batch);
    const identity = batchIdentity(batch);
    await begin({
      pipeline: pipeline.name,
      runId: runIdOf(pipeline.name, identity),
      cause: { kind: 'data', batch: identity },
      parts: partsOf(objects),
    });
    await items.commit(stored, { state: sealed(stored.state), due: dueOf(pipeline, stored.state) });
  }

  /** One batch at a time: the next is sealed only when the last one's run is known to exist. */
  return (pipeline: Pipeline): Promise<void> =>
    tryAgainOnConflict(async () => {
      const stored = await items.load<Inbox>(inboxKey(pipeline.name));
      if (!stored) return;
      if (stored.state.sealing !== undefined) return beginSealed(pipeline, stored, stored.state.sealing);
      const due = dueOf(pipeline, stored.state);
      if (!due || due.at > now()) return;
      const state = seal(stored.state);
      const next = await items.commit(stored, { state, due: { owner: 'ingest', at: now() } });
      return beginSealed(pipeline, next, stored.state.batch);
    });
}

/** Objects that came since the last listing and that no event has told of (or not yet). */
export function buildFindLostDrops({ ports, take }: Pick<SweepShell, 'ports' | 'take'>) {
  const { items, storage, settings, now } = ports;
  const findUntaken = buildFindUntaken(ports);

  async function* recent(pipeline: string, from: number, until: number): AsyncGenerator<DroppedObject> {
    for await (const object of storage.list(settings.dropBucket, `incoming/${pipeline}/`)) {
      const { kind } = dropPlace(object.key);
      const isRecent = object.modifiedAt >= from && object.modifiedAt <= until - PATIENCE_MS;
      if (isRecent && (kind === 'data' || kind === 'manifest')) yield object;
    }
  }

  async function noteScan(inbox: Inbox, scannedUntil: number): Promise<void> {
    const key = inboxKey(inbox.pipeline);
    await tryAgainOnConflict(async () => {
      const latest = await items.load<Inbox>(key);
      if (latest) await items.commit(latest, { state: { ...latest.state, scannedUntil }, due: latest.due });
      else await items.create(key, { state: { ...inbox, scannedUntil } });
    });
  }

  /** While drops keep coming, what no event has told of is most likely on its way behind them, and a sweep would only
   * compete for it. It is in time when the batch would be sealed otherwise. */
  function mayWait(pipeline: Pipeline, inbox: Inbox, at: number): boolean {
    const due = dueOf(pipeline, inbox);
    const searched = inbox.scannedUntil ?? Date.parse(pipeline.createdAt);
    return due !== undefined && due.at > at && at - searched < LONGEST_UNSEARCHED_MS;
  }

  return async (pipeline: Pipeline): Promise<void> => {
    const stored = await items.load<Inbox>(inboxKey(pipeline.name));
    const inbox = stored?.state ?? emptyInbox(pipeline.name);
    const until = now();
    if (mayWait(pipeline, inbox, until)) return;
    const young = recent(pipeline.name, (inbox.scannedUntil ?? 0) - OVERLAP_MS, until);
    for await (const objects of inGroups(young, LOOKED_AT_ONCE)) {
      const lost = await findUntaken(pipeline, objects);
      for await (const few of inGroups(lost, TAKEN_AT_ONCE)) await Promise.all(few.map(take));
    }
    if (until - (inbox.scannedUntil ?? 0) >= NOTE_EVERY_MS) await noteScan(inbox, until);
  };
}

export function buildOnSweep(shell: SweepShell) {
  const { items, runs } = shell.ports;
  const sealQuiet = buildSealQuiet(shell);
  const findLostDrops = buildFindLostDrops(shell);

  return async (): Promise<void> => {
    let next: string | undefined;
    do {
      const page = await items.list<Pipeline>(pipelineList, { limit: PAGE, next });
      for (const pipeline of page.items) {
        await findLostDrops(pipeline);
        await sealQuiet(pipeline);
      }
      next = page.next;
    } while (next);
    await sweepRuns('ingest', runs, shell.prepare);
  };
}
