import type { Leaf, LeafTest } from './flatten.ts';
import { invalidPattern } from './invalid.ts';
import { compileCidr, compileNumeric } from './ranges.ts';
import { compileWildcard } from './wildcard.ts';

/** What one member of a pattern's array asks of a field: an exact value, a test of it, or that it be absent. */
export type Matcher =
  | { readonly kind: 'exact'; readonly value: Leaf }
  | { readonly kind: 'test'; readonly test: LeafTest }
  | { readonly kind: 'absent' };

type TextTest = (text: string) => boolean;

/** Compiles one member of a pattern's array. Throws InvalidEventPatternException. */
export function compileMatcher(member: unknown): Matcher {
  if (Array.isArray(member)) throw invalidPattern('Match value must be String, number, true, false, or null');
  if (typeof member !== 'object' || member === null) return { kind: 'exact', value: member as Leaf };
  const [operator, value] = onlyEntry(member, 'Match expression name not found');
  const compile = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (!compile) throw invalidPattern(`Unrecognized match type ${operator}`);
  const test = compile(value);
  return operator === 'exists' && value === false ? { kind: 'absent' } : { kind: 'test', test };
}

/** The content filters of the pattern language, by name. */
export const OPERATORS: Readonly<Record<string, (value: unknown) => LeafTest>> = {
  prefix: (value) => onText(compileAffix('prefix', value)),
  suffix: (value) => onText(compileAffix('suffix', value)),
  'equals-ignore-case': (value) => onText(equalsIgnoreCase(text(value, 'equals-ignore-case'))),
  wildcard: (value) => onText(compileWildcard(text(value, 'wildcard'))),
  numeric: compileNumeric,
  cidr: compileCidr,
  'anything-but': compileAnythingBut,
  exists(value) {
    if (typeof value === 'boolean') return () => true;
    throw invalidPattern('exists match pattern must be either true or false.');
  },
};

function onlyEntry(object: object, nothing: string): [string, unknown] {
  const [entry, ...others] = Object.entries(object);
  if (!entry) throw invalidPattern(nothing);
  if (others.length > 0) throw invalidPattern('Only one key allowed in match expression');
  return entry;
}

function text(value: unknown, operator: string): string {
  if (typeof value === 'string') return value;
  throw invalidPattern(`${operator} match pattern must be a string`);
}

function onText(test: TextTest): LeafTest {
  return (leaf) => typeof leaf === 'string' && test(leaf);
}

function equalsIgnoreCase(wanted: string): TextTest {
  const folded = wanted.toLowerCase();
  return (found) => found.toLowerCase() === folded;
}

const AFFIXES = {
  prefix:
    (affix: string): TextTest =>
    (found) =>
      found.startsWith(affix),
  suffix:
    (affix: string): TextTest =>
    (found) =>
      found.endsWith(affix),
};

/** A text, or a text whose case is ignored. */
function compileAffix(name: keyof typeof AFFIXES, value: unknown): TextTest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return AFFIXES[name](text(value, name));
  }
  const title = name === 'prefix' ? 'Prefix' : 'Suffix';
  const [operator, folded] = onlyEntry(value, `${title} expression name not found`);
  if (operator !== 'equals-ignore-case') throw invalidPattern(`Unsupported ${name} pattern: ${operator}`);
  const test = AFFIXES[name](text(folded, operator).toLowerCase());
  return (found) => test(found.toLowerCase());
}

/** What anything-but may hold beside values: for each, how one text of it is compiled and how another type of value
 * is refused. */
const REFUSED: Readonly<Record<string, [compile: (text: string) => TextTest, refusal: string]>> = {
  prefix: [nonEmpty(AFFIXES.prefix), 'prefix/suffix match pattern must be a string'],
  suffix: [nonEmpty(AFFIXES.suffix), 'prefix/suffix match pattern must be a string'],
  'equals-ignore-case': [
    equalsIgnoreCase,
    'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
  ],
  wildcard: [compileWildcard, 'wildcard match pattern must be a string'],
};

function nonEmpty(compile: (affix: string) => TextTest) {
  return (affix: string): TextTest => {
    if (affix === '') throw invalidPattern('Null prefix/suffix not allowed');
    return compile(affix);
  };
}

/** The field is there and none of the refused values, prefixes, … applies to it. */
function compileAnythingBut(value: unknown): LeafTest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return otherThan(listOf(value));
  const [operator, refused] = onlyEntry(value, 'Anything-But expression name not found');
  const [compile, refusal] = (Object.hasOwn(REFUSED, operator) && REFUSED[operator]) || [];
  if (!compile) throw invalidPattern(`Unsupported anything-but pattern: ${operator}`);
  const tests = listOf(refused).map((item) => {
    if (typeof item !== 'string') throw invalidPattern(String(refusal));
    return onText(compile(item));
  });
  return (leaf) => !tests.some((test) => test(leaf));
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string' || typeof value === 'number') return [value];
  throw invalidPattern('Value of anything-but must be an array or single string/number value.');
}

function otherThan(values: readonly unknown[]): LeafTest {
  const types = new Set(values.map((item) => typeof item));
  if (![...types].every((type) => type === 'string' || type === 'number')) {
    throw invalidPattern('Inside anything but list, start|null|boolean is not supported.');
  }
  if (types.size !== 1) {
    throw invalidPattern(
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    );
  }
  const refused = new Set(values);
  return (leaf) => !refused.has(leaf);
}
