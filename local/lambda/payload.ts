import type { Readable } from 'node:stream';
import { AwsError } from '../aws-error.ts';

/** Lambda's limits in bytes (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). */
export const MAX_RESPONSE_BYTES = 6_291_556;
const MAX_REQUEST_BYTES = { RequestResponse: 6_291_456, Event: 1_048_576 } as const;

export type InvocationType = keyof typeof MAX_REQUEST_BYTES;

export interface Received {
  readonly text: string;
  readonly bytes: number;
}

/** Reads a body to its end, however long it is, and keeps none of it beyond MAX_RESPONSE_BYTES. */
export async function receive(body: Readable): Promise<Received> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    if (bytes <= MAX_RESPONSE_BYTES) chunks.push(chunk as Buffer);
  }
  return { text: Buffer.concat(chunks).toString('utf8'), bytes };
}

/** A function's event as JSON text; an empty one is `{}`, as for AWS. Throws RequestTooLargeException and
 * InvalidRequestContentException. */
export function eventOf({ text, bytes }: Received, type: InvocationType): string {
  const limit = MAX_REQUEST_BYTES[type];
  if (bytes > limit) {
    const message = `${bytes} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`;
    throw new AwsError('RequestTooLargeException', message, 413, { Type: 'User' });
  }
  if (text === '') return '{}';
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`;
    throw new AwsError('InvalidRequestContentException', message, 400, { Type: 'User' });
  }
}
