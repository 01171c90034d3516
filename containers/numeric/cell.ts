const MINUS = 45;
const POINT = 46;
const ZERO = 48;
/** Up to 15 digits a decimal mantissa is exact in a double, so one division rounds once, as strtod does. */
const EXACT_DIGITS = 15;
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const FLOAT32_MAX = 3.4028234663852886e38;

/** Reads the number in bytes [start, end): NaN where there is none (see `isMissing`). */
export function parseCell(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  let value = 0;
  let at = first;
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit >>> 0 > 9) break;
    value = value * 10 + digit;
  }
  if (at === first || end - first > EXACT_DIGITS) return parseText(bytes, start, end);
  if (at < end) {
    if (bytes[at] !== POINT) return parseText(bytes, start, end);
    const point = at;
    for (at++; at < end; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit >>> 0 > 9) return parseText(bytes, start, end);
      value = value * 10 + digit;
    }
    value /= POWERS[end - point - 1]!;
  }
  return negative ? -value : value;
}

function parseText(bytes: Uint8Array, start: number, end: number): number {
  const text = cellText(bytes, start, end);
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Math.abs(value) <= FLOAT32_MAX ? value : Number.NaN;
}

/** The cell's text without blanks around it and one pair of double quotes. */
export function cellText(bytes: Uint8Array, start: number, end: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    .toString('utf8')
    .trim();
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).trim() : text;
}

/** An empty cell and `nan` in any case stand for a missing value. */
export function isMissing(text: string): boolean {
  return text === '' || text.toLowerCase() === 'nan';
}
