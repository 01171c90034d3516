/** How figures and values read on the page. Pure. */
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const FIGURE = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });
const SMALLEST_PLAIN = 1e-4;
const LARGEST_PLAIN = 1e9;
const DAY_MS = 86_400_000;

export const count = (value: number): string => WHOLE.format(value);

/** `1 row`, `2,000 rows`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** Four significant digits; whole numbers whole. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < SMALLEST_PLAIN || size >= LARGEST_PLAIN))
    return value.toExponential(3).replace('e+', 'e').replace('-', '−');
  return (Number.isInteger(value) ? WHOLE : FIGURE).format(value).replace('-', '−');
}

/** A day, with its time where it has one. */
export function moment(milliseconds: number): string {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return figure(milliseconds);
  const [day = '', time = ''] = date.toISOString().split('T');
  return milliseconds % DAY_MS === 0 ? day : `${day} ${time.slice(0, 8)}`;
}

/** `12.3 %`; what is not nothing never reads as 0, what is not all never as 100. */
export function share(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  if (part === whole) return '100 %';
  const percent = (100 * part) / whole;
  if (percent < 0.1) return '< 0.1 %';
  return percent > 99.9 ? '> 99.9 %' : `${percent.toFixed(1)} %`;
}

/** At most `most` characters, the cut marked. */
export function shortened(text: string, most: number): string {
  const characters = Array.from(text.slice(0, 2 * most + 2));
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/** Letters of the drawings' small font are about so wide; those of East Asia, and pictures, take two places. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\u{1f300}-\u{1faff}]/u;
const widthOf = (letter: string): number =>
  WIDE.test(letter) ? 11 : /[\p{Lu}mw@%_—…]/u.test(letter) ? 8 : 6.2;

/** What of a text fits into `width` units of a drawing in its small font, the cut marked. */
export function fitting(text: string, width: number): string {
  const letters = Array.from(text);
  if (letters.reduce((sum, letter) => sum + widthOf(letter), 0) <= width) return text;
  let used = widthOf('…');
  const cut = letters.findIndex((letter) => {
    used += widthOf(letter);
    return used > width;
  });
  return `${letters.slice(0, cut).join('').trimEnd()}…`;
}

/** The first names and how many more there are: `a, b and 3 more`. */
export function listed(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).map((name) => shortened(name, 40));
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${count(rest)} more`;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** A coordinate of a drawing. */
export const at = (value: number): string => String(Number(value.toFixed(1)));
