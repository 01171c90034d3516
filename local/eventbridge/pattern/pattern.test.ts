import fc from 'fast-check';
import { flatten, type Leaf } from './flatten.ts';
import { compilePattern, matches } from './pattern.ts';

const test = (pattern: unknown, event: unknown): boolean =>
  matches(compilePattern(JSON.stringify(pattern)), flatten(event));
const field = (filter: unknown, value: unknown): boolean =>
  test({ detail: { f: [filter] } }, { detail: { f: value } });
const reason = (pattern: string): string => {
  try {
    compilePattern(pattern);
    return 'valid';
  } catch (error) {
    return (error as Error).message;
  }
};

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'B', '*', '\\', '.'), maxLength: 5 });
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  word,
  fc.integer({ min: -9, max: 9 }),
  fc.boolean(),
  fc.constant(null),
);

describe('content filters', () => {
  it.each([
    [{ prefix: 'in' }, 'incoming/x', 'outgoing/x'],
    [{ prefix: { 'equals-ignore-case': 'IN' } }, 'incoming', 'coming'],
    [{ suffix: '.csv' }, 'a.csv', 'a.CSV'],
    [{ suffix: { 'equals-ignore-case': '.csv' } }, 'a.CSV', 'a.csv.gz'],
    [{ 'equals-ignore-case': 'InService' }, 'INSERVICE', 'InServic'],
    [{ wildcard: 'incoming/*/part-*.csv' }, 'incoming/digits/part-1.csv', 'incoming/digits/part-1.json'],
    [{ wildcard: 'a\\*b' }, 'a*b', 'axb'],
    [{ numeric: ['>', 0, '<=', 5] }, 5, 0],
    [{ numeric: ['=', 3] }, 3.0, '3'],
    [{ cidr: '10.0.0.0/24' }, '10.0.0.255', '10.0.1.0'],
    [{ cidr: '2001:db8::/32' }, '2001:0db8:1::1', '2001:db9::1'],
    [{ exists: true }, null, []],
    [{ exists: false }, {}, 0],
    [{ 'anything-but': ['a', 'b'] }, 'c', 'a'],
    [{ 'anything-but': 1 }, 'one', 1],
    [{ 'anything-but': { prefix: ['init', 'test'] } }, 'ready', 'testing'],
    [{ 'anything-but': { suffix: '.tmp' } }, 'x.csv', 'x.tmp'],
    [{ 'anything-but': { 'equals-ignore-case': ['FAILED'] } }, 'Completed', 'Failed'],
    [{ 'anything-but': { wildcard: '*/tmp/*' } }, 'a/b', 'a/tmp/b'],
    [null, null, 'null'],
    [true, true, 'true'],
  ])('%j takes %j and refuses %j', (filter, taken, refused) => {
    expect(field(filter, taken)).toBe(true);
    expect(field(filter, refused)).toBe(false);
  });

  it('matches an array of an event when any element does', () => {
    expect(field('b', ['a', 'b'])).toBe(true);
    expect(field('c', ['a', 'b'])).toBe(false);
  });

  it('wants conditions on members of an array to hold in one element', () => {
    const pattern = { runs: { state: ['done'], model: ['m1'] } };
    expect(
      test(pattern, {
        runs: [
          { state: 'done', model: 'm2' },
          { state: 'new', model: 'm1' },
        ],
      }),
    ).toBe(false);
    expect(
      test(pattern, {
        runs: [
          { state: 'new', model: 'm2' },
          { state: 'done', model: 'm1' },
        ],
      }),
    ).toBe(true);
  });

  it('takes $or beside other fields, nested too', () => {
    const pattern = {
      source: ['s'],
      detail: { $or: [{ a: [1] }, { $or: [{ b: [2] }, { c: [{ exists: false }] }] }] },
    };
    expect(test(pattern, { source: 's', detail: { a: 1, c: 0 } })).toBe(true);
    expect(test(pattern, { source: 's', detail: { a: 0, b: 2, c: 0 } })).toBe(true);
    expect(test(pattern, { source: 's', detail: { a: 0 } })).toBe(true);
    expect(test(pattern, { source: 's', detail: { a: 0, b: 0, c: 0 } })).toBe(false);
    expect(test(pattern, { source: 't', detail: { a: 1 } })).toBe(false);
  });

  it('reads a dot in a key as nesting, on both sides', () => {
    expect(test({ detail: { 'a.b': [1] } }, { detail: { a: { b: 1 } } })).toBe(true);
    expect(test({ detail: { a: { b: [1] } } }, { detail: { 'a.b': 1 } })).toBe(true);
  });

  it('refuses an event nested more than 1,000 levels deep', () => {
    expect(() => flatten(JSON.parse(`${'['.repeat(1002)}${']'.repeat(1002)}`))).toThrow(RangeError);
  });
});

