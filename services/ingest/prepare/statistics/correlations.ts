/** Rows of two columns where both are present: how many, their means, and the sums of products of distances from them. */
interface Pair {
  n: number;
  x: number;
  y: number;
  xx: number;
  yy: number;
  xy: number;
  /** The first values, and whether others came. */
  firstX: number;
  firstY: number;
  variesX: boolean;
  variesY: boolean;
}

/** One column's values of a block. */
interface Column {
  readonly values: Float64Array;
  readonly isWhole: boolean;
  /** Of a whole column: its mean, the distances from it and the sum of their squares, and whether they differ. */
  readonly mean: number;
  readonly distances: Float64Array;
  readonly squares: number;
  readonly varies: boolean;
}

/** Rows that are summed up around their own means. */
const BLOCK = 2048;

/** Pearson's r between columns of which rows come in chunks; NaN is missing. Blocks of rows are summed up around their
 * own means, so that large values cost no digits, and are of one size, so that the chunks change none. */
export class Correlations {
  readonly #width: number;
  readonly #pairs: Pair[] = [];
  readonly #block: readonly Float64Array[];
  #held = 0;

  constructor(columns: number) {
    this.#width = columns;
    for (let pair = 0; pair < (columns * (columns - 1)) / 2; pair++) this.#pairs.push(nothing());
    this.#block = Array.from({ length: columns }, () => new Float64Array(BLOCK));
  }

  add(chunk: readonly Float64Array[]): void {
    const rows = chunk[0]?.length ?? 0;
    for (let from = 0; from < rows; ) {
      const to = Math.min(rows, from + BLOCK - this.#held);
      for (const [at, values] of this.#block.entries()) values.set(chunk[at]!.subarray(from, to), this.#held);
      this.#held += to - from;
      from = to;
      if (this.#held === BLOCK) this.#sumUp();
    }
  }

  #sumUp(): void {
    const columns = this.#block.map((values) => columnOf(values.subarray(0, this.#held)));
    this.#held = 0;
    let pair = 0;
    for (let a = 0; a < this.#width; a++) {
      for (let b = a + 1; b < this.#width; b++) {
        const [x, y] = [columns[a]!, columns[b]!];
        const found = x.isWhole && y.isWhole ? ofWhole(x, y) : ofPresent(x.values, y.values);
        if (found.n > 0) unite(this.#pairs[pair]!, found);
        pair++;
      }
    }
  }

  /** Symmetric, 1 on the diagonal; null where one of the two is constant. */
  matrix(): readonly (readonly (number | null)[])[] {
    if (this.#held > 0) this.#sumUp();
    const r = Array.from({ length: this.#width }, (_, a) =>
      Array.from({ length: this.#width }, (_, b): number | null => (a === b ? 1 : null)),
    );
    let pair = 0;
    for (let a = 0; a < this.#width; a++) {
      for (let b = a + 1; b < this.#width; b++) r[a]![b] = r[b]![a] = coefficient(this.#pairs[pair++]!);
    }
    return r;
  }
}

const nothing = (): Pair => ({
  n: 0,
  x: 0,
  y: 0,
  xx: 0,
  yy: 0,
  xy: 0,
  firstX: Number.NaN,
  firstY: Number.NaN,
  variesX: false,
  variesY: false,
});

function columnOf(values: Float64Array): Column {
  const mean = meanOf(values);
  const distances = values.map((value) => value - mean);
  let squares = 0;
  let varies = false;
  for (let row = 0; row < values.length; row++) {
    squares += distances[row]! * distances[row]!;
    varies ||= values[row] !== values[0];
  }
  return { values, isWhole: !Number.isNaN(mean), mean, distances, squares, varies };
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function ofWhole(x: Column, y: Column): Pair {
  const [a, b] = [x.distances, y.distances];
  let xy = 0;
  for (let row = 0; row < a.length; row++) xy += a[row]! * b[row]!;
  return {
    n: a.length,
    x: x.mean,
    y: y.mean,
    xx: x.squares,
    yy: y.squares,
    xy,
    firstX: x.values[0] ?? Number.NaN,
    firstY: y.values[0] ?? Number.NaN,
    variesX: x.varies,
    variesY: y.varies,
  };
}

/** Where values are missing: only rows where both are present. */
function ofPresent(x: Float64Array, y: Float64Array): Pair {
  let [n, sumX, sumY, first] = [0, 0, 0, -1];
  for (let row = 0; row < x.length; row++) {
    if (Number.isNaN(x[row]!) || Number.isNaN(y[row]!)) continue;
    if (first < 0) first = row;
    sumX += x[row]!;
    sumY += y[row]!;
    n++;
  }
  if (n === 0) return nothing();
  const pair: Pair = { ...nothing(), n, x: sumX / n, y: sumY / n, firstX: x[first]!, firstY: y[first]! };
  addDistances(pair, x, y);
  return pair;
}

function addDistances(pair: Pair, x: Float64Array, y: Float64Array): void {
  let [xx, yy, xy] = [0, 0, 0];
  let [variesX, variesY] = [false, false];
  for (let row = 0; row < x.length; row++) {
    const a = x[row]!;
    const b = y[row]!;
    if (Number.isNaN(a) || Number.isNaN(b)) continue;
    const dx = a - pair.x;
    const dy = b - pair.y;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
    variesX ||= a !== pair.firstX;
    variesY ||= b !== pair.firstY;
  }
  Object.assign(pair, { xx, yy, xy, variesX, variesY });
}

function unite(pair: Pair, found: Pair): void {
  if (pair.n === 0) {
    Object.assign(pair, found);
    return;
  }
  const n = pair.n + found.n;
  const [dx, dy] = [found.x - pair.x, found.y - pair.y];
  const weight = (pair.n * found.n) / n;
  pair.xx += found.xx + dx * dx * weight;
  pair.yy += found.yy + dy * dy * weight;
  pair.xy += found.xy + dx * dy * weight;
  pair.x += (dx * found.n) / n;
  pair.y += (dy * found.n) / n;
  pair.variesX ||= found.variesX || found.firstX !== pair.firstX;
  pair.variesY ||= found.variesY || found.firstY !== pair.firstY;
  pair.n = n;
}

function coefficient({ xx, yy, xy, variesX, variesY }: Pair): number | null {
  if (!variesX || !variesY) return null;
  return Math.max(-1, Math.min(1, xy / (Math.sqrt(xx) * Math.sqrt(yy))));
}
