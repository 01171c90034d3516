/** Step 1 of the contract, *clean*, as SQL: from trimmed cells to values, or to the first column's fault. Where SQL
 * reads a cell in the way of the contract, it does so; what it might read otherwise is given to functions that are the
 * row engine's own (`number_of`, `date_of`, `fold`, `nfc`). */

import { dateOf as dateText } from '../../../../shared/contracts/date-text.ts';
import type { ColumnReader, TextReader, ValueReader } from '../../../../shared/preparation/column-reader.ts';
import { LARGEST, NUMBER_FORM, numberOf as numberText } from '../../../../shared/preparation/number-text.ts';
import { SeenIn } from '../read/cell-classes.ts';
import type { Cells } from '../read/cell-file.ts';
import { CONTROL_MARK, NESTED_MARK } from '../read/cell-format.ts';
import { faultCode } from './fault.ts';
import { double, firstOf, list, type Named, text, whole } from './sql-text.ts';

/** Bits of what happened to a value: the SQL column `e<i>`. */
export const EVENT = { canonicalised: 1, nulled: 2, clipped: 4, filled: 8, missing: 16 } as const;

/** Names of the types that a text column's spellings, and its canonical names, are looked up with. */
export const spellingType = (at: number): string => `spelling_${at}`;
export const categoryType = (at: number): string => `category_${at}`;

/** What one column adds, level by level: each may use those before. The last names its value `v<i>`, its fault `p<i>`
 * (NULL when there is none) and its events `e<i>`. */
export function cleanColumn(
  reader: ColumnReader,
  { classes, marked }: Pick<Cells, 'classes' | 'marked'>,
): readonly (readonly Named[])[] {
  const seen = classes[reader.at]!;
  return reader.kind === 'text' ? cleanText(reader, seen, marked) : cleanValue(reader, seen, marked);
}

function cleanValue(reader: ValueReader, seen: number, marked: boolean): readonly (readonly Named[])[] {
  const { at, kind } = reader;
  const [cell, tried, value] = [`c${at}`, `d${at}`, `n${at}`];
  return kind === 'date'
    ? [dateTries(reader), [{ name: value, sql: dateOf(reader) }], finish(reader, marked)]
    : [
        [{ name: tried, sql: `TRY_CAST(${cell} AS DOUBLE)` }],
        [{ name: value, sql: numberOf(reader, tried, seen) }],
        finish(reader, marked),
      ];
}

/** DuckDB also reads `1_000`, `1.`, `1.e3`, `+-1`, `inf` and `nan`, which are no numbers. */
function numberOf(reader: ValueReader, tried: string, seen: number): string {
  const cell = `c${reader.at}`;
  const words = wordsSql(reader);
  const doubts = [
    ...(seen & SeenIn.underscore ? [`NOT contains(${cell}, '_')`] : []),
    ...(seen & SeenIn.point ? [`NOT suffix(${cell}, '.')`] : []),
    ...(seen & SeenIn.point && seen & SeenIn.exponent
      ? [`NOT contains(${cell}, '.e')`, `NOT contains(${cell}, '.E')`]
      : []),
    ...(seen & SeenIn.plus ? [`NOT starts_with(${cell}, '+-')`] : []),
  ];
  const sure = [`isfinite(${tried})`, ...doubts].join(' AND ');
  return firstOf(
    [
      [`${cell} IS NULL`, 'NULL'],
      ...words.first,
      // Adding 0 turns −0 into 0.
      [sure, `${tried} + ${double(0)}`],
      ...words.last,
      // What does not have the form needs no function to be told so.
      [`NOT regexp_full_match(${cell}, ${text(NUMBER_FORM)})`, double(Number.NaN)],
    ],
    `number_of(${cell})`,
  );
}

/** Branches that make a blank word missing. Words that no value is written like are looked for behind the values: what
 * holds a value is not asked for them. */
function wordsSql(reader: ValueReader): Record<'first' | 'last', [when: string, then: string][]> {
  const { at, kind, formats, blanks } = reader;
  if (!blanks) return { first: [], last: [] };
  const read = (word: string) => (kind === 'date' ? dateText(word, formats) : numberText(word));
  const branch: [string, string] = [isOneOf(`c${at}`, blanks), 'NULL'];
  return [...blanks].every((word) => Number.isNaN(read(word)))
    ? { first: [], last: [branch] }
    : { first: [branch], last: [] };
}

const isOneOf = (cell: string, words: Iterable<string>): string =>
  `${cell} IN (${[...words].map(text).join(', ')})`;

const FIRST_DAY = "DATE '0001-01-01'";
const LAST_DAY = "DATE '9999-12-31'";

