import type { BinnedMatrix } from './bins.ts';

/** Sums of gradients and hessians by bin: [2b] is the gradient, [2b + 1] the hessian of bin b; missing values are
 * summed behind the last bin. */
export type Histogram = Float64Array;

/** One round's gradients of one group of trees, by row. */
export interface RowGradients {
  readonly gradient: Float32Array;
  readonly hessian: Float32Array;
}

/** Histograms are large: a tree gives back the ones it no longer needs. */
export interface HistogramPool {
  take(): Histogram;
  give(histogram: Histogram): void;
}

export function createHistogramPool(bins: number): HistogramPool {
  const free: Histogram[] = [];
  return {
    take: () => free.pop()?.fill(0) ?? new Float64Array(2 * bins + 2),
    give: (histogram) => void free.push(histogram),
  };
}

/** Adds the given rows and features. */
export function buildHistogram(
  into: Histogram,
  matrix: BinnedMatrix,
  gradients: RowGradients,
  rows: Int32Array,
  features: Int32Array,
): void {
  if (features.length === matrix.features) addAllFeatures(into, matrix, gradients, rows);
  else addSomeFeatures(into, matrix, gradients, rows, features);
}

function addAllFeatures(
  into: Histogram,
  matrix: BinnedMatrix,
  gradients: RowGradients,
  rows: Int32Array,
): void {
  const { slots, features } = matrix;
  const { gradient, hessian } = gradients;
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    const g = gradient[row]!;
    const h = hessian[row]!;
    const end = (row + 1) * features;
    for (let cell = row * features; cell < end; cell++) {
      const slot = slots[cell]!;
      into[slot]! += g;
      into[slot + 1]! += h;
    }
  }
}

function addSomeFeatures(
  into: Histogram,
  matrix: BinnedMatrix,
  gradients: RowGradients,
  rows: Int32Array,
  features: Int32Array,
): void {
  const { gradient, hessian } = gradients;
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    const offset = row * matrix.features;
    for (let k = 0; k < features.length; k++) {
      const slot = matrix.slots[offset + features[k]!]!;
      into[slot]! += gradient[row]!;
      into[slot + 1]! += hessian[row]!;
    }
  }
}

/** Turns the parent's histogram into the larger child's: parent - smaller child. */
export function subtractHistogram(parent: Histogram, smaller: Histogram): Histogram {
  for (let at = 0; at < parent.length; at++) parent[at]! -= smaller[at]!;
  return parent;
}
