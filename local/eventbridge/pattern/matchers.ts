import { isObject, type Leaf } from './flatten.ts';
import { demand } from './invalid.ts';
import { compileCidr, compileNumeric } from './ranges.ts';
import { compileWildcard } from './wildcard.ts';

/** What one member of a pattern's array asks of a field; undefined stands for a field that is not there. */
export type Matcher = (leaf: Leaf | undefined) => boolean;
type TextTest = (text: string) => boolean;

/** Compiles one member of a pattern's array. Throws InvalidEventPatternException. */
export function compileMatcher(member: unknown): Matcher {
  demand(!Array.isArray(member), 'Match value must be String, number, true, false, or null');
  if (!isObject(member)) return (leaf) => leaf === member;
  const [operator, value] = onlyEntry(member, 'Match expression name not found');
  const compile = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  demand(compile !== undefined, `Unrecognized match type ${operator}`);
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
    demand(typeof value === 'boolean', 'exists match pattern must be either true or false.');
    return (leaf) => (leaf !== undefined) === value;
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
  demand(typeof value === 'string', `${operator} match pattern must be a string`);
  return onText(TEXTS[operator]!.test(value));
}

/** A text, or a text whose case is ignored. */
function compileAffix(value: unknown, operator: string): Matcher {
  if (!isObject(value)) return compileText(value, operator);
  const title = operator === 'prefix' ? 'Prefix' : 'Suffix';
  const [inner, wanted] = onlyEntry(value, `${title} expression name not found`);
  demand(inner === 'equals-ignore-case', `Unsupported ${operator} pattern: ${inner}`);
  if (typeof wanted !== 'string') return compileText(wanted, inner);
  const test = TEXTS[operator]!.test(wanted.toLowerCase());
  return onText((text) => test(text.toLowerCase()));
}

/** The field is there and none of the refused values, prefixes, … applies to it. */
function compileAnythingBut(value: unknown): Matcher {
  if (!isObject(value)) return otherThan(listOf(value));
  const [operator, refused] = onlyEntry(value, 'Anything-But expression name not found');
  const filter = Object.hasOwn(TEXTS, operator) ? TEXTS[operator] : undefined;
  demand(filter !== undefined, `Unsupported anything-but pattern: ${operator}`);
  const tests = listOf(refused).map((item) => {
    demand(typeof item === 'string', filter.refusal);
    demand(item !== '' || filter.refusal !== AFFIX_REFUSAL, 'Null prefix/suffix not allowed');
    return onText(filter.test(item));
  });
  return (leaf) => leaf !== undefined && !tests.some((test) => test(leaf));
}

const MIXED = 'Inside anything but list, either all values are number or string, mixed type is not supported';

function otherThan(values: readonly unknown[]): Matcher {
  const types = new Set(values.map((item) => typeof item));
  const isKnown = [...types].every((type) => type === 'string' || type === 'number');
  demand(isKnown, 'Inside anything but list, start|null|boolean is not supported.');
  demand(types.size === 1, MIXED);
  return (leaf) => leaf !== undefined && !values.includes(leaf);
}

function listOf(value: unknown): readonly unknown[] {
  const list = Array.isArray(value) ? value : [value];
  const isFine = list === value || typeof value === 'string' || typeof value === 'number';
  demand(isFine, 'Value of anything-but must be an array or single string/number value.');
  return list;
}

function onlyEntry(object: object, nothing: string): [string, unknown] {
  const [entry, ...others] = Object.entries(object);
  demand(entry !== undefined, nothing);
  demand(others.length === 0, 'Only one key allowed in match expression');
  return entry;
}
