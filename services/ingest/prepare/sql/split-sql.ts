/** Which side a row falls on by the hash of what it says, as docs/data.md defines it. */
import type { ColumnReader } from '../../../../shared/preparation/column-reader.ts';
import { double, firstOf, type Named, whole } from './sql-text.ts';

export const TRAIN = 0;
export const VALIDATION = 1;
export const TEST = 2;

const PLACES = 2 ** 52;

/** Levels that end in `side`. `readers`: the columns that are hashed. */
export function sideByHash(
  readers: readonly ColumnReader[],
  shares: { readonly test: number; readonly validation: number },
): readonly (readonly Named[])[] {
  const texts = readers.map((reader) => ({ name: `b${reader.at}`, sql: hashedText(reader) }));
  const parts = readers.flatMap((reader) => [lengthOf(reader), "':'", `b${reader.at}`]);
  return [
    texts,
    [{ name: 'u', sql: `md5_number_upper(concat(${parts.join(', ')}))` }],
    [{ name: 'place', sql: `CAST(${first52Bits('u')} AS DOUBLE) / ${double(PLACES)}` }],
    [
      {
        name: 'side',
        sql: `CAST(${firstOf(
          [
            [`place < ${double(shares.test)}`, whole(TEST)],
            [`place < ${double(shares.test + shares.validation)}`, whole(VALIDATION)],
          ],
          whole(TRAIN),
        )} AS UTINYINT)`,
      },
    ],
  ];
}

const POWERS = { a: 2 ** 52, b: 2 ** 31, d: 2 ** -66 };

function hashedText(reader: ColumnReader): string {
  const value = `v${reader.at}`;
  if (reader.kind === 'text') return `coalesce(${value}, '')`;
  const band = (letter: string, scaled: string) =>
    `'${letter}' || CAST(CAST(floor(${scaled}) AS BIGINT) AS VARCHAR)`;
  const bands: [power: number, text: string][] = [
    [10, band('a', `${value} * ${double(POWERS.a)}`)],
    [31, band('b', `${value} * ${double(POWERS.b)}`)],
    [62, band('c', value)],
  ];
  const largest = Math.max(Math.abs(reader.minimum), Math.abs(reader.maximum));
  const last = bands.findIndex(([power]) => largest < 2 ** power);
  const [, otherwise] = bands[last] ?? [0, band('d', `${value} * ${double(POWERS.d)}`)];
  const below = last < 0 ? bands : bands.slice(0, last);
  return firstOf(
    [
      // A row at fault falls nowhere, and may hold what is no number.
      [`f IS NOT NULL OR ${value} IS NULL`, "''"],
      ...below.map(([power, text]): [string, string] => [`abs(${value}) < ${double(2 ** power)}`, text]),
    ],
    otherwise,
  );
}

/** In UTF-16 code units. */
function lengthOf({ at, kind }: ColumnReader): string {
  const hashed = `b${at}`;
  if (kind !== 'text') return `strlen(${hashed})`;
  return firstOf([[`strlen(${hashed}) = length(${hashed})`, `strlen(${hashed})`]], `utf16_length(${hashed})`);
}

/** DuckDB gives the first eight bytes of an MD5 as a little-endian number; the first 13 hexadecimal digits are its
 * bytes from the lowest, the last one halved. */
function first52Bits(upper: string): string {
  const bytes = Array.from({ length: 6 }, (_, at) => byteAt(upper, at, 44 - 8 * at));
  return `(${[...bytes, `(((${upper} >> 48) & 255) >> 4)`].join(' | ')})`;
}

/** The first eight hexadecimal digits. */
export const first32Bits = (upper: string): string =>
  `(${Array.from({ length: 4 }, (_, at) => byteAt(upper, at, 24 - 8 * at)).join(' | ')})`;

const byteAt = (number: string, at: number, shift: number): string =>
  `(((${number} >> ${8 * at}) & 255) << ${shift})`;
