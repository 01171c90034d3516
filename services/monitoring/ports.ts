import type { ItemStore } from '../../shared/aws/item-store.ts';
import type { PublishPending } from '../../shared/aws/publisher.ts';

/** An object that was promised is not there. */
export class ObjectMissing extends Error {
  readonly code = 'ObjectMissing';
}

export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

export interface ListedObject {
  readonly key: string;
  /** When it was written, epoch ms, by the store's clock. */
  readonly writtenAt: number;
}

/** Captures, ground truth, dataset files, reports and labelled rows all are objects. */
export interface Objects {
  /** The lines of a text object, streamed; a line longer than 16 MiB is cut there. Throws ObjectMissing. */
  lines(address: ObjectAddress): AsyncIterable<string>;
  /** A small JSON object. Throws ObjectMissing, SyntaxError. */
  json(address: ObjectAddress): Promise<unknown>;
  /** The objects right under a folder's subfolders and deeper, whose key follows `after` within each subfolder: for
   * `captures/<endpoint>/` and `2026/11/23` those of every variant from that day on. */
  listSince(folder: { bucket: string; prefix: string; after: string }): Promise<readonly ListedObject[]>;
  writeJson(address: ObjectAddress, value: unknown): Promise<void>;
  /** Writes lines as they come. */
  writeLines(address: ObjectAddress, lines: AsyncIterable<string>): Promise<void>;
}

export interface MonitoringSettings {
  readonly stage: string;
  readonly artifactsBucket: string;
  readonly dropBucket: string;
}

export interface MonitoringPorts {
  readonly items: ItemStore;
  readonly publish: PublishPending;
  readonly objects: Objects;
  readonly settings: MonitoringSettings;
  readonly now: () => number;
}
