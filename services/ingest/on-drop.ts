/** A file was dropped: it begins a run, joins a batch, or waits for its manifest, as the pipeline declares. */
import { Conflict, type Stored } from '../../shared/aws/item-store.ts';
import { dropKey, dropPrefix, inboxKey, seenKey } from '../../shared/aws/keys.ts';
import { tryAgainOnConflict } from '../../shared/aws/try-again.ts';
import type { ObjectCreated } from '../../shared/contracts/aws-events.ts';
import type { DropManifest } from '../../shared/contracts/http.ts';
import { runIdOf, shortHash } from '../../shared/contracts/names.ts';
import type { Part } from '../../shared/lifecycle/run.ts';
import { log } from '../../shared/runtime/log.ts';
import type { BeginRun, Refusal } from './begin-run.ts';
import { dropPlace } from './drop-place.ts';
import { arrived, batchIdentity, emptyInbox, type Inbox, partsOf, sealOf, sealsAt } from './inbox.ts';
import type { DroppedObject, IngestPorts } from './ports.ts';
import { buildPartsOfRun } from './run-parts.ts';

const MOST_MANIFEST_BYTES = 4 * 1024 * 1024;
/** Drops whose folder names no pipeline are shown under this name. */
const NOBODY = 'unknown';

export interface DropShell {
  readonly ports: IngestPorts;
  readonly begin: BeginRun;
  readonly refuse: (refusal: Refusal) => Promise<void>;
  /** Whether a manifest's text has the declared shape; the reason when not. */
  readonly readManifest: (text: string) => DropManifest | { readonly problem: string };
}

interface Seen {
  readonly batch: number;
  /** Known to be in that batch; otherwise a batch that was sealed meanwhile must be asked. */
  readonly isJoined?: boolean;
}

/** Takes one object, whoever noticed it: the event or the sweep's listing. */
export type TakeDrop = (object: DroppedObject) => Promise<void>;

const identityOf = (object: Pick<DroppedObject, 'bucket' | 'key' | 'versionId'>): string =>
  `${object.bucket}/${object.key}@${object.versionId}`;

export function buildTakeDrop({ ports, begin, refuse, readManifest }: DropShell): TakeDrop {
  const { items, runs, storage, now } = ports;
  const partsOfRun = buildPartsOfRun(ports);

  async function takeData(pipeline: string, object: DroppedObject): Promise<void> {
    const stored = await runs.loadPipeline(pipeline);
    if (!stored) return start(pipeline, object, partsOf([object]));
    const seal = sealOf(stored.state.specification.data.seal);
    switch (seal.kind) {
      case 'each':
        return start(pipeline, object, partsOf([object]));
      case 'manifest':
        return;
      case 'quiet':
        return join(pipeline, object, seal.ms);
      default:
        return seal satisfies never;
    }
  }

  async function start(pipeline: string, object: DroppedObject, parts: readonly Part[]): Promise<void> {
    const identity = identityOf(object);
    const begun = await begin({
      pipeline,
      runId: runIdOf(pipeline, identity),
      cause: { kind: 'data', batch: identity },
      parts,
    });
    if (begun.kind === 'unknown-pipeline') await refuse({ pipeline, identity, parts, reason: begun.reason });
  }

  /** The object becomes an item of the open batch, once, whoever tells of it. Should that batch be sealed meanwhile,
   * it joins the next. */
  async function join(pipeline: string, object: DroppedObject, quietMs: number): Promise<void> {
    const id = shortHash(identityOf(object));
    await tryAgainOnConflict(async () => {
      const stored = await items.load<Inbox>(inboxKey(pipeline));
      const inbox = stored?.state ?? emptyInbox(pipeline);
      const seen = await claim(pipeline, object, inbox.batch);
      if (!seen) return;
      await items.create(dropKey(pipeline, inbox.batch, id), { state: object });
      const next = arrived(inbox, now());
      const due = { owner: 'ingest', at: sealsAt(next, quietMs) as number };
      if (stored) {
        await items.commit(stored, { state: next, due });
      } else if (!(await items.create(inboxKey(pipeline), { state: next, due }))) {
        throw new Conflict(inboxKey(pipeline));
      }
      // The batch was open after the object lay in it: whoever seals it reads the object.
      await items.commit(seen, { state: { batch: inbox.batch, isJoined: true } });
    });
  }

  /** Notes which batch an object belongs to; undefined when one has it already. */
  async function claim(
    pipeline: string,
    object: DroppedObject,
    batch: number,
  ): Promise<Stored<Seen> | undefined> {
    const key = seenKey(pipeline, shortHash(identityOf(object)));
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
    const objects = await items.beneath<DroppedObject>(inboxKey(pipeline).pk, dropPrefix(batch));
    const isIt = ({ key, versionId }: Pick<Part, 'key' | 'versionId'>): boolean =>
      key === object.key && versionId === object.versionId;
    if (!partsOf(objects).some(isIt)) return objects.some(isIt);
    const run = await runs.loadRun(runIdOf(pipeline, batchIdentity(batch)));
    if (!run) throw new Conflict(inboxKey(pipeline));
    return (await partsOfRun(run.state)).some(isIt);
  }

  async function takeManifest(pipeline: string, object: DroppedObject): Promise<void> {
    const text = await storage.readText(object.bucket, object.key, MOST_MANIFEST_BYTES);
    const manifest = readManifest(text ?? '');
    if ('problem' in manifest) return refusedManifest(pipeline, object, manifest.problem);
    const found = await Promise.all(
      manifest.parts.map(async (part) => ({
        part,
        there: await storage.head(object.bucket, part.key, part.versionId),
      })),
    );
    const missing = found.filter(({ there }) => !there).map(({ part }) => part.key);
    if (missing.length > 0)
      return refusedManifest(
        pipeline,
        object,
        `it names what is not there: ${missing.slice(0, 5).join(', ')}`,
      );
    await start(
      pipeline,
      object,
      partsOf(found.map(({ there }) => there).filter((there) => there !== undefined)),
    );
  }

  const refusedManifest = (pipeline: string, object: DroppedObject, problem: string) =>
    refuse({
      pipeline,
      identity: identityOf(object),
      parts: partsOf([object]),
      reason: `The manifest ${object.key} cannot be used: ${problem}`,
    });

  return async (object) => {
    const place = dropPlace(object.key);
    switch (place.kind) {
      case 'data':
        return takeData(place.pipeline, object);
      case 'manifest':
        return takeManifest(place.pipeline, object);
      case 'waits-for-manifest':
      case 'folder':
        return log.info('A dropped object needs nothing yet', { key: object.key, because: place.kind });
      case 'misplaced':
        return refuse({
          pipeline: NOBODY,
          identity: identityOf(object),
          parts: partsOf([object]),
          reason: place.reason,
        });
      default:
        return place satisfies never;
    }
  };
}

/** The event is a hint: the object is looked at before it is taken. */
export function buildOnDrop({ storage }: Pick<IngestPorts, 'storage'>, take: TakeDrop) {
  return async ({ bucket, object }: ObjectCreated): Promise<void> => {
    const there = await storage.head(bucket.name, object.key, object['version-id']);
    if (there) await take({ ...there, sequencer: object.sequencer ?? '' });
    else log.warn('A dropped object is no longer there', { bucket: bucket.name, key: object.key });
  };
}
