import { AwsError } from '../aws-error.ts';

/**
 * Requests are checked against the operation schemas that the SDK client ships (`CreateTrainingJobRequest$` …).
 * A structure is `[3, namespace, name, traits, memberNames, memberTypes, requiredCount]`, its required members
 * first; a list is `[1, …, item]`, a map `[2, …, key, value]`, a union `[4, …]`; numbers are simple types.
 * The layout is undocumented: the client's version is pinned and request.test.ts holds it still.
 */
type Schema = unknown;

const SIMPLE: Readonly<Record<number, string>> = {
  0: 'string',
  1: 'number',
  2: 'boolean',
  4: 'number',
  17: 'number',
  19: 'number',
};

/** Throws ValidationException with every missing member, or SerializationException for a wrong type. */
export async function checkRequest(schemaName: string, input: Record<string, unknown>): Promise<void> {
  // 0.2 s and 30 MB: loaded with the first request rather than with the cloud.
  const schemas = (await import('@aws-sdk/client-sagemaker')) as unknown as Record<string, Schema>;
  const missing: string[] = [];
  check(schemas[schemaName], input, '', missing);
  if (missing.length > 0) throw validationErrors(missing.map((path) => nullMember(path)));
}

function check(reference: Schema, value: unknown, path: string, missing: string[]): void {
  const schema = resolve(reference);
  const kind = Array.isArray(schema) ? schema[0] : undefined;
  if (kind === 1) checkItems((schema as Schema[])[4], value, path, missing);
  else if (kind === 2) checkEntries((schema as Schema[])[5], value, path, missing);
  else if (kind === 3 || kind === 4) checkStructure(schema as Schema[], value, path, missing);
  else checkNumbered(Number(kind === undefined ? schema : (schema as Schema[])[4]), value, path, missing);
}

function checkNumbered(code: number, value: unknown, path: string, missing: string[]): void {
  const expected = SIMPLE[code];
  if (code >= 128) checkEntries(code - 128, value, path, missing);
  else if (code >= 64) checkItems(code - 64, value, path, missing);
  else if (expected && typeof value !== expected) throw wrongType(path, expected);
}

function checkItems(item: Schema, value: unknown, path: string, missing: string[]): void {
  if (!Array.isArray(value)) throw wrongType(path, 'list');
  value.forEach((each, index) => {
    check(item, each, `${path}.${index + 1}.member`, missing);
  });
}

function checkEntries(item: Schema, value: unknown, path: string, missing: string[]): void {
  if (!isObject(value)) throw wrongType(path, 'map');
  for (const [key, each] of Object.entries(value)) check(item, each, `${path}.${key}`, missing);
}

function checkStructure(schema: unknown[], value: unknown, path: string, missing: string[]): void {
  if (!isObject(value)) throw wrongType(path, 'structure');
  const required = schema[0] === 3 ? Number(schema[6] ?? 0) : 0;
  const types = schema[5] as Schema[];
  (schema[4] as string[]).forEach((member, index) => {
    const at = `${path}${path ? '.' : ''}${member.charAt(0).toLowerCase()}${member.slice(1)}`;
    const given = value[member];
    if (given !== undefined && given !== null) check(types[index], given, at, missing);
    else if (index < required) missing.push(at);
  });
}

/** A reference is a schema, a function that gives it, or `[schema, traits]`. */
function resolve(reference: Schema): Schema {
  let schema = reference;
  if (typeof schema === 'function') schema = schema();
  if (Array.isArray(schema) && typeof schema[1] !== 'string') return resolve(schema[0]);
  return schema;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrongType = (path: string, expected: string) =>
  new AwsError('SerializationException', `Member ${path || 'of the request'} must be a ${expected}`);

const nullMember = (path: string) =>
  `Value null at '${path}' failed to satisfy constraint: Member must not be null`;

/** AWS's wording for one or several failed constraints. */
export function validationErrors(failures: readonly string[]): AwsError {
  const count = failures.length === 1 ? '1 validation error' : `${failures.length} validation errors`;
  return new AwsError('ValidationException', `${count} detected: ${failures.join('; ')}`);
}

const NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

/** The resource name in `member`; throws ValidationException when it is missing or breaks AWS's pattern. */
export function nameOf(input: Record<string, unknown>, member: string): string {
  const value = input[member];
  const path = `${member.charAt(0).toLowerCase()}${member.slice(1)}`;
  if (value === undefined || value === null) throw validationErrors([nullMember(path)]);
  if (typeof value !== 'string') throw wrongType(path, 'string');
  // The length first: the pattern alone takes exponential time on long runs of hyphens in some engines.
  if (value.length > 63) {
    throw validationErrors([
      `Value '${value}' at '${path}' failed to satisfy constraint: Member must have length less than or equal to 63`,
    ]);
  }
  if (!NAME.test(value)) {
    throw validationErrors([
      `Value '${value}' at '${path}' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`,
    ]);
  }
  return value;
}

export const invalid = (message: string) => new AwsError('ValidationException', message);
