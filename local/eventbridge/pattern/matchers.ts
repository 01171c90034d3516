import { isObject, type Leaf } from './flatten.ts';
import { invalidPattern } from './invalid.ts';
import { compileCidr, compileNumeric } from './ranges.ts';
import { compileWildcard } from './wildcard.ts';

/** What one member of a pattern's array asks of a field; undefined stands for a field that is not there. */
export type Matcher = (leaf: Leaf | undefined) => boolean;
type TextTest = (text: string) => boolean;

/** Compiles one member of a pattern's array. Throws InvalidEventPatternException. */
export function compileMatcher(member: unknown): Matcher {
  if (Array.isArray(member)) throw invalidPattern('Match value must be String, number, true, false, or null');
  if (!isObject(member)) return (leaf) => leaf === member;
  const [operator, value] = onlyEntry(member, 'Match expression name not found');
  const compile = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (!compile) throw invalidPattern(`Unrecognized match type ${operator}`);
  return compile(value, operator);
}

/** The content filters of the pattern language, by name. */
export const OPERATORS: Readonly<Record<string, (value: unknown, operator: string) => Matcher>> = {
  prefix: compileAffix,
  suffix: compileAffix,
  'equals-ignore-case': compileText,
  wildcard: compileText,
  numeric: compileNumeric,
  cidr: compileCidr,
  'anything-but': compileAnythingBut,
  exists(value) {
    if (typeof value === 'boolean') return (leaf) => (leaf !== undefined) === value;
    throw invalidPattern('exists match pattern must be either true or false.');
  },
};

const AFFIX_REFUSAL = 'prefix/suffix match pattern must be a string';
/** The filters on one text, and how anything-but refuses what is none. */
const TEXTS: Readonly<Record<string, { test: (wanted: string) => TextTest; refusal: string }>> = {
  prefix: { test: (prefix) => (text) => text.startsWith(prefix), refusal: AFFIX_REFUSAL },
  suffix: { test: (suffix) => (text) => text.endsWith(suffix), refusal: AFFIX_REFUSAL },
  'equals-ignore-case': {
    test: (wanted) => (text) => text.toLowerCase() === wanted.toLowerCase(),
    refusal: 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
  },
  wildcard: { test: compileWildcard, refusal: 'wildcard match pattern must be a string' },
};

function onText(test: TextTest): Matcher {
  return (leaf) => typeof leaf === 'string' && test(leaf);
}

function compileText(value: unknown, operator: string): Matcher {
  if (typeof value === 'string') return onText(TEXTS[operator]!.test(value));
  throw invalidPattern(`${operator} match pattern must be a string`);
}

/** A text, or a text whose case is ignored. */
function compileAffix(value: unknown, operator: string): Matcher {
  if (!isObject(value)) return compileText(value, operator);
  const title = operator === 'prefix' ? 'Prefix' : 'Suffix';
  const [inner, wanted] = onlyEntry(value, `${title} expression name not found`);
  if (inner !== 'equals-ignore-case') throw invalidPattern(`Unsupported ${operator} pattern: ${inner}`);
  if (typeof wanted !== 'string') return compileText(wanted, inner);
  const test = TEXTS[operator]!.test(wanted.toLowerCase());
  return onText((text) => test(text.toLowerCase()));
}

/** The field is there and none of the refused values, prefixes, … applies to it. */
function compileAnythingBut(value: unknown): Matcher {
  if (!isObject(value)) return otherThan(listOf(value));
  const [operator, refused] = onlyEntry(value, 'Anything-But expression name not found');
  const filter = Object.hasOwn(TEXTS, operator) ? TEXTS[operator] : undefined;
  if (!filter) throw invalidPattern(`Unsupported anything-but pattern: ${operator}`);
  const tests = listOf(refused).map((item) => {
    if (typeof item !== 'string') throw invalidPattern(filter.refusal);
    if (item === '' && filter.refusal === AFFIX_REFUSAL)
      throw invalidPattern('Null prefix/suffix not allowed');
    return onText(filter.test(item));
  });
  return (leaf) => leaf !== undefined && !tests.some((test) => test(leaf));
}

function otherThan(values: readonly unknown[]): Matcher {
  const types = new Set(values.map((item) => typeof item));
  if (![...types].every((type) => type === 'string' || type === 'number'))
    throw invalidPattern('Inside anything but list, start|null|boolean is not supported.');
  if (types.size !== 1) {
    throw invalidPattern(
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    );
  }
  return (leaf) => leaf !== undefined && !values.includes(leaf);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string' || typeof value === 'number') return [value];
  throw invalidPattern('Value of anything-but must be an array or single string/number value.');
}

function onlyEntry(object: object, nothing: string): [string, unknown] {
  const [entry, ...others] = Object.entries(object);
  if (!entry) throw invalidPattern(nothing);
  if (others.length > 0) throw invalidPattern('Only one key allowed in match expression');
  return entry;
}
