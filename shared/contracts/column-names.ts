/** `p{0..783}` names 784 columns, `p0` to `p783`: a family of columns declared once. */
const FAMILY = /^(.*)\{(\d{1,5})\.\.(\d{1,5})\}(.*)$/;
const MAX_FAMILY = 10_000;

/** The column names that `pattern` stands for, in order; a plain name stands for itself. Throws RangeError when
 * a family runs backwards or holds more than 10,000 columns. */
export function columnNames(pattern: string): readonly string[] {
  const match = FAMILY.exec(pattern);
  if (!match) return [pattern];
  const [first, last] = [Number(match[2]), Number(match[3])];
  if (last < first || last - first >= MAX_FAMILY) {
    throw new RangeError(`"${pattern}" must count up, over at most ${MAX_FAMILY} columns`);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => `${match[1]}${first + index}${match[4]}`);
}
