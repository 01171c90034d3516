/** SQS's shapes as the SDK's client ships them: one table for the JSON and the Query protocol. */
import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../aws-error.ts';
import { missing } from './failure.ts';

export type Shape = NormalizedSchema;

/** One of the client's types as the JSON protocol carries it: bytes are base64. */
export type Wire<T> = T extends Uint8Array ? string : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;

/** What an action takes and gives. The client is loaded with the first request rather than with the cloud. */
export async function shapesOf(action: string): Promise<{ readonly input: Shape; readonly output: Shape }> {
  const schemas: Readonly<Record<string, unknown>> = await import('@aws-sdk/client-sqs');
  // `[9, namespace, name, traits, input, output]`
  const [, , , , input, output] = schemas[`${action}$`] as readonly Shape[];
  return { input: NormalizedSchema.of(input!), output: NormalizedSchema.of(output!) };
}

/** Throws MissingRequiredParameterException or SerializationException unless a value has the shape. */
export function check(shape: Shape, value: unknown, at = 'The request'): void {
  const type = typeOf(shape);
  const given = Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value;
  if (given !== type) throw new AwsError('SerializationException', `${at} must be a ${type}.`);
  if (shape.isStructSchema()) checkMembers(shape, value as Readonly<Record<string, unknown>>);
  else if (type === 'list' || type === 'object')
    for (const item of Object.values(value as object)) check(shape.getValueSchema(), item, at);
}

function checkMembers(shape: Shape, value: Readonly<Record<string, unknown>>): void {
  // The required members come first; the seventh item of a structure's schema is their number.
  let required = Number((shape.getSchema() as unknown as readonly unknown[])[6] ?? 0);
  for (const [name, member] of shape.structIterator()) {
    const given = value[name] ?? undefined;
    if (given !== undefined) check(member, given, name);
    else if (required > 0) throw missing(name);
    required -= 1;
  }
}

function typeOf(shape: Shape): string {
  if (shape.isListSchema()) return 'list';
  if (shape.isMapSchema() || shape.isStructSchema()) return 'object';
  return shape.isNumericSchema() ? 'number' : 'string';
}
