import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { targetLabels } from './target-labels.ts';

describe('labels of the target', () => {
  it('are numbers where the target is one', () => {
    const labels = targetLabels(specificationOf().data);
    expect(['3', ' -2.5 ', '', 'x', 'Infinity'].map(labels.read)).toEqual([
      3,
      -2.5,
      ...Array(3).fill(undefined),
    ]);
    expect(labels.write(3)).toBe('3');
  });

  it('are no words that mean "no value"', () => {
    const y = { name: 'y', type: 'number', blanks: ['-999'] };
    const { data } = specificationOf({ data: { columns: [y, { name: 'a', type: 'number' }] } });
    expect([' -999 ', '-998'].map(targetLabels(data).read)).toEqual([undefined, -998]);
    const named = { name: 'y', type: 'text', canonical: { no: [], yes: [] } };
    const texts = specificationOf({
      data: { columns: [named, { name: 'a', type: 'number' }], blanks: ['1'] },
    });
    expect(['0', '1', 'yes'].map(targetLabels(texts.data).read)).toEqual([0, undefined, 1]);
  });

  it('are names in any spelling, or positions, where the target is text', () => {
    const y = { name: 'y', type: 'text', canonical: { no: ['N'], yes: ['Y', '1'] } };
    const { data } = specificationOf({ data: { columns: [y, { name: 'a', type: 'number' }] } });
    const labels = targetLabels(data);
    expect(['YES', ' n ', '1', '0', '2', 'maybe', ''].map(labels.read)).toEqual([
      1,
      0,
      1,
      0,
      ...Array(3).fill(undefined),
    ]);
    expect([0, 1, 2].map(labels.write)).toEqual(['no', 'yes', undefined]);
  });
});
