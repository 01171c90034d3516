import { randomUUID } from 'node:crypto';
import type { Identity } from '../ports.ts';

export interface EventParts {
  readonly source: string;
  readonly detailType: string;
  /** JSON text of an object; kept as it came, so that no number loses digits. */
  readonly detail: string;
  readonly resources: readonly string[];
  /** Epoch milliseconds. */
  readonly time: number;
}

export interface AcceptedEvent {
  readonly id: string;
  /** The envelope's JSON text. */
  readonly json: string;
}

/** An event in EventBridge's envelope.
 * https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export function envelope(identity: Identity, parts: EventParts): AcceptedEvent {
  const id = randomUUID();
  const head = JSON.stringify({
    version: '0',
    id,
    'detail-type': parts.detailType,
    source: parts.source,
    account: identity.account,
    time: isoSeconds(parts.time),
    region: identity.region,
    resources: parts.resources,
  });
  return { id, json: `${head.slice(0, -1)},"detail":${parts.detail}}` };
}

/** ISO 8601 without milliseconds, as EventBridge writes times. */
export function isoSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