/** A date or time that DuckDB writes as the cell has it is read as the cell means it. */
function dateTries({ at, formats }: ValueReader): readonly Named[] {
  if (!formats.includes('YYYY-MM-DD')) return [];
  return [
    { name: `d${at}`, sql: `CASE WHEN strlen(c${at}) = 10 THEN TRY_CAST(c${at} AS DATE) END` },
    { name: `t${at}`, sql: `CASE WHEN strlen(c${at}) > 10 THEN TRY_CAST(c${at} AS TIMESTAMP) END` },
  ];
}

function dateOf(reader: ValueReader): string {
  const { at, formats } = reader;
  const words = wordsSql(reader);
  const [cell, day, time] = [`c${at}`, `d${at}`, `t${at}`];
  const other = `date_of_${at}(${cell})`;
  const blank: [string, string] = [`${cell} IS NULL`, 'NULL'];
  if (!formats.includes('YYYY-MM-DD')) return firstOf([blank, ...words.first, ...words.last], other);
  const written = `CAST(${time} AS VARCHAR)`;
  const forms = [written, `replace(${written}, ' ', 'T')`, `(replace(${written}, ' ', 'T') || 'Z')`];
  return firstOf(
    [
      blank,
      ...words.first,
      [
        `${day} BETWEEN ${FIRST_DAY} AND ${LAST_DAY} AND CAST(${day} AS VARCHAR) = ${cell}`,
        `CAST(epoch_ms(${day}) AS DOUBLE)`,
      ],
      [
        `CAST(${time} AS DATE) BETWEEN ${FIRST_DAY} AND ${LAST_DAY} AND epoch_us(${time}) % 1000 = 0 AND ${cell} IN (${forms.join(', ')})`,
        `CAST(epoch_ms(${time}) AS DOUBLE)`,
      ],
      ...words.last,
    ],
    other,
  );
}

/** From the value that the cell holds (`n<i>`, NULL when blank, NaN when it holds none) to the column's value. */
function finish(reader: ValueReader, marked: boolean): readonly Named[] {
  const { at, minimum, maximum, outside } = reader;
  const value = `n${at}`;
  const beyond = beyondBounds(reader);
  const nulled = outside === 'null' ? beyond : undefined;
  const missing = nulled === undefined ? `${value} IS NULL` : `(${value} IS NULL OR ${nulled})`;
  const filled = constantOf(reader);
  // A value that is not there stays so by itself.
  const gone: [string, string][] = nulled === undefined && filled === 'NULL' ? [] : [[missing, filled]];
  const clips: [string, string][] =
    outside === 'clip' && beyond !== undefined
      ? [
          [`${value} < ${double(minimum)}`, double(minimum)],
          [`${value} > ${double(maximum)}`, double(maximum)],
        ]
      : [];
  return [
    { name: `v${at}`, sql: firstOf([...gone, ...clips], value) },
    { name: `p${at}`, sql: faultSql(reader, missing, valueFaults(reader, beyond), marked) },
    {
      name: `e${at}`,
      sql: events([
        [nulled && `coalesce(${nulled}, false)`, EVENT.nulled],
        [outside === 'clip' && beyond ? `coalesce(${beyond}, false)` : undefined, EVENT.clipped],
        [missing, EVENT.missing + (filled === 'NULL' ? 0 : EVENT.filled)],
      ]),
    },
  ];
}

/** Whether the value lies outside what is declared; undefined where nothing is. */
function beyondBounds({ at, minimum, maximum }: ValueReader): string | undefined {
  const bounds = [
    ...(Number.isFinite(minimum) ? [`n${at} < ${double(minimum)}`] : []),
    ...(Number.isFinite(maximum) ? [`n${at} > ${double(maximum)}`] : []),
  ];
  return bounds.length === 0 ? undefined : `(${bounds.join(' OR ')})`;
}

function valueFaults(reader: ValueReader, beyond: string | undefined): readonly [string, string][] {
  const { at, kind, largest, minimum, maximum, outside } = reader;
  const value = `n${at}`;
  const code = (rule: Parameters<typeof faultCode>[1]) => whole(faultCode(at, rule));
  const unreadable = { number: 'not-a-number', integer: 'not-an-integer', date: 'not-a-date' } as const;
  const refused: [string, string][] =
    beyond !== undefined && outside === 'quarantine' ? [[beyond, code('out-of-range')]] : [];
  // What the type cannot hold lies outside tighter bounds, too.
  const bounded = refused.length > 0 && minimum >= -largest && maximum <= largest;
  return [
    [`isnan(${value})`, code(unreadable[kind])],
    ...(bounded || kind === 'date'
      ? []
      : [[`abs(${value}) > ${double(largest)}`, code('out-of-range')] as [string, string]]),
    ...(kind === 'integer'
      ? [[`trunc(${value}) <> ${value}`, code('not-an-integer')] as [string, string]]
      : []),
    ...refused,
  ];
}

