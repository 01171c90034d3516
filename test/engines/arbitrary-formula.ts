/** Formulas that three engines can agree on. Arithmetic is exact to the last bit in each; `exp`, `log` and `pow` are
 * not, so that nothing that jumps (a bucket, `floor`) or amplifies (a division) is built on them, nor on a column whose
 * values are filled with a mean. */
import fc from 'fast-check';

type Column = Readonly<Record<string, unknown>>;
type Written = Record<string, unknown>;

const CONSTANTS = ['0', '1', '2.5', '.1', '1e3', '100'];

const expression = (names: readonly string[], depth: number): fc.Arbitrary<string> => {
  const leaf = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.constantFrom(...CONSTANTS) },
  );
  if (depth === 0) return leaf;
  const below = expression(names, depth - 1);
  const two = fc.tuple(below, fc.constantFrom('+', '-', '*', '/'), below);
  const unary = fc.tuple(fc.constantFrom('-', '+', 'abs', 'ceil', 'floor', 'round', 'sqrt'), below);
  const several = fc.tuple(fc.constantFrom('min', 'max'), fc.array(below, { minLength: 1, maxLength: 3 }));
  return fc.oneof(
    leaf,
    two.map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    unary.map(([of, a]) => (of.length === 1 ? `${of}(${a})` : `${of}(${a})`)),
    several.map(([of, list]) => `${of}(${list.join(', ')})`),
  );
};

/** A transcendental function over something that is exact. */
const smooth = (names: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    expression(names, 1).map((a) => `exp(${a} / 1000)`),
    expression(names, 1).map((a) => `2 * log(${a}) + 1`),
    fc
      .tuple(expression(names, 1), fc.constantFrom('0', '0.5', '-1', '2', '3'))
      .map(([a, b]) => `pow(${a}, ${b})`),
  );

const isExact = ({ missing, outliers }: Column): boolean =>
  missing !== 'mean' && (outliers as Column | undefined)?.method !== 'z-score';

/** `derive` over the columns that hold numbers. */
export function formulasOver(columns: readonly Column[]): fc.Arbitrary<readonly Written[]> {
  const numeric = columns.filter(({ type }) => type !== 'text');
  const exact = numeric.filter(isExact).map(({ name }) => String(name));
  const inexact = numeric.filter((column) => !isExact(column)).map(({ name }) => String(name));
  const bucket = fc.option(
    fc.constantFrom({ bucket: [-1, 0, 2.5] }, { scale: 'standard' }, { scale: 'min-max' }),
    {
      nil: {},
    },
  );
  const plain: fc.Arbitrary<Written>[] = [];
  const further: fc.Arbitrary<Written>[] = [];
  if (exact.length > 0) {
    plain.push(fc.tuple(expression(exact, 3), bucket).map(([formula, keys]) => ({ formula, ...keys })));
    plain.push(expression([...exact, 'd0'], 2).map((formula) => ({ formula })));
    further.push(smooth(exact).map((formula) => ({ formula })));
  }
  if (inexact.length > 0)
    further.push(fc.constantFrom(...inexact).map((name) => ({ formula: `${name} * 2 - 1`, scale: 'log' })));
  const first = fc.constant(exact.length > 0 ? [{ formula: `${exact[0]} / 4` }] : []);
  const others = fc.array(
    fc.oneof(...(plain.length + further.length > 0 ? [...plain, ...further] : [fc.constant({} as Written)])),
    {
      maxLength: 3,
    },
  );
  return fc
    .tuple(fc.boolean(), first, others)
    .map(([none, head, rest]) =>
      none ? [] : [...head, ...rest].filter(({ formula }) => formula !== undefined),
    )
    .map((formulas: readonly Written[]) =>
      formulas.map((formula, at) => ({ name: `d${at}`, ...formula }) as Written),
    );
}
