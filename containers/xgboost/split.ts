import type { BinnedMatrix } from './bins.ts';
import type { Histogram } from './histogram.ts';

/** Regularisation of a tree, named as XGBoost names it. */
export interface TreeParameters {
  readonly eta: number;
  readonly max_depth: number;
  readonly lambda: number;
  readonly alpha: number;
  readonly gamma: number;
  readonly min_child_weight: number;
}

export interface Sums {
  readonly gradient: number;
  readonly hessian: number;
}

/** Bins of the feature up to and with `bin` go left; missing values go where `missingLeft` says. */
export interface Split {
  readonly feature: number;
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly gain: number;
  readonly left: Sums;
  readonly right: Sums;
}

const SMALLEST_GAIN = 1e-6;

/** Weight of a leaf (Chen & Guestrin 2016, eq. 5, with an L1 term), before eta. */
export function leafWeight({ gradient, hessian }: Sums, parameters: TreeParameters): number {
  if (hessian < parameters.min_child_weight || hessian <= 0) return 0;
  // 0 - x, because -x would give the value -0 that the model file cannot hold.
  return (0 - softThreshold(gradient, parameters.alpha)) / (hessian + parameters.lambda);
}

function leafGain(gradient: number, hessian: number, parameters: TreeParameters): number {
  const reduced = softThreshold(gradient, parameters.alpha);
  return (reduced * reduced) / (hessian + parameters.lambda);
}

function softThreshold(gradient: number, alpha: number): number {
  if (gradient > alpha) return gradient - alpha;
  if (gradient < -alpha) return gradient + alpha;
  return 0;
}

/** The split of largest gain over the features, undefined where none gains more than gamma. */
export function findSplit(
  matrix: BinnedMatrix,
  histogram: Histogram,
  total: Sums,
  features: Int32Array,
  parameters: TreeParameters,
): Split | undefined {
  const search = createSearch(total, parameters);
  for (const feature of features) {
    const [first, end] = [matrix.cuts.offset[feature]!, matrix.cuts.offset[feature + 1]!];
    searchUpwards(search, histogram, feature, first, end);
    if (matrix.hasMissing[feature]) searchDownwards(search, histogram, feature, first, end);
  }
  return search.best;
}

interface Search {
  readonly total: Sums;
  best: Split | undefined;
  offer(feature: number, bin: number, missingLeft: boolean, leftGradient: number, leftHessian: number): void;
}

function createSearch(total: Sums, parameters: TreeParameters): Search {
  const before = leafGain(total.gradient, total.hessian, parameters);
  let bar = Math.max(SMALLEST_GAIN, parameters.gamma);
  const search: Search = {
    total,
    best: undefined,
    offer(feature, bin, missingLeft, leftGradient, leftHessian) {
      const rightHessian = total.hessian - leftHessian;
      if (leftHessian < parameters.min_child_weight || rightHessian < parameters.min_child_weight) return;
      if (leftHessian <= 0 || rightHessian <= 0) return;
      const rightGradient = total.gradient - leftGradient;
      const after =
        leafGain(leftGradient, leftHessian, parameters) + leafGain(rightGradient, rightHessian, parameters);
      const gain = after - before;
      if (!(gain > bar)) return;
      bar = gain;
      const left = { gradient: leftGradient, hessian: leftHessian };
      search.best = {
        feature,
        bin,
        missingLeft,
        gain,
        left,
        right: { gradient: rightGradient, hessian: rightHessian },
      };
    },
  };
  return search;
}

/** Missing values right: what is left grows from the lowest bin. */
function searchUpwards(
  search: Search,
  histogram: Histogram,
  feature: number,
  first: number,
  end: number,
): void {
  let [gradient, hessian] = [0, 0];
  for (let bin = first; bin < end; bin++) {
    gradient += histogram[2 * bin]!;
    hessian += histogram[2 * bin + 1]!;
    search.offer(feature, bin, false, gradient, hessian);
  }
}

/** Missing values left: what is right grows from the highest bin. */
function searchDownwards(
  search: Search,
  histogram: Histogram,
  feature: number,
  first: number,
  end: number,
): void {
  let { gradient, hessian } = search.total;
  for (let bin = end - 1; bin > first; bin--) {
    gradient -= histogram[2 * bin]!;
    hessian -= histogram[2 * bin + 1]!;
    search.offer(feature, bin - 1, true, gradient, hessian);
  }
}
