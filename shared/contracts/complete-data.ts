/** Fills in what a default of the schema cannot: what hangs on another key, and words that YAML reads as nothing. */
import type { ColumnSpecification, DataSpecification } from './pipeline-specification.ts';

/** Fences without a `factor` of their own, by method. */
const FACTORS: Readonly<Record<NonNullable<ColumnSpecification['outliers']>['method'], number>> = {
  iqr: 1.5,
  'z-score': 3,
};

/** `data` as engines get it. What is complete already stays as it is. */
export function complete(data: DataSpecification): DataSpecification {
  return {
    ...data,
    columns: data.columns.map((column) => completeColumn(column, column.name === data.target)),
  };
}

function completeColumn(column: ColumnSpecification, isTarget: boolean): ColumnSpecification {
  const { type, outside, unknown, formats, outliers, canonical } = column;
  const fallback = isTarget ? 'quarantine' : 'keep';
  return {
    ...column,
    outside: word(outside, 'quarantine'),
    ...(canonical || unknown !== undefined ? { unknown: word(unknown, fallback) } : {}),
    ...(type === 'date' ? { formats: formats ?? ['YYYY-MM-DD'] } : {}),
    ...(outliers
      ? {
          outliers: {
            ...outliers,
            factor: outliers.factor ?? FACTORS[outliers.method],
            then: word(outliers.then, 'quarantine'),
          },
        }
      : {}),
  };
}

/** `null` without quotes is read by YAML as no word at all. */
function word<W extends string>(written: W | undefined, fallback: W): W | 'null' {
  return written === undefined ? fallback : written === null ? 'null' : written;
}
