import type { Clock, Identity, ServiceEvent } from '../ports.ts';
import type { SageMakerDisturbance } from './disturbance.ts';
import type { ResolveImage } from './images.ts';
import type { Objects } from './objects.ts';
import type { Slots } from './process/slots.ts';
import type { Document, Kind, Store } from './store.ts';

/** What the actions and workers of SageMaker share. */
export interface Context {
  readonly dir: string;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly store: Store;
  readonly objects: Objects;
  readonly resolveImage: ResolveImage;
  /** Variables with which a job's program calls AWS as its role. */
  readonly accessOf: (roleArn: string, session: string) => Readonly<Record<string, string>>;
  readonly disturbance: SageMakerDisturbance;
  /** Training, transform and processing jobs that may run at once. */
  readonly slots: Slots;
  /** Stores a document together with the events that tell of it. */
  save(kind: Kind, document: Document, ...events: ServiceEvent[]): void;
  /** Runs work in the background until it ends or the cloud closes; a failure is logged. */
  background(work: Promise<unknown>): void;
}

export function arnOf(identity: Identity, kind: Kind, name: string): string {
  // SageMaker's ARNs carry the name in lower case.
  return `arn:aws:sagemaker:${identity.region}:${identity.account}:${kind}/${name.toLowerCase()}`;
}
