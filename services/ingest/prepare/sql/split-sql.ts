/** Which side a row falls on by the hash of what it says, as docs/data.md defines it. */
import type { ColumnReader, ValueReader } from '../../../../shared/preparation/column-reader.ts';
import { double, firstOf, list, type Named, text, whole } from './sql-text.ts';

export const TRAIN = 0;
export const VALIDATION = 1;
export const TEST = 2;

const PLACE_DIGITS = 13;
const PLACES = 16 ** PLACE_DIGITS;

/** Levels that end in `side`. `readers`: the columns that are hashed. */
export function sideByHash(
  readers: readonly ColumnReader[],
  shares: { readonly test: number; readonly validation: number },
): readonly (readonly Named[])[] {
  const values = readers.filter((reader) => reader.kind !== 'text');
  const parts = readers.flatMap((reader) =>
    reader.kind === 'text' ? textParts(reader) : [bandPrefix(reader), `b${reader.at}`],
  );
  const below = (share: number): string => `u < ${text(firstPlaceFrom(share))}`;
  return [
    values.map((reader) => ({ name: `z${reader.at}`, sql: scaled(reader) })),
    values.map(({ at }) => ({ name: `b${at}`, sql: `CAST(z${at} AS VARCHAR)` })),
    [{ name: 'u', sql: `md5(concat(${parts.join(', ')}))` }],
    [
      {
        name: 'side',
        sql: `CAST(${firstOf(
          [
            [below(shares.test), whole(TEST)],
            [below(shares.test + shares.validation), whole(VALIDATION)],
          ],
          whole(TRAIN),
        )} AS UTINYINT)`,
      },
    ],
  ];
}

/** The least place that does not lie below `share`, in the digits that an MD5 begins with: digits order as their
 * numbers do, and a digest that begins with it is the longer text. */
function firstPlaceFrom(share: number): string {
  const place = Math.ceil(share * PLACES);
  return place >= PLACES ? 'g' : place.toString(16).padStart(PLACE_DIGITS, '0');
}

interface Band {
  readonly letter: string;
  /** Of values whose magnitude lies below this. */
  readonly below: number;
  readonly factor: number;
}

const BANDS: readonly Band[] = [
  { letter: 'a', below: 2 ** 10, factor: 2 ** 52 },
  { letter: 'b', below: 2 ** 31, factor: 2 ** 31 },
  { letter: 'c', below: 2 ** 62, factor: 1 },
  { letter: 'd', below: Number.POSITIVE_INFINITY, factor: 2 ** -66 },
];

/** The bands that the column's values may lie in. */
function bandsOf({ minimum, maximum }: ValueReader): readonly Band[] {
  const largest = Math.max(Math.abs(minimum), Math.abs(maximum));
  const last = BANDS.findIndex(({ below }) => largest < below);
  return last < 0 ? BANDS : BANDS.slice(0, last + 1);
}

/** By the band of the column's value. */
function byBand(reader: ValueReader, sql: (band: Band, at: number) => string): string {
  const bands = bandsOf(reader);
  const value = `abs(v${reader.at})`;
  return firstOf(
    bands.slice(0, -1).map((band, at) => [`${value} < ${double(band.below)}`, sql(band, at)]),
    sql(bands.at(-1)!, bands.length - 1),
  );
}

/** The whole number of the band text. A row at fault may hold what is no number; it falls anywhere. */
const scaled = (reader: ValueReader): string =>
  `TRY_CAST(floor(${byBand(reader, ({ factor }) =>
    factor === 1 ? `v${reader.at}` : `v${reader.at} * ${double(factor)}`,
  )}) AS BIGINT)`;

/** More than the digits of any 64-bit number. */
const LENGTHS = 32;

/** What stands before the digits: the length of the band text, and the band's letter. Looked up, not written out for
 * each row. */
function bandPrefix(reader: ValueReader): string {
  const bands = bandsOf(reader);
  const prefixes = bands.flatMap(({ letter }) =>
    Array.from({ length: LENGTHS }, (_, digits) => text(`${digits + 2}:${letter}`)),
  );
  const offset = bands.length === 1 ? '' : ` + ${byBand(reader, (_, at) => whole(at * LENGTHS))}`;
  return `coalesce((${list(prefixes)})[strlen(b${reader.at})${offset}], '0:')`;
}

/** The length in UTF-16 code units, and the text itself. */
function textParts({ at }: ColumnReader): readonly string[] {
  const value = `v${at}`;
  const length = firstOf(
    [[`strlen(${value}) = length(${value})`, `strlen(${value})`]],
    `utf16_length(${value})`,
  );
  return [`coalesce(${length}, 0)`, "':'", value];
}

/** DuckDB gives the first eight bytes of an MD5 as a little-endian number; this is the first eight hexadecimal digits. */
export const first32Bits = (upper: string): string =>
  `(${Array.from({ length: 4 }, (_, at) => `(((${upper} >> ${8 * at}) & 255) << ${24 - 8 * at})`).join(' | ')})`;
