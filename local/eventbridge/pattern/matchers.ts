import type { Leaf, LeafTest } from './flatten.ts';
import { invalidPattern } from './invalid.ts';
import { compileCidr, compileNumeric } from './ranges.ts';
import { compileWildcard } from './wildcard.ts';

/** What one member of a pattern's array asks of a field: an exact value, a test of it, or that it be absent. */
export type Matcher =
  | { readonly kind: 'exact'; readonly value: Leaf }
  | { readonly kind: 'test'; readonly test: LeafTest }
  | { readonly kind: 'absent' };

/** Compiles one member of a pattern's array. Throws InvalidEventPatternException. */
export function compileMatcher(member: unknown): Matcher {
  if (Array.isArray(member)) throw invalidPattern('Match value must be String, number, true, false, or null');
  if (typeof member !== 'object' || member === null) return { kind: 'exact', value: member as Leaf };
  const [operator, ...others] = Object.keys(member);
  if (operator === undefined) throw invalidPattern('Empty objects are not allowed');
  const compile = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (!compile) throw invalidPattern(`Unrecognized match type ${operator}`);
  if (others.length > 0) throw invalidPattern('Only one key allowed in match expression');
  const value = (member as Record<string, unknown>)[operator];
  if (operator === 'exists' && value === false) return { kind: 'absent' };
  return { kind: 'test', test: compile(value) };
}

/** The content filters of the pattern language, by name. */
export const OPERATORS: Readonly<Record<string, (value: unknown) => LeafTest>> = {
  prefix: (value) => affix('prefix', value),
  suffix: (value) => affix('suffix', value),
  'equals-ignore-case': (value) => {
    const wanted = text(value, 'equals-ignore-case').toLowerCase();
    return onText((leaf) => leaf.toLowerCase() === wanted);
  },
  wildcard: (value) => onText(compileWildcard(text(value, 'wildcard'))),
  numeric: compileNumeric,
  cidr: compileCidr,
  'anything-but': anythingBut,
  exists: (value) => {
    if (typeof value !== 'boolean')
      throw invalidPattern('exists match pattern must be either true or false.');
    return () => true;
  },
};

function text(value: unknown, operator: string): string {
  if (typeof value !== 'string') throw invalidPattern(`${operator} match pattern must be a string`);
  return value;
}

function onText(test: (text: string) => boolean): LeafTest {
  return (leaf) => typeof leaf === 'string' && test(leaf);
}

type Affix = 'prefix' | 'suffix';

const AFFIX_TESTS: Readonly<Record<Affix, (text: string, affix: string) => boolean>> = {
  prefix: (text, affix) => text.startsWith(affix),
  suffix: (text, affix) => text.endsWith(affix),
};

function affix(name: Affix, value: unknown): LeafTest {
  const test = AFFIX_TESTS[name];
  const folded = onlyMember(value, 'equals-ignore-case');
  if (typeof folded === 'string') return onText((leaf) => test(leaf.toLowerCase(), folded.toLowerCase()));
  const wanted = text(value, name);
  return onText((leaf) => test(leaf, wanted));
}

function onlyMember(value: unknown, name: string): unknown {
  const object = typeof value === 'object' && value !== null && !Array.isArray(value);
  const keys = object ? Object.keys(value) : [];
  return keys.length === 1 && keys[0] === name ? (value as Record<string, unknown>)[name] : undefined;
}

const ANYTHING_BUT = 'Value of anything-but must be an array or single string/number value.';
const IN_LIST = 'start|null|boolean is not supported.';

/** The field is there and none of the refused values, prefixes, … applies to it. */
function anythingBut(value: unknown): LeafTest {
  for (const operator of ['prefix', 'suffix', 'equals-ignore-case', 'wildcard']) {
    const refused = onlyMember(value, operator);
    if (refused === undefined) continue;
    const tests = list(refused).map((item) => OPERATORS[operator]!(checkRefused(operator, item)));
    return (leaf) => !tests.some((test) => test(leaf));
  }
  if (typeof value !== 'string' && typeof value !== 'number' && !Array.isArray(value)) {
    throw invalidPattern(ANYTHING_BUT);
  }
  const refused = new Set<unknown>(list(value));
  const types = new Set([...refused].map((item) => typeof item));
  if (![...types].every((type) => type === 'string' || type === 'number')) {
    throw invalidPattern(`Inside anything but list, ${IN_LIST}`);
  }
  if (types.size > 1) {
    throw invalidPattern(
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    );
  }
  return (leaf) => !refused.has(leaf);
}

function list(value: unknown): readonly unknown[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.length === 0) throw invalidPattern('Empty arrays are not allowed');
  return items;
}

/** EventBridge words these refusals differently inside anything-but. */
function checkRefused(operator: string, item: unknown): unknown {
  if (operator === 'wildcard') return item;
  const affixed = operator === 'prefix' || operator === 'suffix';
  if (affixed && typeof item === 'object' && item !== null) throw invalidPattern(ANYTHING_BUT);
  if (affixed && item === '') throw invalidPattern('Null prefix/suffix not allowed');
  if (typeof item === 'string') return item;
  throw invalidPattern(
    affixed
      ? 'prefix/suffix match pattern must be a string'
      : `Inside anything-but/equals-ignore-case list, number|${IN_LIST}`,
  );
}
