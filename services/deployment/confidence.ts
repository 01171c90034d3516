/** Bounds on a failure rate that hold at every look at once (Robbins' mixture method with a Beta(½, ½) prior;
 * Howard et al., "Time-uniform, nonparametric, nonasymptotic confidence sequences", 2021). Pure. */

/** Lanczos' approximation (g = 7, n = 9), accurate to about 15 digits for x > 0. */
const LANCZOS: readonly number[] = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const sum = LANCZOS.slice(1).reduce((total, c, i) => total + c / (shifted + i + 1), LANCZOS[0] as number);
  const t = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** Log of the mixture's evidence against the rate `p` after `errors` of `requests`. */
function logEvidence(errors: number, requests: number, p: number): number {
  const successes = requests - errors;
  const mixture = logBeta(errors + 0.5, successes + 0.5) - logBeta(0.5, 0.5);
  return mixture - (errors > 0 ? errors * Math.log(p) : 0) - (successes > 0 ? successes * Math.log1p(-p) : 0);
}

const STEPS = 60;

/** The end of the interval of rates that are not refuted at level `alpha`, by bisection between the observed rate and
 * `end` (0 or 1). */
function bound(errors: number, requests: number, alpha: number, end: 0 | 1): number {
  if (requests === 0) return end;
  const limit = Math.log(1 / alpha);
  let [inside, outside] = [errors / requests, end as number];
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (inside + outside) / 2;
    if (logEvidence(errors, requests, middle) < limit) inside = middle;
    else outside = middle;
  }
  return outside;
}

/** The largest failure rate that the counts do not refute; 1 without requests. */
export const upperRate = (errors: number, requests: number, alpha: number): number => bound(errors, requests, alpha, 1);

/** The smallest failure rate that the counts do not refute; 0 without requests. */
export const lowerRate = (errors: number, requests: number, alpha: number): number => bound(errors, requests, alpha, 0);