function constantOf({ missing, kind }: ColumnReader): string {
  if (typeof missing !== 'object') return 'NULL';
  return kind === 'text' ? text(String(missing.constant)) : double(Number(missing.constant));
}

/** The first that applies; `missing` is what makes the value missing. */
function faultSql(
  { at, missing: rule }: ColumnReader,
  missing: string,
  faults: readonly [string, string][],
  marked: boolean,
): string {
  const marks: [string, string][] = marked
    ? [
        [`starts_with(c${at}, ${text(CONTROL_MARK)})`, whole(faultCode(at, 'control-character'))],
        [`starts_with(c${at}, ${text(NESTED_MARK)})`, whole(faultCode(at, 'not-a-cell'))],
      ]
    : [];
  const leaves = rule === 'quarantine' ? 'missing' : rule === 'drop' ? 'dropped' : undefined;
  const gone: [string, string][] = leaves ? [[missing, whole(faultCode(at, leaves))]] : [];
  return firstOf([...marks, ...faults, ...gone], 'NULL');
}

function events(happened: readonly (readonly [when: string | undefined, bits: number])[]): string {
  const terms = happened
    .filter(([when, bits]) => when !== undefined && bits !== 0)
    .map(([when, bits]) => `CASE WHEN ${when} THEN ${bits} ELSE 0 END`);
  return `CAST(${terms.length === 0 ? '0' : terms.join(' + ')} AS UTINYINT)`;
}

function cleanText(reader: TextReader, seen: number, marked: boolean): readonly (readonly Named[])[] {
  const { at, categories, unknown, blanks } = reader;
  const [cell, normal, found] = [`c${at}`, `n${at}`, `k${at}`];
  const ascii = seen & SeenIn.beyondAscii ? `strlen(${cell}) = length(${cell})` : 'true';
  const branches: [string, string][] = [
    ...(blanks ? [[isOneOf(cell, blanks), 'NULL'] as [string, string]] : []),
    ...(ascii === 'true' ? [] : [[ascii, cell] as [string, string]]),
  ];
  const composed = firstOf(branches, ascii === 'true' ? cell : `nfc(${cell})`);
  const known = categories.length > 0;
  const levels: Named[][] = [[{ name: normal, sql: composed }]];
  if (known) levels.push([{ name: found, sql: categoryOf(reader, seen, ascii) }]);
  const blank = blanks ? normal : cell;
  const miss = `(${blank} IS NOT NULL AND ${found} IS NULL)`;
  const missing = known && unknown === 'null' ? `${found} IS NULL` : `${blank} IS NULL`;
  const filled = constantOf(reader);
  const hits: [string, string][] = known ? [[`${found} IS NOT NULL`, found]] : [];
  levels.push([
    { name: `v${at}`, sql: firstOf([...hits, [missing, filled]], normal) },
    {
      name: `p${at}`,
      sql: faultSql(
        reader,
        missing,
        known && unknown === 'quarantine' ? [[miss, whole(faultCode(at, 'unknown-value'))]] : [],
        marked,
      ),
    },
    {
      name: `e${at}`,
      sql: events([
        [known ? `(${found} IS NOT NULL AND ${found} <> ${normal})` : undefined, EVENT.canonicalised],
        [known && unknown === 'null' ? miss : undefined, EVENT.nulled],
        [missing, EVENT.missing + (filled === 'NULL' ? 0 : EVENT.filled)],
      ]),
    },
  ]);
  return levels;
}

/** The canonical name of the cell's folded form; NULL where it is none's. */
function categoryOf({ at, spellings, categories }: TextReader, seen: number, ascii: string): string {
  const cell = `c${at}`;
  const simple = [
    ...(ascii === 'true' ? [] : [ascii]),
    ...(seen & SeenIn.space ? [`NOT contains(${cell}, '  ')`] : []),
    ...(seen & SeenIn.tab ? [`NOT contains(${cell}, ${text('\t')})`] : []),
    ...(seen & SeenIn.lineBreak ? [`NOT contains(${cell}, chr(10))`, `NOT contains(${cell}, chr(13))`] : []),
  ];
  const folded =
    simple.length === 0
      ? `lower(${cell})`
      : firstOf([[simple.join(' AND '), `lower(${cell})`]], `fold(${cell})`);
  const names = list([...spellings.values()].map((category) => text(categories[category]!)));
  return `(${names})[enum_code(TRY_CAST(${folded} AS ${spellingType(at)})) + 1]`;
}

/** The largest that a model can read; also what formulas may give. */
export const isReadable = (sql: string): string => `abs(${sql}) <= ${double(LARGEST)}`;
