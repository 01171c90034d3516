import type { Field, Fields } from './flatten.ts';
import { invalidPattern } from './invalid.ts';
import { compileMatcher, type Matcher, OPERATORS } from './matchers.ts';

/** What a pattern asks of the leaves at one dotted path: any of the matchers. */
export interface Condition {
  readonly path: string;
  readonly matchers: readonly Matcher[];
}

/** A compiled pattern: it matches when all conditions of any alternative hold (`$or` makes several). */
export interface Pattern {
  readonly alternatives: readonly (readonly Condition[])[];
}

/** EventBridge refuses a pattern whose `$or`s multiply to more combinations. */
const MAX_ALTERNATIVES = 1000;

/** Parses and compiles an event pattern's JSON text. Throws InvalidEventPatternException.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
export function compilePattern(json: string): Pattern {
  let pattern: unknown;
  try {
    pattern = JSON.parse(json);
  } catch (error) {
    throw invalidPattern((error as Error).message);
  }
  if (!isObject(pattern)) throw invalidPattern('Filter is not an object');
  return { alternatives: compileObject(pattern, '') };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Alternatives = readonly (readonly Condition[])[];

function compileObject(object: Record<string, unknown>, path: string): Alternatives {
  const entries = Object.entries(object);
  if (entries.length === 0) throw invalidPattern('Empty objects are not allowed');
  let all: Alternatives = [[]];
  for (const [key, value] of entries) {
    const one = isOr(key, value)
      ? value.flatMap((option) => compileObject(option, path))
      : compileField(key, value, path === '' ? key : `${path}.${key}`);
    if (all.length * one.length > MAX_ALTERNATIVES)
      throw invalidPattern('Rule is too complex - try using fewer $or');
    all = all.flatMap((left) => one.map((right) => [...left, ...right]));
  }
  return all;
}

function compileField(key: string, value: unknown, path: string): Alternatives {
  if (isObject(value)) return compileObject(value, path);
  if (!Array.isArray(value)) throw invalidPattern(`"${key}" must be an object or an array`);
  if (value.length === 0) throw invalidPattern('Empty arrays are not allowed');
  return [[{ path, matchers: value.map(compileMatcher) }]];
}

/** `$or` is an ordinary field name unless it holds two or more objects that are not content filters. */
function isOr(key: string, value: unknown): value is Record<string, unknown>[] {
  if (key !== '$or' || !Array.isArray(value) || value.length < 2) return false;
  return value.every((option) => isObject(option) && !Object.keys(option).some((name) => name in OPERATORS));
}

/** Whether an event matches. Conditions on members of the same array must hold in the same element. */
export function matches(pattern: Pattern, fields: Fields): boolean {
  return pattern.alternatives.some((conditions) => holds(conditions, fields));
}

/** Whether one alternative's conditions hold together. */
export function holds(
  conditions: readonly Condition[],
  fields: Fields,
  from = 0,
  chosen: Chosen = new Map(),
): boolean {
  const condition = conditions[from];
  if (!condition) return true;
  const found = fields.get(condition.path);
  if (!found)
    return (
      condition.matchers.some(({ kind }) => kind === 'absent') && holds(conditions, fields, from + 1, chosen)
    );
  for (const field of found) {
    if (!condition.matchers.some((matcher) => accepts(matcher, field))) continue;
    const next = choose(chosen, field);
    if (next && holds(conditions, fields, from + 1, next)) return true;
  }
  return false;
}

/** The element taken of each array so far. */
type Chosen = ReadonlyMap<number, number>;

function accepts(matcher: Matcher, field: Field): boolean {
  switch (matcher.kind) {
    case 'exact':
      return matcher.value === field.value;
    case 'test':
      return matcher.test(field.value);
    case 'absent':
      return false;
  }
}

function choose(chosen: Chosen, field: Field): Chosen | undefined {
  if (field.elements.length === 0) return chosen;
  const next = new Map(chosen);
  for (let at = 0; at < field.elements.length; at += 2) {
    const array = field.elements[at]!;
    const index = field.elements[at + 1]!;
    if ((next.get(array) ?? index) !== index) return undefined;
    next.set(array, index);
  }
  return next;
}
