import fc from 'fast-check';
import { PIPELINE_NAME, PIPELINE_NAME_MAX } from '../../shared/contracts/names.ts';
import { pipelineNameOf } from './pipeline-name.ts';

describe('the name of a pipeline', () => {
  it.each([
    ['data/Wine Quality (red).csv.gz', 'wine-quality-red'],
    ['2024-sales.parquet', 'sales'],
    ['Überschuss.tsv', 'uberschuss'],
    ['日本.csv', 'table'],
    ['a-very-long-name-of-a-file-that-nobody-types.csv', 'a-very-long-name-of-a-file-t'],
  ])('of %s is %s', (file, name) => {
    expect(pipelineNameOf(file)).toBe(name);
  });

  it('is one, whatever the file is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (file) => {
        const name = pipelineNameOf(file);
        expect(name).toMatch(new RegExp(PIPELINE_NAME));
        expect(name.length).toBeLessThanOrEqual(PIPELINE_NAME_MAX);
      }),
    );
  });
});
