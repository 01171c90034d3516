/** Decimal notation, as a regular expression that JavaScript and RE2 read alike, for the whole of a text. */
export const NUMBER_FORM = '[+-]?(?:\\d+(?:\\.\\d+)?|\\.\\d+)(?:[eE][+-]?\\d+)?';
const NUMBER = new RegExp(`^${NUMBER_FORM}$`);

/** The largest number of single precision: models read their input so. */
export const LARGEST = 3.4028234663852886e38;

/** The double that a trimmed cell holds in decimal notation; NaN for any other form (`5.`, `0x10`, `1_000`, `NaN`),
 * an infinity for what no double can hold. */
export function numberOf(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN;
}
