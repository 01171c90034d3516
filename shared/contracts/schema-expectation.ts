import { BLANK_WORD } from './data-schema.ts';
import { DURATION } from './duration.ts';
import { PIPELINE_NAME } from './names.ts';

/** The part of JSON Schema that our schemas use. */
export interface Schema {
  readonly type?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

const PATTERNS: Readonly<Record<string, string>> = {
  [DURATION]: 'a duration such as "30 seconds", "10 minutes" or "2 hours"',
  [PIPELINE_NAME]: 'at most 28 lower-case letters, digits and single dashes, a letter first',
  [BLANK_WORD]:
    'one line of text without blanks around it, of at most 64 characters, in quotes where YAML would read something else (such as "?", "null" or "-999")',
  '^ml\\.': 'an instance type such as "ml.m5.large"',
  '^(https://[^\\s]+|s3://[^\\s/]+/(.*[^/]))$': 'the address of a file, https://… or s3://<bucket>/<key>',
  '^[a-z0-9][a-z0-9-]{0,62}$': 'at most 63 lower-case letters, digits and dashes',
};

/** What a value of this schema looks like, for people: `a number from 0 to 1`, `one of "drop", "keep"`. */
export function expectationOf(schema: Schema): string {
  if (schema.anyOf) return union(schema.anyOf);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return oneOf(schema.enum);
  switch (schema.type) {
    case 'integer':
      return `a whole number${range(schema)}`;
    case 'number':
      return `a number${range(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return text(schema);
    case 'array':
      return `a list${count(schema.minItems, schema.maxItems, 'entries')}`;
    case 'object':
      return mapping(schema);
    default:
      return 'another value';
  }
}

/** Validators fill defaults in before they look; a person need not write what has one. */
function mapping({ required = [], properties = {} }: Schema): string {
  const needed = required.filter((key) => properties[key]?.default === undefined);
  return needed.length === 0 ? 'a mapping' : `a mapping with ${needed.map((key) => `"${key}"`).join(', ')}`;
}

/** `null` beside "null" is the same word, written without quotes. */
const oneOf = (values: readonly unknown[]): string =>
  `one of ${values
    .filter((value) => value !== null)
    .map((value) => JSON.stringify(value))
    .join(', ')}`;

function union(options: readonly Schema[]): string {
  const constants = options.every((option) => option.const !== undefined);
  const names = options.map(expectationOf);
  return constants ? `one of ${names.join(', ')}` : names.join(' or ');
}

function text(schema: Schema): string {
  if (schema.pattern === undefined) return `text${count(schema.minLength, schema.maxLength, 'characters')}`;
  if (schema.pattern.startsWith('^(each'))
    return '"each", "manifest" or "quiet <time>" such as "quiet 1 minute"';
  return PATTERNS[schema.pattern] ?? `text like ${schema.pattern}`;
}

function range({ minimum, exclusiveMinimum, maximum }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const from = exclusiveMinimum === undefined ? undefined : `above ${exclusiveMinimum}`;
  if (from !== undefined) return maximum === undefined ? ` ${from}` : ` ${from}, at most ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? '' : ` of at most ${maximum}`;
}

function count(least: number | undefined, most: number | undefined, of: string): string {
  if (least !== undefined && most !== undefined) return ` of ${least} to ${most} ${of}`;
  if (least !== undefined) return ` of at least ${least} ${of}`;
  return most === undefined ? '' : ` of at most ${most} ${of}`;
}
