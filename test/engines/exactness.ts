/** Which values three engines must have in common to the last bit, and which only within the tolerance: what follows
 * from a mean, a deviation, `exp`, `log` or `pow`. */
import { type Feature, layOut } from '../../shared/contracts/data-layout.ts';
import { compileFormula } from '../../shared/contracts/formula.ts';
import type {
  ColumnSpecification,
  DataSpecification,
} from '../../shared/contracts/pipeline-specification.ts';

export interface Exactness {
  /** By declared column, after fills; then by formula. */
  readonly columns: readonly boolean[];
  /** By feature. */
  readonly features: readonly boolean[];
}

export function exactness(data: DataSpecification): Exactness {
  const layout = layOut(data);
  const names = layout.columns.map(({ name }) => name);
  const columns = layout.columns.map(({ column }) => isExact(column));
  for (const { name, formula } of data.derive) {
    const { inputs } = compileFormula(formula, names);
    columns.push(!/\b(exp|log|pow)\(/.test(formula) && inputs.every((input) => columns[input]));
    names.push(name);
  }
  return {
    columns,
    features: layout.features.map((feature) => featureExact(feature, columns, layout.columns.length)),
  };
}

const isExact = ({ missing, outliers }: ColumnSpecification): boolean =>
  missing !== 'mean' && !(outliers?.method === 'z-score' && outliers.then === 'clip');

function featureExact(feature: Feature, columns: readonly boolean[], count: number): boolean {
  if (feature.kind === 'indicator') return true;
  if (feature.kind !== 'derived' && feature.kind !== 'column') return columns[feature.at]!;
  const source = columns[feature.kind === 'derived' ? count + feature.derived : feature.at]!;
  return source && (feature.scale === undefined || feature.scale === 'min-max');
}
