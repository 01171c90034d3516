import fc from 'fast-check';
import { fold } from '../../../shared/contracts/canonical-text.ts';
import { column, dataSpecification } from './prepare-dataset.fixture.ts';
import { compileRow } from './row-program.ts';

const country = {
  type: 'text' as const,
  canonical: { 'United States': ['US', 'USA'], Canada: ['CA'] },
  encode: 'one-hot' as const,
};
const data = dataSpecification({
  columns: [
    column('a'),
    column('y', { type: 'integer' }),
    column('country', country),
    column('h', { missing: 'allow' }),
  ],
  derive: [
    { name: 'twice', formula: 'a * 2' },
    { name: 'joined', formula: 'twice + h' },
  ],
});

describe('compileRow', () => {
  it('answers one row at a time, without a target', () => {
    const row = compileRow(data);
    expect(row.columns).toEqual(['a', 'country', 'h']);
    expect(row.features).toEqual(['a', 'country=United States', 'country=Canada', 'h', 'twice', 'joined']);
    expect(row.transform(['1.5', 'usa', '4'])).toEqual({ kind: 'row', features: [1.5, 1, 0, 4, 3, 7] });
  });

  it('answers the target of a labelled row', () => {
    const row = compileRow(data, { labelled: true });
    expect(row.transform(['1', '1', 'Canada', '2'])).toEqual({
      kind: 'row',
      target: 1,
      features: [1, 0, 1, 2, 2, 4],
    });
    expect(row.transform(['1', '', 'Canada', '2'])).toMatchObject({
      problem: { rule: 'missing', column: 'y' },
    });
  });

  it('leaves what is computed from a missing value missing', () => {
    expect(compileRow(data).transform(['1', 'US', ''])).toEqual({
      kind: 'row',
      features: [1, 1, 0, Number.NaN, 2, Number.NaN],
    });
  });

  it.each([
    [['x', 'US', '1'], { rule: 'not-a-number', column: 'a' }],
    [[null, 'US', '1'], { rule: 'missing', column: 'a' }],
    [['1', '', '1'], { rule: 'missing', column: 'country' }],
    [['1', 'US'], { rule: 'torn-line', column: null }],
  ])('says why %j cannot be used', (cells, problem) => {
    expect(compileRow(data).transform(cells)).toMatchObject({ kind: 'problem', problem });
  });

  it('reads every spelling of a name as that name', () => {
    const row = compileRow(data);
    const spelling = fc
      .constantFrom('United States', 'US', 'USA')
      .chain((text) =>
        fc
          .tuple(fc.mixedCase(fc.constant(text)), fc.constantFrom('', ' ', '\t'))
          .map(([mixed, blank]) => `${blank}${mixed.replace(' ', `${blank} `)}${blank}`),
      );
    fc.assert(
      fc.property(spelling, (text) => {
        expect(row.transform(['0', text, '0'])).toMatchObject({ kind: 'row', features: [0, 1, 0, 0, 0, 0] });
      }),
    );
  });

  it('folds text to what folds to itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => expect(fold(fold(text))).toBe(fold(text))),
    );
  });
});
