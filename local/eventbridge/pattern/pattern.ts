import { type Field, type Fields, isObject } from './flatten.ts';
import { demand, invalidPattern } from './invalid.ts';
import { compileMatcher, type Matcher, OPERATORS } from './matchers.ts';
import { checkComplexity } from './wildcard.ts';

/** What a pattern asks of the leaves at one dotted path: any of the matchers. */
interface Condition {
  readonly path: string;
  readonly matchers: readonly Matcher[];
}

/** A compiled pattern matches when all conditions of any of its alternatives hold (`$or` makes several). */
export type Pattern = readonly (readonly Condition[])[];

/** EventBridge refuses a pattern whose `$or`s multiply to more combinations. */
const MAX_ALTERNATIVES = 1000;
/** Names that make `$or` an ordinary field, beside the operators: comparisons and what EventBridge keeps for later.
 * https://github.com/aws/event-ruler/blob/main/README.md#the-or-primitive */
const RESERVED =
  /^(=|<=?|>=?|exactly|regex|not-(wildcard|equals-ignore-case)|date-(after|on-or-after|before|on-or-before)|in-date-range|ip-address-(not-)?in-range)$/;

/** Parses and compiles an event pattern's JSON text. Throws InvalidEventPatternException.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
export function compilePattern(json: string): Pattern {
  let pattern: unknown;
  try {
    pattern = JSON.parse(json);
  } catch (error) {
    throw invalidPattern((error as Error).message);
  }
  demand(isObject(pattern), 'Filter is not an object');
  return compileObject(pattern, '');
}

function compileObject(object: Readonly<Record<string, unknown>>, path: string): Pattern {
  const entries = Object.entries(object);
  demand(entries.length > 0, 'Empty objects are not allowed');
  let all: Pattern = [[]];
  for (const [key, value] of entries) {
    const one = isOr(key, value)
      ? value.flatMap((option) => compileObject(option, path))
      : compileField(key, value, path === '' ? key : `${path}.${key}`);
    demand(all.length * one.length <= MAX_ALTERNATIVES, 'Rule is too complex - try using fewer $or');
    all = all.flatMap((left) => one.map((right) => [...left, ...right]));
  }
  return all;
}

function compileField(key: string, value: unknown, path: string): Pattern {
  if (isObject(value)) return compileObject(value, path);
  demand(Array.isArray(value), `"${key}" must be an object or an array`);
  demand(value.length > 0, 'Empty arrays are not allowed');
  const matchers = value.map(compileMatcher);
  checkComplexity(value.flatMap(wildcardsOf));
  return [[{ path, matchers }]];
}

/** The wildcard patterns of a valid member of a pattern's array. */
function wildcardsOf(member: unknown): readonly string[] {
  if (!isObject(member)) return [];
  const { wildcard = [], 'anything-but': refused } = member;
  return refused === undefined ? ([wildcard].flat() as string[]) : wildcardsOf(refused);
}

/** `$or` is an ordinary field name unless it holds two or more objects that are not content filters. */
function isOr(key: string, value: unknown): value is Record<string, unknown>[] {
  if (key !== '$or' || !Array.isArray(value) || value.length < 2) return false;
  const isReserved = (name: string) => Object.hasOwn(OPERATORS, name) || RESERVED.test(name);
  return value.every((option) => isObject(option) && !Object.keys(option).some(isReserved));
}

/** Whether an event matches. Conditions on members of the same array must hold in the same element. */
export function matches(pattern: Pattern, fields: Fields): boolean {
  return pattern.some((conditions) => holds(conditions, fields, new Map()));
}

/** The element taken of each array so far. */
type Chosen = ReadonlyMap<number, number>;

function holds(conditions: readonly Condition[], fields: Fields, chosen: Chosen): boolean {
  const [condition, ...rest] = conditions;
  if (!condition) return true;
  const { matchers } = condition;
  const found = fields.get(condition.path);
  if (!found) return matchers.some((accepts) => accepts(undefined)) && holds(rest, fields, chosen);
  return found.some((field) => {
    const next = matchers.some((accepts) => accepts(field.value)) ? choose(chosen, field) : undefined;
    return next !== undefined && holds(rest, fields, next);
  });
}

/** Undefined when the field lies in another element of an array than what was taken before. */
function choose(chosen: Chosen, { elements }: Field): Chosen | undefined {
  const isElsewhere = elements.some(([array, index]) => (chosen.get(array) ?? index) !== index);
  return isElsewhere ? undefined : new Map([...chosen, ...elements]);
}
