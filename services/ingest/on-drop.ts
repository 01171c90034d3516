/** A file was dropped: it begins a run, joins a batch, or waits for its manifest, as the pipeline declares. */
import type { ObjectCreated } from '../../shared/contracts/aws-events.ts';
import type { DropManifest } from '../../shared/contracts/http.ts';
import { runIdOf } from '../../shared/contracts/names.ts';
import type { Part } from '../../shared/lifecycle/run.ts';
import { log } from '../../shared/runtime/log.ts';
import type { BeginRun, Refusal } from './begin-run.ts';
import { dropPlace } from './drop-place.ts';
import { identityOf, partsOf, sealOf } from './inbox.ts';
import { buildJoinBatch } from './join-batch.ts';
import type { DroppedObject, IngestPorts } from './ports.ts';

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

/** Takes one object, whoever noticed it: the event or the sweep's listing. */
export type TakeDrop = (object: DroppedObject) => Promise<void>;

export function buildTakeDrop({ ports, begin, refuse, readManifest }: DropShell): TakeDrop {
  const { runs, storage } = ports;
  const join = buildJoinBatch(ports);

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

  async function takeManifest(pipeline: string, object: DroppedObject): Promise<void> {
    const text = await storage.readText(object.bucket, object.key, MOST_MANIFEST_BYTES);
    const manifest = readManifest(text ?? '');
    if ('problem' in manifest)
      return refusedManifest(
        pipeline,
        object,
        `${manifest.problem}; write {"parts": [{"key": "incoming/${pipeline}/…"}]}`,
      );
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
        `it names what is not there: ${missing.slice(0, 5).join(', ')}; drop these first, then the manifest again`,
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
