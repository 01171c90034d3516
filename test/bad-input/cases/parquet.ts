import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBConnection } from '@duckdb/node-api';
import { bytes, type Case, GOOD, GOOD_ROWS } from '../case.ts';

/** A Parquet file of what a query answers. */
export async function parquetOf(query: string, options = ''): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'ratchet-parquet-'));
  const connection = await DuckDBConnection.create();
  try {
    const path = join(folder, 'file.parquet');
    await connection.run(`SET threads = 1; COPY (${query}) TO '${path}' (FORMAT parquet${options})`);
    return readFileSync(path);
  } finally {
    connection.closeSync();
    rmSync(folder, { recursive: true });
  }
}

const rowsOf = (...rows: readonly string[]): string =>
  `SELECT * FROM (VALUES ${rows.join(', ')}) AS rows(y, a, t)`;
const TWO = rowsOf(`(0, 1.0::DOUBLE, 'red')`, `(1, 2.0, 'blue')`);
const good = (): Promise<Buffer> => parquetOf(TWO);
const with3 = (y: string, a: string, t: string): string =>
  `${TWO.replace(/(0|1), (\d\.0(::DOUBLE)?)/g, '$1, $2')} UNION ALL SELECT ${y}, ${a}, ${t}`;

const parquet = (name: string, query: string, ends: Case['ends'], options = ''): Case => ({
  name,
  key: 'drop.parquet',
  content: () => parquetOf(query, options),
  ends,
});
const changed = (
  name: string,
  change: (file: Buffer) => Buffer,
  ends: Case['ends'],
  rest: Partial<Case> = {},
): Case => ({
  name,
  key: 'drop.parquet',
  content: async () => change(await good()),
  ends,
  ...rest,
});
const aside = (rule: string) => ({ rows: 2, aside: { [rule]: 1 } });
const damaged = /^the Parquet file (is damaged|cannot be read)/;

