/** From here on sorting by digits is faster than by comparing. */
const MANY = 1 << 16;
const DIGIT = 16;
const DIGITS = 1 << DIGIT;
const MASK = DIGITS - 1;
const PASSES = 4;

/** Sorts doubles (no NaN) ascending, in place where they are few; the array is spent either way. */
export function sortDoubles(values: Float64Array<ArrayBuffer>): Float64Array {
  return values.length < MANY ? values.sort() : sortByDigits(values);
}

/** Radix sort, the least digit first, of the bits turned so that they order as the doubles do. A digit that all have in
 * common is passed over. */
function sortByDigits(values: Float64Array<ArrayBuffer>): Float64Array {
  const { length } = values;
  let from = new Uint32Array(values.buffer, values.byteOffset, 2 * length);
  let to = new Uint32Array(2 * length);
  const counts = turnAndCount(from);
  for (let pass = 0; pass < PASSES; pass++) {
    const places = counts[pass]!;
    const first = (from[pass >> 1]! >>> ((pass & 1) * DIGIT)) & MASK;
    if (places[first] === length) continue;
    let place = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const count = places[digit]!;
      places[digit] = place;
      place += count;
    }
    if (pass < 2) scatterByLow(from, to, places, pass * DIGIT);
    else scatterByHigh(from, to, places, (pass - 2) * DIGIT);
    [from, to] = [to, from];
  }
  turnBack(from);
  return new Float64Array(from.buffer, from.byteOffset, length);
}

/** Turns each double (low word, high word) to an unsigned number of the same order; answers how often each of its four
 * digits has each value. */
function turnAndCount(words: Uint32Array): readonly Uint32Array[] {
  const [a, b, c, d] = [0, 0, 0, 0].map(() => new Uint32Array(DIGITS)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  for (let at = 0; at < words.length; at += 2) {
    const negative = words[at + 1]! >>> 31 === 1;
    const low = (negative ? ~words[at]! : words[at]!) >>> 0;
    const high = (negative ? ~words[at + 1]! : words[at + 1]! ^ 0x80000000) >>> 0;
    words[at] = low;
    words[at + 1] = high;
    a[low & MASK]!++;
    b[low >>> DIGIT]!++;
    c[high & MASK]!++;
    d[high >>> DIGIT]!++;
  }
  return [a, b, c, d];
}

function scatterByLow(from: Uint32Array, to: Uint32Array, places: Uint32Array, shift: number): void {
  for (let at = 0; at < from.length; at += 2) {
    const low = from[at]!;
    const place = 2 * places[(low >>> shift) & MASK]!++;
    to[place] = low;
    to[place + 1] = from[at + 1]!;
  }
}

function scatterByHigh(from: Uint32Array, to: Uint32Array, places: Uint32Array, shift: number): void {
  for (let at = 0; at < from.length; at += 2) {
    const high = from[at + 1]!;
    const place = 2 * places[(high >>> shift) & MASK]!++;
    to[place] = from[at]!;
    to[place + 1] = high;
  }
}

function turnBack(words: Uint32Array): void {
  for (let at = 0; at < words.length; at += 2) {
    const positive = words[at + 1]! >>> 31 === 1;
    if (positive) words[at + 1]! ^= 0x80000000;
    else {
      words[at] = ~words[at]!;
      words[at + 1] = ~words[at + 1]!;
    }
  }
}
