/** Bounds on a failure rate that hold at every look at once, however often one looks and whenever one stops: Robbins'
 * mixture method with a Beta(½, ½) prior (Howard, Ramdas, McAuliffe, Sekhon, Time-uniform, nonparametric, nonasymptotic
 * confidence sequences, Annals of Statistics 49, 2021). Pure. */

/** Lanczos' approximation (g = 7, n = 9), accurate to about 15 digits for x > 0. */
const LANCZOS: readonly number[] = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

const { log, log1p, PI } = Math;

/** Natural logarithm of the gamma function; x > 0. */
export function logGamma(x: number): number {
  const [first = 0, ...others] = LANCZOS;
  const sum = others.reduce((total, c, i) => total + c / (x + i), first);
  const t = x + 6.5;
  return 0.5 * log(2 * PI) + (x - 0.5) * log(t) - t + log(sum);
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

const STEPS = 60;

/** The end of the interval of rates that are not refuted at level `alpha`, by bisection between the observed rate and
 * `end`. A rate p is refuted once the mixture's likelihood is 1/alpha times that of p. */
function bound(errors: number, requests: number, alpha: number, end: 0 | 1): number {
  if (requests === 0) return end;
  const successes = requests - errors;
  const needed = logBeta(errors + 0.5, successes + 0.5) - logBeta(0.5, 0.5) + log(alpha);
  const logLikelihood = (p: number): number =>
    (errors > 0 ? errors * log(p) : 0) + (successes > 0 ? successes * log1p(-p) : 0);
  let [possible, refuted] = [errors / requests, end as number];
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (possible + refuted) / 2;
    if (logLikelihood(middle) > needed) possible = middle;
    else refuted = middle;
  }
  return refuted;
}

/** The largest failure rate that the counts do not refute; 1 without requests. `errors` ≤ `requests`. */
export const upperRate = (errors: number, requests: number, alpha: number): number =>
  bound(errors, requests, alpha, 1);

/** The smallest failure rate that the counts do not refute; 0 without requests. `errors` ≤ `requests`. */
export const lowerRate = (errors: number, requests: number, alpha: number): number =>
  bound(errors, requests, alpha, 0);
