/** The open batch of a pipeline that seals by quiet. Pure. */
import { secondsOf } from '../../shared/contracts/duration.ts';
import type { Part } from '../../shared/lifecycle/run.ts';
import type { DroppedObject } from './ports.ts';

export interface Inbox {
  readonly pipeline: string;
  /** Counts batches, from 1; objects join the batch that is open when they come. */
  readonly batch: number;
  /** Epoch ms of the last arrival, undefined while the open batch is empty. */
  readonly lastArrival?: number;
  /** A batch that was sealed and whose run is not yet known to exist. */
  readonly sealing?: number;
  /** The drop bucket has been listed for objects up to this time (epoch ms). */
  readonly scannedUntil?: number;
}

export type Seal =
  | { readonly kind: 'each' }
  | { readonly kind: 'manifest' }
  | { readonly kind: 'quiet'; readonly ms: number };

export function sealOf(text: string): Seal {
  if (text === 'each' || text === 'manifest') return { kind: text };
  return { kind: 'quiet', ms: secondsOf(text.slice('quiet '.length)) * 1000 };
}

/** Names a version of an object. */
export const identityOf = (object: Pick<DroppedObject, 'bucket' | 'key' | 'versionId'>): string =>
  `${object.bucket}/${object.key}@${object.versionId}`;

/** Names a sealed batch; its run is named by this. */
export const batchIdentity = (batch: number): string => `batch:${batch}`;

export const emptyInbox = (pipeline: string): Inbox => ({ pipeline, batch: 1 });

export const arrived = (inbox: Inbox, at: number): Inbox => ({
  ...inbox,
  lastArrival: Math.max(inbox.lastArrival ?? 0, at),
});

/** When the open batch may be sealed; undefined while it is empty. */
export const sealsAt = (inbox: Inbox, quietMs: number): number | undefined =>
  inbox.lastArrival === undefined ? undefined : inbox.lastArrival + quietMs;

/** The next batch is open, the last one is being sealed. */
export function seal(inbox: Inbox): Inbox {
  const { lastArrival: _, ...rest } = inbox;
  return { ...rest, batch: inbox.batch + 1, sealing: inbox.batch };
}

export function sealed(inbox: Inbox): Inbox {
  const { sealing: _, ...rest } = inbox;
  return rest;
}

/** Sequencers are hexadecimal numbers of different lengths; only those of one key can be compared. */
const followsBySequencer = (a: string, b: string): boolean => {
  const length = Math.max(a.length, b.length);
  return a.padStart(length, '0') > b.padStart(length, '0');
};

/** Answers of S3 differ in precision. */
const secondOf = ({ modifiedAt }: DroppedObject): number => Math.floor(modifiedAt / 1000);

/** Whether `a` is a later version of the key than `b`. One without a sequencer was found by the sweep, which had seen it
 * be the latest some seconds after it came: others of its second came before it. */
function isLater(a: DroppedObject, b: DroppedObject): boolean {
  if (a.sequencer !== '' && b.sequencer !== '') return followsBySequencer(a.sequencer, b.sequencer);
  if (secondOf(a) !== secondOf(b)) return secondOf(a) > secondOf(b);
  return a.sequencer === '';
}

/** The parts of a batch: of one key only its latest version, in key order. */
export function partsOf(objects: readonly DroppedObject[]): readonly Part[] {
  const latest = new Map<string, DroppedObject>();
  for (const object of objects) {
    const known = latest.get(object.key);
    if (!known || isLater(object, known)) latest.set(object.key, object);
  }
  return [...latest.values()]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ bucket, key, versionId, size, origin }) => ({
      bucket,
      key,
      versionId,
      size,
      ...(origin ? { origin } : {}),
    }));
}