describe('invalid patterns', () => {
  it.each([
    ['{"a": 1}', '"a" must be an object or an array'],
    ['[]', 'Filter is not an object'],
    ['{}', 'Empty objects are not allowed'],
    ['{"a": []}', 'Empty arrays are not allowed'],
    ['{"a": [{"PREFIX": "x"}]}', 'Unrecognized match type PREFIX'],
    ['{"a": [{"prefix": 1}]}', 'prefix match pattern must be a string'],
    ['{"a": [{"prefix": "x", "suffix": "y"}]}', 'Only one key allowed in match expression'],
    ['{"a": [["x"]]}', 'Match value must be String, number, true, false, or null'],
    ['{"a": [{"wildcard": "a**"}]}', 'Consecutive wildcard characters at pos 2'],
    ['{"a": [{"wildcard": "a\\\\b"}]}', 'Invalid escape character at pos 1'],
    ['{"a": [{"numeric": 1}]}', 'Value of numeric must be an array.'],
    ['{"a": [{"numeric": [">", 0, ">", 1]}]}', 'Bad numeric range operator: >'],
    ['{"a": [{"numeric": [">", 5, "<", 1]}]}', 'Bottom must be less than top'],
    ['{"a": [{"numeric": ["<", 5, ">", 1]}]}', 'Too many terms in numeric range expression'],
    ['{"a": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR, one '/' required"],
    ['{"a": [{"cidr": "10.0.0.0/32"}]}', 'IPv4 mask bits must be < 32'],
    ['{"a": [{"exists": 1}]}', 'exists match pattern must be either true or false.'],
    [
      '{"a": [{"anything-but": ["x", null]}]}',
      'Inside anything but list, start|null|boolean is not supported.',
    ],
    ['{"a": [{"anything-but": {"prefix": ""}}]}', 'Null prefix/suffix not allowed'],
  ])('%s: %s', (pattern, message) => {
    expect(reason(pattern)).toBe(`Event pattern is not valid. Reason: ${message}`);
  });

  it('refuses $or that multiply beyond 1,000 combinations', () => {
    const or = [{ a: [1] }, { b: [1] }, { c: [1] }, { d: [1] }, { e: [1] }, { f: [1] }];
    const pattern = { p: { $or: or }, q: { $or: or }, r: { $or: or }, s: { $or: or } };
    expect(reason(JSON.stringify(pattern))).toContain('too complex');
  });
});

describe('laws', () => {
  const filters = fc.oneof(
    leaf,
    fc.record({ prefix: word }),
    fc.record({ suffix: word }),
    fc.record({ 'equals-ignore-case': word }),
    fc.record({ exists: fc.boolean() }),
    fc.record({
      numeric: fc.tuple(fc.constantFrom('=', '<', '<=', '>', '>='), fc.integer({ min: -9, max: 9 })),
    }),
  );
  const array = fc.array(filters, { minLength: 1, maxLength: 3 });
  const key = fc.constantFrom('a', 'b', 'c');
  const pattern = fc.dictionary(key, fc.oneof(array, fc.dictionary(key, array, { minKeys: 1 })), {
    minKeys: 1,
  });
  const value = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }));
  const event = fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value)));

  it('agrees with a naive reading of the documentation', () => {
    fc.assert(
      fc.property(pattern, event, (p, e) => {
        expect(test(p, e)).toBe(naive(p, e));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['prefix', 'suffix', 'equals-ignore-case', 'wildcard'])(
    'anything-but %s is its complement on a field',
    (name) => {
      const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A'), minLength: 1, maxLength: 3 });
      fc.assert(
        fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), leaf, (texts, value) => {
          const any = texts.some((item) => field({ [name]: item }, value));
          expect(field({ 'anything-but': { [name]: texts } }, value)).toBe(!any);
        }),
      );
    },
  );

  it('anything-but of values is the complement on a field, and never matches an absent one', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), leaf, (texts, value) => {
        expect(field({ 'anything-but': texts }, value)).toBe(!texts.includes(value as string));
        expect(field({ 'anything-but': texts }, [])).toBe(false);
      }),
    );
  });

  it('a wildcard agrees with the regular expression of its pieces', () => {
    const pieces = fc.array(
      fc.string({ unit: fc.constantFrom('a', 'b', '*', '\\'), minLength: 1, maxLength: 3 }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(pieces, fc.boolean(), word, (literals, stars, value) => {
        const pattern = literals.map((piece) => piece.replaceAll(/[\\*]/g, '\\$&')).join(stars ? '*' : '');
        const regex = literals.map((piece) => piece.replaceAll(/[\\*]/g, '\\$&')).join(stars ? '[^]*' : '');
        for (const text of [value, literals.join(value), literals.join('')]) {
          expect(field({ wildcard: pattern }, text)).toBe(new RegExp(`^${regex}$`).test(text));
        }
      }),
    );
  });

  it('an array matches exactly when one of its elements does, but for exists: false', () => {
    const present = filters.filter((filter) => JSON.stringify(filter) !== '{"exists":false}');
    fc.assert(
      fc.property(present, fc.array(leaf), (filter, values) => {
        expect(field(filter, values)).toBe(values.some((item) => field(filter, item)));
      }),
    );
  });
});

