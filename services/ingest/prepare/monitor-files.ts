/** The training rows in SageMaker Model Monitor's formats (statistics.json, constraints.json) and as the reference
 * that drift is measured against. Model Monitor's `sketch` is left out: its buckets say the same. */
import {
  BINS,
  type ColumnSummary,
  type NumberSummary,
  type PreparedResult,
  type ReferenceColumn,
  type TextSummary,
} from '../../../shared/preparation/result.ts';

/** reference.json: per raw column the counts of training values up to each edge, last those above all edges. */
export interface Reference {
  readonly formatVersion: 1;
  readonly rows: number;
  readonly columns: readonly ReferenceColumn[];
}

export const referenceFile = ({ rows, reference }: PreparedResult): Reference => ({
  formatVersion: 1,
  rows: rows.train,
  columns: reference,
});

export function statisticsFile({ rows, columns }: PreparedResult) {
  return {
    version: 0.0,
    dataset: { item_count: rows.train },
    features: columns.map((column) => ({
      name: column.name,
      inferred_type: inferredType(column),
      ...(column.kind === 'number' ? numericalStatistics(column) : stringStatistics(column)),
    })),
  };
}

function numericalStatistics(column: NumberSummary) {
  const { present, missing, mean, sum, deviation, minimum, maximum } = column;
  return {
    numerical_statistics: {
      common: { num_present: present, num_missing: missing },
      mean,
      sum,
      std_dev: deviation,
      min: minimum,
      max: maximum,
      distribution: { kll: { buckets: bucketsOf(column) } },
    },
  };
}

function stringStatistics({ present, missing, distinct, top }: TextSummary) {
  return {
    string_statistics: {
      common: { num_present: present, num_missing: missing },
      distinct_count: distinct,
      distribution: { categorical: { buckets: top } },
    },
  };
}

export function constraintsFile({ rows, columns }: PreparedResult) {
  return {
    version: 0.0,
    features: columns.map((column) => ({
      name: column.name,
      inferred_type: inferredType(column),
      completeness: rows.train === 0 ? 0 : column.present / rows.train,
      ...(column.kind === 'number'
        ? { num_constraints: { is_non_negative: column.minimum >= 0 } }
        : stringConstraints(column)),
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

/** The domain of a column of which every value is known. */
const stringConstraints = ({ distinct, top }: TextSummary) =>
  distinct === top.length ? { string_constraints: { domains: top.map(({ value }) => value) } } : {};

function inferredType(column: ColumnSummary): 'Integral' | 'Fractional' | 'String' | 'Unknown' {
  if (column.present === 0) return 'Unknown';
  if (column.kind === 'text') return 'String';
  return column.integral ? 'Integral' : 'Fractional';
}

function bucketsOf({ minimum, maximum, histogram }: NumberSummary) {
  const width = (maximum - minimum) / BINS;
  return histogram.map((count, at) => ({
    lower_bound: minimum + at * width,
    upper_bound: at === BINS - 1 ? maximum : minimum + (at + 1) * width,
    count,
  }));
}
