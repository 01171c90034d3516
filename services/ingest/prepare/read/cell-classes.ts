/** Which characters the cells of a column hold, found while they are copied: where one never stands, no statement has
 * to look for it. */
export const SeenIn = {
  underscore: 1,
  point: 2,
  exponent: 4,
  plus: 8,
  space: 16,
  beyondAscii: 32,
  lineBreak: 64,
  /** A comma or a quote, which CSV has to quote. */
  quotable: 128,
  tab: 256,
} as const;

const BY_CHARACTER: Readonly<Record<string, number>> = {
  _: SeenIn.underscore,
  '.': SeenIn.point,
  e: SeenIn.exponent,
  E: SeenIn.exponent,
  '+': SeenIn.plus,
  ' ': SeenIn.space,
  '\t': SeenIn.tab,
  '\n': SeenIn.lineBreak,
  '\r': SeenIn.lineBreak,
  ',': SeenIn.quotable,
  '"': SeenIn.quotable,
};

function classOf(byte: number): number {
  return byte >= 128 ? SeenIn.beyondAscii : (BY_CHARACTER[String.fromCharCode(byte)] ?? 0);
}

/** The class of each byte of UTF-8. */
export const CLASSES: Uint16Array = Uint16Array.from({ length: 256 }, (_, byte) => classOf(byte));
