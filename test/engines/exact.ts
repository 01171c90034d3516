/** Sums without rounding: every finite double is a whole number of 2^-1074. */

const FRACTION = (1n << 52n) - 1n;

/** `value` as a whole number of 2^-1074. */
export function exact(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & FRACTION;
  const size = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return value < 0 ? -size : size;
}

/** The double nearest to numerator/denominator, to the last digit but one. */
export function ratio(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  if (numerator < 0n) return -ratio(-numerator, denominator);
  const shift = 80 - (bits(numerator) - bits(denominator));
  const quotient =
    shift >= 0 ? (numerator << BigInt(shift)) / denominator : numerator / (denominator << BigInt(-shift));
  const half = Math.trunc(shift / 2);
  return Number(quotient) * 2 ** -half * 2 ** -(shift - half);
}

const bits = (value: bigint): number => value.toString(16).length * 4;

const UNIT = 1n << 1074n;
const total = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);

export const sumOf = (values: readonly number[]): number => ratio(total(values.map(exact)), UNIT);

export const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : ratio(total(values.map(exact)), UNIT * BigInt(values.length));

/** Of the population. */
export function deviationOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const n = BigInt(values.length);
  return Math.sqrt(ratio(spread(values, values), n * n * UNIT * UNIT));
}

/** n² times the covariance, in units of 2^-2148. */
function spread(x: readonly number[], y: readonly number[]): bigint {
  const [a, b] = [x.map(exact), y.map(exact)];
  return BigInt(x.length) * total(a.map((value, at) => value * b[at]!)) - total(a) * total(b);
}

/** Pearson's r; null where one side is constant. */
export function pearson(x: readonly number[], y: readonly number[]): number | null {
  const [ofX, ofY, both] = [spread(x, x), spread(y, y), spread(x, y)];
  if (ofX === 0n || ofY === 0n) return null;
  const r = Math.sqrt(ratio(both * both, ofX * ofY));
  return both < 0n ? -r : r;
}