/** The documentation read literally, for events without arrays of objects. */
function naive(pattern: Record<string, unknown>, event: unknown): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    const isObject = typeof event === 'object' && event !== null && !Array.isArray(event);
    const value = isObject && Object.hasOwn(event, key) ? (event as Record<string, unknown>)[key] : undefined;
    if (!Array.isArray(wanted)) return naive(wanted as Record<string, unknown>, value);
    const values = Array.isArray(value) ? value : typeof value === 'object' && value !== null ? [] : [value];
    const leaves = values.filter((item) => item !== undefined);
    return wanted.some((filter) => {
      if (JSON.stringify(filter) === '{"exists":false}') return leaves.length === 0;
      return leaves.some((item) => naiveFilter(filter, item));
    });
  });
}

function naiveFilter(filter: unknown, value: unknown): boolean {
  if (typeof filter !== 'object' || filter === null) return filter === value;
  const [[operator, wanted]] = Object.entries(filter) as [[string, unknown]];
  if (operator === 'exists') return true;
  if (operator === 'numeric') {
    const [sign, bound] = wanted as [string, number];
    const order = typeof value === 'number' ? Math.sign(value - bound) : Number.NaN;
    return (
      { '=': [0], '<': [-1], '<=': [-1, 0], '>': [1], '>=': [1, 0] }[sign]?.some((n) => n === order) ?? false
    );
  }
  if (typeof value !== 'string') return false;
  const text = wanted as string;
  if (operator === 'prefix') return value.slice(0, text.length) === text;
  if (operator === 'suffix') return text === '' || value.slice(-text.length) === text;
  return value.toLowerCase() === text.toLowerCase();
}
