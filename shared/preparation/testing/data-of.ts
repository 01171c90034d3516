import { parseSpecification } from '../../contracts/parse-specification.ts';
import type { DataSpecification } from '../../contracts/pipeline-specification.ts';

/** The `data` of a specification as engines get it; what is left out has its default. Throws naming what is wrong. */
export function dataOf(data: object): DataSpecification {
  const parsed = parseSpecification(
    JSON.stringify({
      name: 'sample',
      data,
      train: { image: 'xgboost' },
      evaluate: { metric: 'mae', prediction: 'value', required: 1 },
    }),
  );
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems));
  return parsed.specification.data;
}
