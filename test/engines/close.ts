/** When two values of different engines are the same: texts and missing values exactly, numbers within 1e-12 of the
 * largest of 1, the value, and `scale`, the magnitude of what it was computed from. */
export function close(a: unknown, b: unknown, scale = 1): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return Math.abs(a - b) <= 1e-12 * Math.max(1, scale, Math.abs(a));
}
