import fc from 'fast-check';
import { flatten, type Leaf } from './flatten.ts';
import { compilePattern, matches } from './pattern.ts';
import { checkComplexity, compileWildcard } from './wildcard.ts';

const test = (pattern: unknown, event: unknown): boolean =>
  matches(compilePattern(JSON.stringify(pattern)), flatten(event));
const field = (filter: unknown, value: unknown): boolean =>
  test({ detail: { f: [filter] } }, { detail: { f: value } });
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'B', '*', '\\', '.'), maxLength: 5 });
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  word,
  fc.integer({ min: -9, max: 9 }),
  fc.boolean(),
  fc.constant(null),
);

describe('limits', () => {
  it('refuses an event nested more than 1,100 levels deep', () => {
    const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(() => flatten(nested(1102))).toThrow(RangeError);
    expect(() => flatten(nested(1100))).not.toThrow();
  });

  it('refuses $or that multiply beyond 1,000 combinations', () => {
    const or = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((name) => ({ [name]: [1] }));
    const thousand = { p: { $or: or }, q: { $or: or }, r: { $or: or } };
    expect(() => compilePattern(JSON.stringify(thousand))).not.toThrow();
    const more = { ...thousand, s: { $or: or.slice(0, 2) } };
    expect(() => compilePattern(JSON.stringify(more))).toThrow('Rule is too complex');
  });

  it('refuses text that is not JSON', () => {
    expect(() => compilePattern('{"a":')).toThrow('Event pattern is not valid. Reason: ');
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
          expect(compileWildcard(pattern)(text)).toBe(new RegExp(`^${regex}$`).test(text));
        }
      }),
    );
  });

  it('wildcards are too complex when some value keeps more than ten of their prefixes open', () => {
    const token = fc.constantFrom('a', 'b', '*');
    const pattern = fc
      .array(token, { minLength: 1, maxLength: 12 })
      .map((tokens) => tokens.join('').replaceAll(/\*+/g, '*'));
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 2 }), (patterns) => {
        if (worstCase(patterns) > 10) expect(() => checkComplexity(patterns)).toThrow('too complex');
        else if (patterns.join('').length <= 10) expect(() => checkComplexity(patterns)).not.toThrow();
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

/** The most prefixes of the patterns that one text of up to ten letters matches: prefixes as regular expressions, texts
 * by trying them all. */
function worstCase(patterns: readonly string[]): number {
  const prefixes = patterns.flatMap((pattern) =>
    Array.from({ length: pattern.length }, (_, at) => {
      const prefix = pattern.slice(0, at + 1);
      return new RegExp(`^${prefix.replaceAll('*', '.*')}$`);
    }),
  );
  const texts = Array.from({ length: 2 ** 11 - 2 }, (_, n) => (n + 2).toString(2).slice(1));
  const counts = texts.map((text) => {
    const letters = text.replaceAll('0', 'a').replaceAll('1', 'b');
    return prefixes.filter((prefix) => prefix.test(letters)).length;
  });
  return Math.max(...counts);
}
