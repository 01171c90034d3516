import fc from 'fast-check';
import { columnNames } from './column-names.ts';

describe('the columns that a name declares', () => {
  it('are itself, for a plain name', () => {
    expect(columnNames('country')).toEqual(['country']);
    expect(columnNames('odd {name}')).toEqual(['odd {name}']);
    expect(columnNames('p{1..}')).toEqual(['p{1..}']);
  });

  it('are a family, counted up', () => {
    expect(columnNames('p{0..2}')).toEqual(['p0', 'p1', 'p2']);
    expect(columnNames('{9..11}')).toEqual(['9', '10', '11']);
    expect(columnNames('t{7..7}_mean')).toEqual(['t7_mean']);
    expect(columnNames('p{0..783}')).toHaveLength(784);
  });

  it('are as many as the span says, each once', () => {
    const spans = fc.tuple(fc.nat(5_000), fc.nat(300));
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z_]{0,8}$/), spans, (prefix, [first, span]) => {
        const names = columnNames(`${prefix}{${first}..${first + span}}`);
        expect(new Set(names).size).toBe(span + 1);
        expect(names[0]).toBe(`${prefix}${first}`);
        expect(names.at(-1)).toBe(`${prefix}${first + span}`);
      }),
    );
  });

  it.each(['p{5..4}', 'p{0..10000}', 'p{1..99999}'])(
    'are refused when they run backwards or are too many: %s',
    (pattern) => expect(() => columnNames(pattern)).toThrow(RangeError),
  );

  it('are at most 10,000', () => expect(columnNames('p{0..9999}')).toHaveLength(10_000));
});
