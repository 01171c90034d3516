import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { compileFormula } from '../../../../shared/contracts/formula.ts';
import { resourcesOf, Session } from '../session.ts';
import { formulaSql } from './formula-sql.ts';
import { double, Levels } from './sql-text.ts';

let folder: string;
let session: Session;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ratchet-formula-'));
  session = await Session.open(folder, resourcesOf(512));
});
afterAll(() => {
  session.close();
  rmSync(folder, { recursive: true });
});

const NAMES = ['a', 'b', 'c'];

/** What the formula gives in SQL for `values` of a, b, c. */
async function inSql(formula: string, values: readonly number[]): Promise<number> {
  const columns = new Map(NAMES.map((name, at) => [name, `v${at}`]));
  const { levels: steps, result } = formulaSql(formula, columns, 'x0_');
  const row = values.map((value, at) => `${double(value)} AS v${at}`).join(', ');
  const levels = new Levels(`(SELECT ${row})`, ['v0', 'v1', 'v2']);
  for (const step of steps) levels.with(step);
  return (await session.row(levels.select([{ name: 'result', sql: result }])))[0] as number;
}

const inJavaScript = (formula: string, values: readonly number[]): number =>
  compileFormula(formula, NAMES)(values);

const value = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.5, 2, 1e10, -3),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const { formula } = fc.letrec<{ formula: string }>((tie) => ({
  formula: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...NAMES, '0', '1', '2.5'),
    fc
      .tuple(tie('formula'), fc.constantFrom('+', '-', '*', '/'), tie('formula'))
      .map((of) => `(${of.join(' ')})`),
    tie('formula').map((of) => `(-${of})`),
    fc
      .tuple(fc.constantFrom('abs', 'ceil', 'floor', 'round', 'sqrt'), tie('formula'))
      .map(([name, of]) => `${name}(${of})`),
    fc
      .tuple(fc.constantFrom('max', 'min'), fc.array(tie('formula'), { minLength: 1, maxLength: 3 }))
      .map(([name, of]) => `${name}(${of.join(', ')})`),
  ),
}));

describe('a formula in SQL', () => {
  it('gives bit for bit what JavaScript gives, zeros and infinities on the way included', async () => {
    await fc.assert(
      fc.asyncProperty(formula, fc.tuple(value, value, value), async (of, values) => {
        expect(await inSql(of, values)).toBe(inJavaScript(of, values));
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['log(a)', [0, 0, 0]],
    ['log(a)', [-1, 0, 0]],
    ['sqrt(a)', [-1, 0, 0]],
    ['exp(1 / max(-a, -b))', [0, 0, 0]],
    ['exp(1 / min(a, -b))', [0, 0, 0]],
    ['min(log(a), b)', [-1, 1, 0]],
    ['max(log(a), b)', [-1, 1, 0]],
    ['pow(1, log(a))', [-1, 0, 0]],
    ['pow(-1, 1 / a)', [0, 0, 0]],
    ['pow(a, b)', [2, 0.5, 0]],
    ['pow(a, b)', [-8, 1 / 3, 0]],
    ['a / b', [1, 0, 0]],
    ['a--b', [1, 2, 0]],
    ['1--1', [0, 0, 0]],
    ['round(-0.5)', [0, 0, 0]],
    ['round(0.49999999999999994)', [0, 0, 0]],
  ])('%s of %j', async (of, values) => {
    const [found, expected] = [await inSql(of, values), inJavaScript(of, values)];
    if (Number.isFinite(expected)) expect(Math.abs(found - expected)).toBeLessThan(1e-12);
    else expect(found).toBe(expected);
  });

  it('grows no faster than what is written', () => {
    const deep = `${'max(1, '.repeat(80)}a${')'.repeat(80)}`;
    const { levels } = formulaSql(deep, new Map([['a', 'v0']]), 'x');
    expect(JSON.stringify(levels).length).toBeLessThan(40_000);
  });
});
