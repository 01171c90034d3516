import fc from 'fast-check';
import { compileFormula, FormulaError } from './formula.ts';

const COLUMNS = ['a', 'b', 'frost_point'];
const value = (text: string, values: readonly number[] = [2, 3, -5]) => compileFormula(text, COLUMNS)(values);

describe('compileFormula', () => {
  it.each([
    ['a + b * 2', 8],
    ['(a + b) * 2', 10],
    ['a - b - 1', -2],
    ['-a / -b', 2 / 3],
    ['+a', 2],
    ['abs(frost_point)', 5],
    ['max(a, b, frost_point) - min(a, b)', 1],
    ['pow(a, 10) + sqrt(9)', 1027],
    ['round(b / a) + floor(b / a) + ceil(b / a)', 5],
    ['log(exp(1.5)) + .5', 2],
    ['1e3', 1000],
  ])('%s', (text, expected) => {
    expect(value(text)).toBeCloseTo(expected, 12);
  });

  it('tells which columns it reads', () => {
    expect(compileFormula('b + b * frost_point', COLUMNS).inputs).toEqual([1, 2]);
    expect(compileFormula('1 + 1', COLUMNS).inputs).toEqual([]);
  });

  it('gives what JavaScript gives for any arithmetic', () => {
    const leaf = fc.oneof(fc.constantFrom('a', 'b', 'frost_point'), fc.nat(99).map(String));
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc
          .tuple(tie('tree'), fc.constantFrom('+', '-', '*', '/'), tie('tree'))
          .map(([x, sign, y]) => `${x} ${sign} ${y}`),
        tie('tree').map((x) => `(${x})`),
        tie('tree').map((x) => `-(${x})`),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.array(fc.double(), { minLength: 3, maxLength: 3 }), (text, row) => {
        const expected: unknown = new Function(...COLUMNS, `return ${text}`)(...row);
        expect(value(text, row)).toBe(expected);
      }),
    );
  });

  it.each([
    ['', 'a formula is one expression'],
    ['a b', 'a formula is one expression'],
    ['a, b', 'one expression'],
    [
      'frostpoint * 2',
      '"frostpoint" is no number column or earlier derived one (did you mean "frost_point"?)',
    ],
    ['a % b', 'the operator "%" is not allowed; allowed are + - * /'],
    ['a ^ b', 'the operator "^" is not allowed; allowed are + - * /, and pow(a, b) for powers'],
    ['a ** b', 'the operator "**" is not allowed; allowed are + - * /, and pow(a, b) for powers'],
    ['z', '"z" is no number column or earlier derived one'],
    ['a == b', 'the operator "==" is not allowed'],
    ['!a', 'the operator "!" is not allowed'],
    ['a ? b : 1', '"? :" is not allowed'],
    ['a.constructor', '"." and "[ ]" are not allowed'],
    ['a["b"]', '"." and "[ ]" are not allowed'],
    ['[a]', '"[ ]" is not allowed'],
    ['this', '"this" is not allowed'],
    ['"a"', '"a" is not a number'],
    ['true', 'true is not a number'],
    ['1e999', '1e999 is too large'],
    ['constructor', '"constructor" is no number column'],
    ['sqr(a)', 'the function "sqr" is not allowed (did you mean "sqrt"?)'],
    ['toString(a)', 'the function "toString" is not allowed'],
    ['a.b(1)', 'the function "…" is not allowed'],
    ['(0, eval)("1")', 'is not allowed'],
    ['pow(a)', 'pow takes 2 value(s), found 1'],
    ['sqrt()', 'sqrt takes 1 value(s), found 0'],
    ['a +', 'cannot read the formula'],
    ['(a', 'cannot read the formula'],
    ['a = 1', 'cannot read the formula'],
  ])('refuses %j', (text, message) => {
    expect(() => compileFormula(text, COLUMNS)).toThrow(FormulaError);
    expect(() => compileFormula(text, COLUMNS)).toThrow(message);
  });

  it('answers any text with a formula or a FormulaError', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab01.+-*/(),[]?:"\'`!=<>&|~^% \\{}#é'), maxLength: 30 }),
        (text) => {
          try {
            expect(typeof value(text)).toBe('number');
          } catch (error) {
            expect(error).toBeInstanceOf(FormulaError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
