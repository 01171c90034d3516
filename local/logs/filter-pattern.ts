import { AwsError } from '../aws-error.ts';

/** Whether a log event is wanted, by its message. */
export type Matches = (message: string) => boolean;

/** Compiles a filter pattern of CloudWatch Logs: terms (all of them), `"phrases"`, `?optional` terms (one of them),
 * `-excluded` ones, `%regular expressions%`, and `{ $.field = value }` with `&&`, `||`, parentheses, comparisons,
 * `IS`, `NOT EXISTS` and `*` as a wildcard
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html). Not known:
 * space-delimited patterns (`[a, b]`). Throws InvalidParameterException. */
export function compilePattern(pattern: string): Matches {
  const text = pattern.trim();
  if (text.startsWith('[')) throw invalidPattern('space-delimited patterns are not offered');
  return text.startsWith('{') ? compileJson(text) : compileTerms(text);
}

function invalidPattern(why: string): AwsError {
  return new AwsError('InvalidParameterException', `Invalid filter pattern: ${why}`);
}

const TERM = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|([^\s"]+))(?:\s+|$)/y;

/** Optional terms beside others have no effect, as on AWS. */
function compileTerms(text: string): Matches {
  const wanted: Matches[] = [];
  const optional: Matches[] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < text.length) {
    const [, sign, phrase, regex, word = ''] = TERM.exec(text) ?? [];
    if (sign === undefined) throw invalidPattern(text);
    const isIn = regex === undefined ? contains(phrase, word) : found(compileRegex(regex));
    if (sign === '?') optional.push(isIn);
    else wanted.push(sign === '-' ? (message) => !isIn(message) : isIn);
  }
  if (wanted.length === 0 && optional.length > 0) return (message) => optional.some((isIn) => isIn(message));
  return (message) => wanted.every((isWanted) => isWanted(message));
}

const found =
  (expression: RegExp): Matches =>
  (message) =>
    expression.test(message);

function contains(phrase: string | undefined, word: string): Matches {
  const term = phrase === undefined ? word : unescaped(phrase).trim();
  return (message) => message.includes(term);
}

const unescaped = (phrase: string) => phrase.replace(/\\(.)/g, '$1');

function compileRegex(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw invalidPattern(`%${source}%`);
  }
}

type Test = (value: unknown) => boolean;

const TOKEN = /\s*(&&|\|\||[(){}]|!=|<=|>=|[=<>]|"(?:[^"\\]|\\.)*"|%[^%]+%|[^\s(){}=<>!&|"]+)\s*/y;

function compileJson(text: string): Matches {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) tokens.push(TOKEN.exec(text)?.[1] ?? fail());
  function fail(): never {
    throw invalidPattern(text);
  }
  const next = () => tokens.shift() ?? fail();
  const expect = (token: string) => next() === token || fail();

  function chain(operand: () => Test, operator: string, join: (left: Test, right: Test) => Test): Test {
    let test = operand();
    while (tokens[0] === operator) {
      tokens.shift();
      test = join(test, operand());
    }
    return test;
  }
  const either = (): Test => chain(both, '||', (left, right) => (value) => left(value) || right(value));
  const both = (): Test => chain(unit, '&&', (left, right) => (value) => left(value) && right(value));
  function unit(): Test {
    const token = next();
    if (token === '(') {
      const test = either();
      expect(')');
      return test;
    }
    if (!token.startsWith('$')) fail();
    const [operator, operand] = [next(), next()];
    if (operator === 'NOT' && operand === 'EXISTS') return (value) => select(value, token).length === 0;
    const test = condition(operator, operand) ?? fail();
    return (value) => select(value, token).some(test);
  }

  expect('{');
  const test = either();
  expect('}');
  if (tokens.length > 0) fail();
  return (message) => {
    try {
      return test(JSON.parse(message));
    } catch {
      return false;
    }
  };
}

const STEP = /\['([^']+)'\]|\[(\d+|\*)\]|([^.[\]$]+)/g;

/** What a property selector (`$.a.b[0]`, `$.a[*].b`, `$.['a.b']`) finds in a value. */
function select(value: unknown, selector: string): unknown[] {
  return [...selector.matchAll(STEP)].reduce<unknown[]>(
    (found, [, quoted, index, name]) => found.flatMap((each) => step(each, quoted ?? index ?? name ?? '')),
    [value],
  );
}

function step(value: unknown, key: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (key === '*') return Object.values(value);
  return Object.hasOwn(value, key) ? [(value as Record<string, unknown>)[key]] : [];
}

const NAMED = new Map<string, unknown>([
  ['TRUE', true],
  ['FALSE', false],
  ['NULL', null],
]);

const COMPARE: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '=': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

/** Numbers are compared with numbers, everything else with strings. */
function condition(operator: string, operand: string): Test | undefined {
  if (operator === 'IS') return NAMED.has(operand) ? (value) => value === NAMED.get(operand) : undefined;
  const number = Number(operand);
  const compare = COMPARE[operator];
  if (!Number.isNaN(number) && compare) return (value) => typeof value === 'number' && compare(value, number);
  if (operator !== '=' && operator !== '!=') return undefined;
  const expression = operand.startsWith('%') ? compileRegex(operand.slice(1, -1)) : wildcard(operand);
  return (value) => typeof value === 'string' && expression.test(value) === (operator === '=');
}

function wildcard(operand: string): RegExp {
  const text = operand.startsWith('"') ? unescaped(operand.slice(1, -1)) : operand;
  const literal = (part: string) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&');
  return new RegExp(`^${text.split('*').map(literal).join('.*')}$`, 's');
}
