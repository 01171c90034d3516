/** Cells as people and programs leave them: mostly good, often odd, sometimes wrong. */
import fc from 'fast-check';
import { NAMES } from './arbitrary-specification.ts';

type Column = Readonly<Record<string, unknown>>;

const BLANKS = ['', '', '', ' ', '\t', '\u00a0', '\u2003 ', '\ufeff'];
const ODD_NUMBERS = [
  '-0',
  '+3',
  '.5',
  '-.5e1',
  '5.',
  '1e999',
  '-1e999',
  '1e-320',
  '007',
  '1E+05',
  '1e3',
  '3.4028234663852886e38',
  '3.4028235e38',
  '-3.5e38',
  '0x1F',
  '1_000',
  'NaN',
  'Infinity',
  'inf',
  '１',
  '1,5',
  '1 000',
  '- 1',
  '--1',
  '1e',
  'e5',
  '+',
  '.',
  '1e5.5',
  '0.1',
  '123456789.123456789',
  '9007199254740991',
  '9007199254740993',
  '-9007199254740992',
  '1e22',
  'true',
  'null',
  'n/a',
  'NA',
  '2.5',
  '4.999999999999999999',
  '1.0',
  '-7.0',
  '1d',
  '1f',
  '0b1',
  '٣',
  '1\u0001',
  '1e0400',
];
const DATES = [
  '2024-02-29',
  '2023-02-29',
  '2010-05-06',
  '2010-05-06T07:08',
  '2010-05-06 07:08:09',
  '2010-05-06T07:08:09.1239Z',
  '2010-05-06T07:08:09.123456789+05:30',
  '2010-05-06T07:08-23:59',
  '2010-05-06 07:08:60',
  '2010-05-06T24:00',
  '2010-05-06Z',
  '2010-05-06t07:08',
  '2010-05-06  07:08',
  '2010-5-6',
  '2010/05/06',
  '20100506',
  '20100506T0708',
  '06/05/2010',
  '13/05/2010',
  '05/13/2010',
  '06.05.2010',
  '31.04.2010',
  '06-05-2010 23:59',
  '1273104000',
  '-1',
  '0',
  '1273104000123',
  '99999999999999999999',
  '0001-01-01',
  '0000-12-31',
  '9999-12-31T23:59:59.999',
  '9999-12-31T23:59-01:00',
  '1969-12-31T23:59:59.999',
  '1900-02-29',
  '2000-02-29',
  'yesterday',
  '2010-05-06T07:08:09.',
  '2010-05-06T07:08:09.1234567890',
  '2010-05-06T07:08+24:00',
  '+5',
  '2010-05-06T07:08:09z',
  '٢٠٢٤-٠١-٠١',
  '2024-12-30',
  '2016-12-31T23:59:59Z',
  '01/02/2003',
  '01-02-2003',
];
const TEXTS = [
  'us',
  'U.S.',
  'usa',
  'UNITED  states',
  'united\u00a0states',
  'at',
  'ÖSTERREICH',
  'o\u0308sterreich',
  'österreich, republik',
  'b',
  'B ',
  'seven',
  'SEVEN',
  '7',
  '10',
  'Ten times',
  'other',
  'Other',
  'é',
  'e\u0301',
  'naïve, "quoted"',
  'two\nlines',
  'a\r\nb',
  'tab\tin',
  '"',
  '""',
  '=1+1',
  '😀',
  'Ǆ',
  'ß',
  'İ',
  'ΟΔΟΣ',
  'ﬁ',
  'x\u0007y',
  '\u0000',
  'none',
  'null',
  "it's",
  '\\',
  '\\N',
  'a;b',
  'a|b',
  '12',
  '1.5',
  '\u200bzero width',
  'Å',
  '\u212b',
];

interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
}

const integerOf = ({ minimum = -8, maximum = 14 }: Bounds) =>
  fc.oneof(
    { weight: 60, arbitrary: fc.integer({ min: minimum, max: maximum }).map(String) },
    { weight: 4, arbitrary: fc.integer({ min: -60, max: 90 }).map(String) },
    { weight: 2, arbitrary: fc.constantFrom(...ODD_NUMBERS) },
    { weight: 4, arbitrary: fc.constantFrom(...BLANKS) },
  );
const numberOf = ({ minimum = -8, maximum = 14 }: Bounds) =>
  fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: minimum, max: maximum }).map(String) },
    {
      weight: 30,
      arbitrary: fc
        .integer({ min: 100 * minimum, max: 100 * maximum })
        .map((value) => (value / 100).toString()),
    },
    {
      weight: 4,
      arbitrary: fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e6, max: 1e6 }).map(String),
    },
    { weight: 3, arbitrary: fc.constantFrom(...ODD_NUMBERS) },
    { weight: 4, arbitrary: fc.constantFrom(...BLANKS) },
  );
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  'YYYY-MM-DD': ['2010-05-06', '2024-02-29', '1969-12-31T23:59:59.999', '2015-06-07 08:09'],
  'YYYY/MM/DD': ['2010/05/06', '2012/12/12T12:12Z'],
  YYYYMMDD: ['20100506', '20200229 01:02:03'],
  'DD/MM/YYYY': ['13/05/2010', '01/02/2003'],
  'MM/DD/YYYY': ['05/13/2010', '01/02/2003'],
  'DD.MM.YYYY': ['06.05.2010', '28.02.2011'],
  'DD-MM-YYYY': ['06-05-2010', '06-05-2010 23:59'],
  'epoch-seconds': ['1273104000', '0', '-86400', '951782400'],
  'epoch-milliseconds': ['1273104000123', '951782400000', '-1'],
};
const dateOf = (formats: readonly string[]) =>
  fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...formats.flatMap((format) => SAMPLES[format]!)) },
    { weight: 2, arbitrary: fc.constantFrom(...DATES) },
    { weight: 1, arbitrary: fc.constantFrom(...BLANKS) },
  );
const nameOf = (canonical: Readonly<Record<string, readonly string[]>>) =>
  fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...Object.entries(canonical).flat(2)) },
    { weight: 4, arbitrary: fc.constantFrom(...NAMES, ...TEXTS) },
    { weight: 3, arbitrary: fc.constantFrom(...BLANKS) },
  );
const text = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 2, arbitrary: fc.string({ maxLength: 6, unit: 'grapheme' }) },
  { weight: 1, arbitrary: fc.constantFrom(...BLANKS) },
);

const around = fc.constantFrom('', '', '', ' ', '\t', '\u00a0', ' \u2003');

/** Blank words as they are, with blanks around them, and in another case, which are none. */
const wordsOf = (words: readonly string[]) =>
  fc
    .tuple(around, fc.constantFrom(...words, ...words, ...words.map((word) => word.toLowerCase())), around)
    .map((parts) => parts.join(''));

/** Cells of one declared column with these blank words; NUL stands in none, as it refuses a whole file of delimited
 * text. */
export function cellsOf(column: Column, blanks: readonly string[]): fc.Arbitrary<string> {
  const values = valuesOf(column);
  if (blanks.length === 0) return values;
  return fc.oneof({ weight: 12, arbitrary: values }, { weight: 1, arbitrary: wordsOf(blanks) });
}

function valuesOf(column: Column): fc.Arbitrary<string> {
  switch (column.type) {
    case 'number':
      return numberOf(column as Bounds);
    case 'integer':
      return integerOf(column as Bounds);
    case 'date':
      return dateOf((column.formats as string[] | undefined) ?? ['YYYY-MM-DD']);
    default:
      return column.canonical ? nameOf(column.canonical as Record<string, string[]>) : text;
  }
}
