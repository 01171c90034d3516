/** The training rows' profile in SageMaker Model Monitor's formats (statistics.json, constraints.json) and as the
 * reference that drift is measured against. Model Monitor's `sketch` is left out: its buckets say the same. */
import { BINS, type ColumnSummary } from './column-summary.ts';

/** reference.json: per feature the counts of training values up to each edge, last those above all edges. */
export interface Reference {
  readonly formatVersion: 1;
  readonly rows: number;
  readonly features: readonly {
    readonly name: string;
    readonly edges: readonly number[];
    readonly counts: readonly number[];
    readonly missing: number;
  }[];
}

export function referenceOf(rows: number, features: readonly ColumnSummary[]): Reference {
  return {
    formatVersion: 1,
    rows,
    features: features.map(({ name, edges, counts, missing }) => ({ name, edges, counts, missing })),
  };
}

export function statisticsOf(rows: number, columns: readonly ColumnSummary[]) {
  return {
    version: 0.0,
    dataset: { item_count: rows },
    features: columns.map((column) => ({
      name: column.name,
      inferred_type: inferredType(column),
      numerical_statistics: {
        common: { num_present: column.present, num_missing: column.missing },
        mean: column.mean,
        sum: column.sum,
        std_dev: column.deviation,
        min: column.minimum,
        max: column.maximum,
        distribution: { kll: { buckets: bucketsOf(column) } },
      },
    })),
  };
}

export function constraintsOf(rows: number, columns: readonly ColumnSummary[]) {
  return {
    version: 0.0,
    features: columns.map((column) => ({
      name: column.name,
      inferred_type: inferredType(column),
      completeness: rows === 0 ? 0 : column.present / rows,
      num_constraints: { is_non_negative: column.minimum >= 0 },
    })),
    monitoring_config: {
      evaluate_constraints: 'Enabled',
      emit_metrics: 'Enabled',
      datatype_check_threshold: 1.0,
      domain_content_threshold: 1.0,
      distribution_constraints: {
        perform_comparison: 'Enabled',
        comparison_threshold: 0.1,
        comparison_method: 'Robust',
      },
    },
  };
}

function inferredType({ present, integral }: ColumnSummary): 'Integral' | 'Fractional' | 'Unknown' {
  if (present === 0) return 'Unknown';
  return integral ? 'Integral' : 'Fractional';
}

function bucketsOf({ minimum, maximum, histogram }: ColumnSummary) {
  const width = (maximum - minimum) / BINS;
  return histogram.map((count, at) => ({
    lower_bound: minimum + at * width,
    upper_bound: at === BINS - 1 ? maximum : minimum + (at + 1) * width,
    count,
  }));
}
