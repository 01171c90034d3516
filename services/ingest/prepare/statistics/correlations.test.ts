import fc from 'fast-check';
import { Correlations } from './correlations.ts';

/** Of whole columns, in chunks of the given size. */
function matrixOf(columns: readonly (readonly number[])[], size: number) {
  const correlations = new Correlations(columns.length);
  for (let from = 0; from < (columns[0]?.length ?? 0); from += size)
    correlations.add(columns.map((column) => Float64Array.from(column.slice(from, from + size))));
  return correlations.matrix();
}

function pearson(x: readonly number[], y: readonly number[]): number {
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const [a, b] = [x.map((value) => value - mean(x)), y.map((value) => value - mean(y))];
  const dot = (p: readonly number[], q: readonly number[]) =>
    p.reduce((sum, value, at) => sum + value * q[at]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

const value = fc.integer({ min: -50, max: 50 });

describe('Correlations', () => {
  it("are Pearson's, over rows where both are present, in whatever chunks", () => {
    const rows = fc.array(fc.tuple(value, value, fc.option(value, { nil: Number.NaN })), {
      minLength: 3,
      maxLength: 60,
    });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 20 }), (given, size) => {
        const columns = [0, 1, 2].map((at) => given.map((row) => row[at]!));
        const r = matrixOf(columns, size);
        for (const [a, b] of [
          [0, 1],
          [0, 2],
          [1, 2],
        ] as const) {
          const both = given.filter((row) => !Number.isNaN(row[a]) && !Number.isNaN(row[b]));
          const [x, y] = [both.map((row) => row[a]), both.map((row) => row[b])];
          expect(r[a]![b]).toBe(r[b]![a]);
          if (new Set(x).size < 2 || new Set(y).size < 2) expect(r[a]![b]).toBeNull();
          else expect(r[a]![b]).toBeCloseTo(pearson(x, y), 10);
        }
      }),
    );
  });

  it('are the same to the last digit, in whatever chunks', () => {
    const columns = [1, 2, 3].map((factor) =>
      Array.from({ length: 5000 }, (_, at) => Math.sin(at * factor) / factor),
    );
    const whole = matrixOf(columns, 5000);
    for (const size of [1, 777, 2048, 4999]) expect(matrixOf(columns, size)).toEqual(whole);
  });

  it('are 1 on the diagonal, and lose no digits far from zero', () => {
    const far = Array.from({ length: 100 }, (_, at) => 1e15 + at);
    const back = far.map((one) => -one);
    expect(matrixOf([far, back], 7)).toEqual([
      [1, expect.closeTo(-1, 12)],
      [expect.closeTo(-1, 12), 1],
    ]);
  });
});
