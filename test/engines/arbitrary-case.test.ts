/** A key that no generated case feels would be compared in vain. */
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { Case } from './arbitrary-case.ts';
import { reference } from './reference.ts';
import { casesOf } from './trial.ts';

const sample = casesOf(3, 150);

const preparedAs = ({ parts }: Case, data: DataSpecification): string =>
  JSON.stringify(reference(data, parts));

describe('the generated cases', () => {
  it('have blank words by which other rows come about', () => {
    const without = ({ blanks: _, ...data }: DataSpecification): DataSpecification => ({
      ...data,
      columns: data.columns.map(({ blanks: __, ...column }) => column),
    });
    const changed = sample.filter((of) => preparedAs(of, of.data) !== preparedAs(of, without(of.data)));
    expect(changed.length).toBeGreaterThan(sample.length / 4);
  });
});
