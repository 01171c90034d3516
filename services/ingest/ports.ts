import type { ItemStore } from '../../shared/aws/item-store.ts';
import type { PublishPending } from '../../shared/aws/publisher.ts';
import type { RunStore } from '../../shared/aws/run-store.ts';
import type { S3Address } from '../../shared/contracts/s3-uri.ts';
import type { Origin, Part } from '../../shared/lifecycle/run.ts';
import type { Limits } from './prepare/read/rejection.ts';
import type { Resources } from './prepare/session.ts';

/** A dataset version's manifest, as it lies beside the data: what it was made of. Written last, so that a version
 * with a manifest is whole. */
export interface Manifest {
  readonly formatVersion: 1;
  readonly version: string;
  readonly pipeline: string;
  readonly preparation: string;
  readonly parts: readonly (Part & {
    readonly sha256: string;
    readonly rows: number;
    readonly quarantined: number;
  })[];
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
  readonly quarantined: number;
  readonly dropped?: number;
  readonly duplicates?: number;
  /** The features, in order. */
  readonly columns: readonly string[];
  /** Columns of the files that the specification does not declare. */
  readonly undeclared?: readonly string[];
  /** What quality gates warn of, a sentence each. */
  readonly warnings?: readonly string[];
}

export interface DroppedObject {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
  readonly sequencer: string;
  readonly modifiedAt: number;
  /** As its metadata says; only a declared source's file has one. */
  readonly origin?: Origin;
}

export interface ObjectStorage {
  /** What is there now, or undefined. */
  head(bucket: string, key: string, versionId?: string): Promise<DroppedObject | undefined>;
  /** The current versions of the objects under a prefix, in key order, page by page; without sequencers. */
  list(bucket: string, prefix: string): AsyncIterable<DroppedObject>;
  open(object: Pick<Part, 'bucket' | 'key' | 'versionId'>): Promise<AsyncIterable<Uint8Array>>;
  readText(bucket: string, key: string, limitBytes: number): Promise<string | undefined>;
  writeFile(bucket: string, key: string, path: string): Promise<void>;
  writeText(bucket: string, key: string, text: string): Promise<void>;
  /** Within a bucket; the bytes do not pass through the function. */
  copy(bucket: string, from: string, to: string): Promise<void>;
  /** Writes a source's file unless the key is taken, its origin with it. */
  writeOnce(bucket: string, key: string, path: string, origin: Origin): Promise<void>;
  /** The same with what lies in S3 already; the bytes do not pass through the function. */
  copyOnce(from: S3Address, to: S3Address, origin: Origin): Promise<void>;
  /** Removes what is there now for good, as far as it is there. */
  remove(bucket: string, key: string): Promise<void>;
  /** Removes what lies under a prefix, all its versions. */
  removeAll(bucket: string, prefix: string): Promise<void>;
}

/** A folder for one preparation; it is removed with what is in it. */
export type WithFolder = <T>(work: (folder: string) => Promise<T>) => Promise<T>;

/** Whether an image can be pulled; the reason when it cannot. */
export type CheckImage = (
  uri: string,
) => Promise<{ readonly kind: 'there' } | { readonly kind: 'missing'; readonly reason: string }>;

/** A Processing job. Addresses are of folders. */
export interface ProcessingOrder {
  readonly name: string;
  /** The run that it works for, where it works for one. */
  readonly runId?: string;
  readonly request: string;
  readonly output: string;
  readonly instance: string;
  readonly volumeGb: number;
  readonly maximumSeconds: number;
}

export type ProcessingState =
  | { readonly status: 'running' | 'completed' }
  | {
      readonly status: 'failed';
      readonly reason: string;
      /** The program itself gave the reason. */
      readonly told: boolean;
      /** It is no fault of the data or the program. */
      readonly again: boolean;
    };

export interface ProcessingJobs {
  /** Undefined where there is no job of this name. */
  describe(name: string): Promise<ProcessingState | undefined>;
  /** Begins it unless its name is taken: then it has begun before. */
  start(order: ProcessingOrder): Promise<void>;
  /** The run that a job works for. */
  runOf(name: string): Promise<string | undefined>;
}

export interface IngestSettings {
  readonly stage: string;
  readonly account: string;
  readonly region: string;
  readonly dropBucket: string;
  readonly artifactsBucket: string;
  /** Text of more bytes is prepared by Spark. */
  readonly sparkAboveBytes: number;
  readonly sparkInstance: string;
  /** A declared source of more bytes is pulled by a job. */
  readonly sourceJobAboveBytes: number;
  readonly sourceInstance: string;
  /** Private networks that declared sources may be in. */
  readonly sourceNetworks: readonly string[];
  /** Who may have signed their certificates beside Node's own authorities, as PEM. */
  readonly sourceAuthorities: readonly string[];
}

export interface IngestPorts {
  readonly items: ItemStore;
  readonly runs: RunStore;
  readonly publish: PublishPending;
  readonly storage: ObjectStorage;
  /** With the Spark image. */
  readonly processing: ProcessingJobs;
  /** With the image that pulls sources. */
  readonly sourceJobs: ProcessingJobs;
  readonly withFolder: WithFolder;
  /** What a preparation may take of the function. */
  readonly resources: Resources;
  /** Where data shall be bounded more closely than a function has to. */
  readonly limits?: Partial<Limits>;
  readonly settings: IngestSettings;
  readonly now: () => number;
}