/** The footer with another text in place of one of its own, its length put right. */
function withFooter(file: Buffer, find: Buffer, replace: Buffer): Buffer {
  const length = file.readUInt32LE(file.length - 8);
  const begin = file.length - 8 - length;
  const footer = file.subarray(begin, file.length - 8);
  const at = footer.indexOf(find);
  if (at < 0) throw new Error('the footer has another form than this test knows');
  const next = Buffer.concat([footer.subarray(0, at), replace, footer.subarray(at + find.length)]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(next.length);
  return Buffer.concat([file.subarray(0, begin), next, size, Buffer.from('PAR1')]);
}

/** `num_rows` of the file: field 3 of the footer, an i64 in front of the list of row groups (2 rows are 4 in zigzag). */
const manyRows = (file: Buffer): Buffer =>
  withFooter(file, bytes([0x16, 4, 0x19]), bytes([0x16, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x19]));

/** The first column's codec, behind its path: 3 is LZO, which nobody reads. */
const lzo = (file: Buffer): Buffer =>
  withFooter(file, bytes([0x19, 0x18, 1], 'y', [0x15, 2]), bytes([0x19, 0x18, 1], 'y', [0x15, 6]));

/** Time stamps of 96 bits, as Impala and old Spark write them: nanoseconds of the day, then the Julian day. DuckDB writes
 * intervals in as many bytes (months, days, milliseconds), so that only the footer has to say another type. */
async function int96(): Promise<Buffer> {
  const intervals = await parquetOf(
    `SELECT range AS y, 1.0 AS a, INTERVAL '2460341 milliseconds' AS t FROM range(2)`,
    ', COMPRESSION uncompressed',
  );
  const asElement = withFooter(
    intervals,
    bytes([0x15, 14, 0x15, 24, 0x15, 2, 0x18, 1], 't', [0x25, 42, 0]),
    bytes([0x15, 6, 0x25, 2, 0x18, 1], 't', [0]),
  );
  return withFooter(asElement, bytes([0x1c, 0x15, 14, 0x19]), bytes([0x1c, 0x15, 6, 0x19]));
}

const withFooterLength =
  (length: number) =>
  (file: Buffer): Buffer => {
    const copy = Buffer.from(file);
    copy.writeUInt32LE(length, copy.length - 8);
    return copy;
  };

const declared = { data: { format: 'parquet' } };

export const parquetFiles: readonly Case[] = [
  { name: 'two rows', key: 'drop.parquet', content: good, ends: GOOD_ROWS },
  { name: 'two rows under the name of a CSV', content: good, ends: GOOD_ROWS },
  ...(['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'] as const).map((codec) =>
    parquet(`pages packed by ${codec}`, TWO, GOOD_ROWS, `, COMPRESSION ${codec}`),
  ),
  changed('in gzip', (file) => gzipSync(file), GOOD_ROWS, { key: 'drop.parquet.gz' }),
  parquet(
    'columns in another order, and further ones',
    `SELECT t, [1, 2] AS list, a, y FROM (${TWO})`,
    GOOD_ROWS,
  ),
  parquet('no rows', `${TWO} LIMIT 0`, /^the file has no rows/),
  parquet('a column that is missing', `SELECT y, t FROM (${TWO})`, /^.* lacks the column a; it has y, t/),
  parquet(
    'a column in another case',
    `SELECT y, a AS "A", t FROM (${TWO})`,
    /^.* lacks the column a; it has y, A, t/,
  ),
  parquet('a null', with3('1', 'NULL', `'z'`), aside('missing')),
  parquet('a column of nulls', `SELECT y, NULL AS a, t FROM (${TWO})`, /^no row is clean/),
  parquet('a list for a cell', `SELECT y, [a] AS a, t FROM (${TWO})`, /^no row is clean.*/),
  parquet('a struct for a cell', `SELECT y, {b: a} AS a, t FROM (${TWO})`, /^no row is clean.*/),
  parquet('a map for a text', `SELECT y, a, MAP {'k': t} AS t FROM (${TWO})`, /^no row is clean.*/),
  parquet('NaN', with3('1', `'nan'::DOUBLE`, `'z'`), aside('not-a-number')),
  parquet('infinity', with3('1', `'-inf'::DOUBLE`, `'z'`), { rows: 2, aside: { 'out-of-range': 1 } }),
  parquet('a number beyond single precision', with3('1', '1e300', `'z'`), aside('out-of-range')),
  parquet('minus zero', with3('1', `'-0.0'::DOUBLE`, `'z'`), { rows: 3, train: ['0,1', '1,2', '1,0'] }),
  parquet('an integer beyond 2^53', with3('9007199254740993', '3', `'z'`), aside('out-of-range')),
  parquet(
    'an unsigned integer beyond 2^63',
    `SELECT 18446744073709551615::UBIGINT AS y, a, t FROM (${TWO})`,
    /^no row is clean/,
  ),
  parquet('decimals', `SELECT y, a::DECIMAL(18, 4) AS a, t FROM (${TWO})`, GOOD_ROWS),
  parquet('small numbers', `SELECT y::TINYINT AS y, a::FLOAT AS a, t FROM (${TWO})`, GOOD_ROWS),
  parquet('numbers as text', `SELECT y::VARCHAR AS y, a::VARCHAR AS a, t FROM (${TWO})`, GOOD_ROWS),
  parquet('truth values for a text', `SELECT y, a, y = 1 AS t FROM (${TWO})`, { rows: 2 }),
  parquet('truth values for a number', `SELECT y, y = 1 AS a, t FROM (${TWO})`, /^no row is clean/),
  parquet(
    'dates and time stamps for texts',
    `SELECT y, a, TIMESTAMP '2024-01-31 12:00:00' AS t FROM (${TWO})`,
    { rows: 2 },
  ),
  {
    name: 'time stamps of 96 bits for dates',
    key: 'drop.parquet',
    content: int96,
    data: {
      columns: [
        { name: 'y', type: 'integer' },
        { name: 't', type: 'date' },
      ],
      derive: [{ name: 'ms', formula: 't' }],
      features: ['ms'],
    },
    ends: { rows: 2, train: [`0,${Date.UTC(2024, 0, 31)}`, `1,${Date.UTC(2024, 0, 31)}`] },
  },
  parquet('a control character', with3('1', '3', `'x' || chr(7)`), aside('control-character')),
  parquet('a NUL in a text', with3('1', '3', `'x' || chr(0)`), aside('control-character')),
  parquet(
    'bytes that are no text',
    `SELECT y, a, '\\xFF\\x00'::BLOB AS t FROM (${TWO})`,
    /^(no row is clean|the column t)/,
  ),
  parquet(
    'a text above the limit of a cell',
    with3('1', '3', `repeat('z', 32769)`),
    /has a cell of more than 32,768 bytes/,
  ),
  parquet(
    'much in little: 100,000 rows that are the same',
    `SELECT 0 AS y, 1.0 AS a, 'x' AS t FROM range(100000)`,
    { rows: 1, aside: { duplicate: 99_999 } },
  ),
  parquet(
    'a bomb: 10,000 texts of 30,000 letters in a few kilobytes',
    `SELECT 0 AS y, 1.0 AS a, repeat('z', 30000) AS t FROM range(10000)`,
    /^the file unpacks to more than the allowed [\d,]+ bytes/,
    ', COMPRESSION zstd',
  ),
  changed('torn in the middle', (file) => file.subarray(0, file.length >> 1), damaged),
  changed('without its last byte', (file) => file.subarray(0, -1), damaged),
  changed('only the first four bytes', (file) => file.subarray(0, 4), damaged),
  changed('with garbage behind it', (file) => bytes(file, 'garbage'), damaged),
  changed('with another end', (file) => bytes(file.subarray(0, -4), 'PARE'), damaged),
  changed('with a footer of 4 GB', withFooterLength(0xffffffff), damaged),
  changed('with a footer of no bytes', withFooterLength(0), damaged),
  changed(
    'with a footer that is noise',
    (file) => bytes(file.subarray(0, -40), Buffer.alloc(32, 0xa5), file.subarray(-8)),
    damaged,
  ),
  changed(
    'with pages that are noise',
    (file) => bytes(file.subarray(0, 4), Buffer.alloc(60, 0xa5), file.subarray(64)),
    damaged,
  ),
  changed(
    'whose footer promises 2^48 rows',
    manyRows,
    /^(the Parquet file|with this file the dataset has more rows)/,
  ),
  changed('with a codec that nobody reads', lzo, damaged),
  changed(
    'that is encrypted',
    (file) => bytes('PARE', file.subarray(4, -4), 'PARE'),
    /^this is a binary file|^the header lacks/,
  ),
  {
    name: 'a CSV that is declared to be Parquet',
    content: GOOD,
    ...declared,
    ends: /^this is no Parquet file/,
  },
  changed(
    'a Parquet file that is declared to be CSV',
    (file) => file,
    /^this is a binary file \(it looks like a Parquet file\)/,
    { data: { format: 'csv' } },
  ),
];
