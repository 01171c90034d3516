import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { Identity } from '../ports.ts';
import { type Fields, fieldsOf } from './pattern/flatten.ts';

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
  readonly fields: Fields;
}

/** An event in EventBridge's envelope. Throws MalformedDetail.
 * https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export function envelope({ account, region }: Identity, parts: EventParts): AcceptedEvent {
  const { source, detailType, resources } = parts;
  const id = randomUUID();
  const time = isoSeconds(parts.time);
  const head = { version: '0', id, 'detail-type': detailType, source, account, time, region, resources };
  const fields = fieldsOf(parts.detail, (detail) => ({ ...head, detail }));
  if (!fields) throw new AwsError('MalformedDetail', 'Detail is malformed.');
  return { id, json: `${JSON.stringify(head).slice(0, -1)},"detail":${parts.detail}}`, fields };
}

/** ISO 8601 without milliseconds, as EventBridge writes times. */
export function isoSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
