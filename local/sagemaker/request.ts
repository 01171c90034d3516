import { AwsError } from '../aws-error.ts';
import { type Constraint, demands, detected, failure, violations } from './constraint.ts';

/**
 * Requests are checked against the operation schemas that the SDK client ships. An operation is
 * `[9, namespace, name, traits, input, output]`; a structure is `[3, namespace, name, traits, memberNames,
 * memberTypes, requiredCount]`, its required members first; a list is `[1, …, item]`, a map `[2, …, key, value]`, a
 * union `[4, …]`; numbers are simple types. The layout is undocumented: the client's version is pinned and
 * request.test.ts holds it still.
 */
type Schema = unknown;
type Input = Record<string, unknown>;

/** Loaded with the first request rather than with the cloud: 0.2 s and 30 MB. */
const load = () => Promise.all([import('@aws-sdk/client-sagemaker'), import('./constraints.ts')]);
let loaded: ReturnType<typeof load> | undefined;

/**
 * The input of an operation, without members that it does not know, which AWS passes over as well. Throws
 * ValidationException with everything that is missing or breaks a constraint of AWS's model, SerializationException
 * for a wrong type.
 */
export async function checkedInput(operation: string, input: Input): Promise<Input> {
  loaded ??= load();
  const [schemas, { CONSTRAINTS }] = await loaded;
  const failures: string[] = [];

  function check(reference: Schema, value: unknown, path: string, key: string): unknown {
    const schema = resolve(reference);
    const kind = Array.isArray(schema) ? schema[0] : undefined;
    if (kind === 1) return checkItems((schema as Schema[])[4], value, path, key);
    if (kind === 2) return checkEntries((schema as Schema[])[5], value, path, key);
    if (kind === 3 || kind === 4) return checkStructure(schema as Schema[], value, path);
    return checkNumbered(Number(kind === undefined ? schema : (schema as Schema[])[4]), value, path, key);
  }

  function checkNumbered(code: number, value: unknown, path: string, key: string): unknown {
    if (code >= 128) return checkEntries(code - 128, value, path, key);
    if (code >= 64) return checkItems(code - 64, value, path, key);
    const expected = SIMPLE[code];
    if (expected && typeof value !== expected.type) throw wrongType(value, expected.name);
    return value;
  }

  function checkItems(item: Schema, value: unknown, path: string, key: string): unknown {
    if (!Array.isArray(value))
      throw isObject(value) ? STRUCTURE_FOUND() : unreadable('Expected list or null');
    return value.map((each, index) => {
      const at = `${path}.${index + 1}.member`;
      constrain(constraintOf(`${key}[]`), each, at);
      return check(item, each, at, key);
    });
  }

  function checkEntries(item: Schema, value: unknown, path: string, key: string): unknown {
    if (!isObject(value)) throw Array.isArray(value) ? LIST_FOUND() : unreadable('Expected map or null');
    const checked = Object.entries(value).map(([name, each]) => [
      name,
      check(item, each, `${path}.${name}`, key),
    ]);
    constrainEntries(`${key}{key}`, Object.keys(value), 'Map keys', value, path);
    constrainEntries(`${key}{value}`, Object.values(value), 'Map value', value, path);
    return Object.fromEntries(checked);
  }

  function checkStructure(schema: Schema[], value: unknown, path: string): Input {
    if (!isObject(value)) throw Array.isArray(value) ? LIST_FOUND() : unreadable('Expected null');
    const required = schema[0] === 3 ? Number(schema[6] ?? 0) : 0;
    const types = schema[5] as Schema[];
    const known: Input = {};
    (schema[4] as string[]).forEach((member, index) => {
      const at = `${path}${path ? '.' : ''}${member.charAt(0).toLowerCase()}${member.slice(1)}`;
      const given = value[member];
      if (given === undefined || given === null) {
        if (index < required) failures.push(failure('null', at, 'Member must not be null'));
        return;
      }
      const key = `${schema[2]}.${member}`;
      known[member] = check(types[index], given, at, key);
      constrain(constraintOf(key), given, at);
    });
    return known;
  }

  function constraintOf(key: string): Constraint | undefined {
    return CONSTRAINTS[key] ?? CONSTRAINTS[key.slice(key.indexOf('.') + 1)];
  }

  function constrain(constraint: Constraint | undefined, value: unknown, path: string): void {
    const broken = constraint ? violations(constraint, value) : [];
    failures.push(...broken.map((demand) => failure(`'${display(value)}'`, path, demand)));
  }

  /** However many entries of a map break a constraint, it is told once. */
  function constrainEntries(key: string, all: unknown[], what: string, value: Input, path: string): void {
    const constraint = constraintOf(key);
    if (constraint && all.some((each) => violations(constraint, each).length > 0))
      failures.push(
        failure(`'${display(value)}'`, path, `${what} must satisfy constraint: [${demands(constraint)}]`),
      );
  }

  const known = check((schemas as Input)[`${operation}$`], input, '', '') as Input;
  if (failures.length > 0) throw invalid(detected(failures));
  return known;
}

const SIMPLE: Readonly<Record<number, { type: string; name: string }>> = {
  0: { type: 'string', name: 'a String' },
  1: { type: 'number', name: 'an Integer' },
  2: { type: 'boolean', name: 'a Boolean' },
  4: { type: 'number', name: 'milliseconds since epoch' },
  17: { type: 'number', name: 'a Long' },
  19: { type: 'number', name: 'a Double' },
};

/** A reference is a schema, a function that gives it, an operation with its input, or `[schema, traits]`. */
function resolve(reference: Schema): Schema {
  let schema = reference;
  if (typeof schema === 'function') schema = schema();
  if (!Array.isArray(schema)) return schema;
  if (typeof schema[1] !== 'string') return resolve(schema[0]);
  return schema[0] === 9 ? resolve(schema[4]) : schema;
}

const isObject = (value: unknown): value is Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unreadable = (message: string) => new AwsError('SerializationException', message);
const STRUCTURE_FOUND = () => unreadable('Start of structure or map found where not expected.');
const LIST_FOUND = () => unreadable('Start of list found where not expected');

/** AWS's words for a value of another type than its member. */
function wrongType(value: unknown, expected: string): AwsError {
  if (Array.isArray(value)) return LIST_FOUND();
  if (isObject(value)) return STRUCTURE_FOUND();
  const kind = typeof value === 'boolean' ? String(value) : typeof value;
  return unreadable(`${kind.toUpperCase()}_VALUE can not be converted to ${expected}`);
}

/** A value as AWS's messages show it. */
function display(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(display).join(', ')}]`;
  if (!isObject(value)) return String(value);
  return `{${Object.entries(value)
    .map(([key, each]) => `${key}=${display(each)}`)
    .join(', ')}}`;
}

export const invalid = (message: string) => new AwsError('ValidationException', message);
