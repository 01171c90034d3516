/** The cell that a value of a typed source is (docs/data.md, *Cells*): text as it is, numbers and truth values as
 * JavaScript writes them, nothing as a blank; undefined for a list or an object, which no cell can hold. */
export function cellOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return '';
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}
