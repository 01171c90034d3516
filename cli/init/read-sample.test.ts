import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { queryTexts } from './duckdb.ts';
import { readSample } from './read-sample.ts';
import { MOST_ROWS } from './sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'ratchet-init-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function file(content: string | Uint8Array, name = `table-${files++}.csv`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const ROWS = [
  ['1.5', 'north', ''],
  ['2', 'a, b', 'yes'],
];

describe('a sample is the same from', () => {
  const csv = 'x,place,y\n1.5,north,\n2,"a, b",yes\n';
  it.each<[what: string, content: string | Uint8Array]>([
    ['CSV', csv],
    ['CSV with a byte order mark and CRLF', `\ufeff${csv.replaceAll('\n', '\r\n')}`],
    ['CSV with blanks around names and cells', ' x , place,y \n 1.5, north ,\n2,"a, b", yes\n'],
    ['semicolons', 'x;place;y\n1.5;north;\n2;a, b;yes\n'],
    ['tabs', 'x\tplace\ty\n1.5\tnorth\t\n2\ta, b\tyes\n'],
    ['bars', 'x|place|y\n1.5|north|\n2|a, b|yes\n'],
    ['JSON Lines', '{"x": 1.5, "place": "north", "y": null}\n\n{"x": 2, "place": "a, b", "y": "yes"}\n'],
    ['gzip', gzipSync(csv)],
    ['zstd', zstdCompressSync(csv)],
    [
      'zstd of two frames',
      Buffer.concat([csv.slice(0, 20), csv.slice(20)].map((half) => zstdCompressSync(half))),
    ],
  ])('%s', async (_, content) => {
    const { names, rows, total } = await readSample(file(content), 'y');
    expect({ names, rows, total }).toEqual({ names: ['x', 'place', 'y'], rows: ROWS, total: 2 });
  });

  it('Parquet, whose values become cells', async () => {
    const path = join(folder, 'table.parquet');
    await queryTexts(
      `COPY (SELECT 2.0::DOUBLE AS x, true AS flag, DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 10:00:00.5' AS at,
        7::BIGINT AS n, 1.50::DECIMAL(5,2) AS price, NULL::VARCHAR AS gone, [1, 2] AS list) TO '${path}' (FORMAT parquet)`,
    );
    const { names, rows, notes } = await readSample(path, 'n');
    expect(names).toEqual(['x', 'flag', 'day', 'at', 'n', 'price', 'gone']);
    expect(rows).toEqual([['2', 'true', '2024-02-29', '2024-02-29T10:00:00.500Z', '7', '1.5', '']]);
    expect(notes).toEqual(['list: its values are nested and cannot be read']);
  });
});

describe('a large file', () => {
  it('is sampled from all of it, in its order, and counted whole', async () => {
    const rows = 3 * MOST_ROWS;
    const csv = `n,y\n${Array.from({ length: rows }, (_, at) => `${at},${at % 2}`).join('\n')}\n`;
    const sample = await readSample(file(csv), 'y');
    const numbers = sample.rows.map(([n]) => Number(n));
    expect(sample.total).toBe(rows);
    expect(numbers.length / MOST_ROWS).toBeCloseTo(1, 1);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const late = numbers.filter((n) => n > (2 * rows) / 3).length;
    expect(late / numbers.length).toBeCloseTo(1 / 3, 1);
  });

  it('of JSON Lines, too', async () => {
    const rows = 5 * MOST_ROWS;
    const lines = Array.from({ length: rows }, (_, at) => JSON.stringify({ n: at, y: at % 2 })).join('\n');
    const sample = await readSample(file(lines, 'large.jsonl'), 'y');
    const numbers = sample.rows.map(([n]) => Number(n));
    expect(sample.total).toBe(rows);
    expect(numbers.length).toBeLessThanOrEqual(2 * MOST_ROWS);
    expect(Math.max(...numbers)).toBeGreaterThan(0.99 * rows);
  });
});

describe('a file that is no table', () => {
  it.each<[what: string, content: string | Uint8Array, message: string | RegExp]>([
    ['an empty one', '', 'is empty'],
    ['a header alone', 'x,y\n', 'has a header, but no row'],
    ['one column', 'y\n1\n2\n', 'has one column only'],
    [
      'another encoding',
      Buffer.from('x,y\nM\xfcller,1\n', 'latin1'),
      'is not in UTF-8; convert it, for example: iconv',
    ],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]), 'is no text and no Parquet'],
    [
      'UTF-16',
      Buffer.from('\ufeffx,y\n1,2\n', 'utf16le'),
      'is UTF-16 text; convert it, for example: iconv -f utf-16',
    ],
    [
      'a workbook',
      Buffer.from('PK\x03\x04 and so on\0', 'latin1'),
      'is an Excel workbook or a zip archive: save the sheet',
    ],
    [
      'an object on several lines',
      '{\n  "x": 1,\n  "y": 2\n}\n',
      'write an object a line, for example: jq -c .',
    ],
    [
      'a quote that never closes',
      `x,y,z\n1,"2,3\n${'3,4,5\n'.repeat(100)}`,
      'look for a quote that does not close',
    ],
    ['a JSON array', '[{"x": 1}, {"x": 2}]', 'is one JSON array; write an object a line'],
    ['torn gzip', gzipSync('x,y\n1,2\n'.repeat(999)).subarray(0, 40), 'cannot be unpacked'],
    [
      'torn Parquet',
      Buffer.from('PAR1 and no more'),
      /is no Parquet that can be read \(.*\); write it anew$/,
    ],
  ])('is refused: %s', async (_, content, message) => {
    await expect(readSample(file(content), 'y')).rejects.toThrow(message);
  });

  it('is refused: one that is not there, and a folder', async () => {
    await expect(readSample(join(folder, 'none.csv'), 'y')).rejects.toThrow('There is no file');
    await expect(readSample(folder, 'y')).rejects.toThrow('is no file: name one');
  });
});
