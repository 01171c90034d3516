import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { CsvReader } from './csv-reader.ts';
import { DEFAULT_LIMITS, type Limits } from './rejection.ts';

interface Read {
  readonly rows: { readonly line: number; readonly cells: string[] }[];
  readonly broken: { readonly line: number; readonly excerpt: string; readonly reason: string }[];
}

/** Reads `bytes` in chunks of the given sizes, taken in turn. */
function read(
  text: string | Buffer,
  sizes: readonly number[] = [1 << 20],
  limits: Partial<Limits> = {},
): Read {
  const bytes = Buffer.from(text);
  const found: Read = { rows: [], broken: [] };
  const reader = new CsvReader(
    ',',
    { ...DEFAULT_LIMITS, columns: 50, ...limits },
    {
      row: (record) => {
        const cells = Array.from({ length: record.count }, (_, at) => record.raw(at));
        found.rows.push({ line: record.line, cells });
      },
      broken: (line, excerpt, reason) => found.broken.push({ line, excerpt, reason }),
    },
  );
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    reader.push(bytes.subarray(at, at + size));
    at += size;
  }
  reader.end();
  return found;
}

const cells = (text: string) => read(text).rows.map((row) => row.cells);
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
/** Text of few letters, so that quotes, commas and newlines meet often. */
const soup = fc.string({ unit: fc.constantFrom('a', 'é', ' ', ',', '"', '\n', '\r\n', '\r'), maxLength: 40 });

describe('CsvReader', () => {
  it('reads back any table, quoted where it must be, in any chunks', () => {
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.array(fc.array(soup, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      );
    const style = fc.record({
      newline: fc.constantFrom('\n', '\r\n'),
      mark: fc.boolean(),
      last: fc.boolean(),
      always: fc.boolean(),
    });
    fc.assert(
      fc.property(table, style, sizes, (rows, { newline, mark, last, always }, chunks) => {
        const quote = (cell: string) =>
          always || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
        const text = rows.map((row) => row.map(quote).join(',')).join(newline);
        const file = `${mark ? '\uFEFF' : ''}${text}${last ? newline : ''}`;
        const found = read(file, chunks);
        expect(found.rows.map((row) => row.cells)).toEqual(rows);
        expect(found.broken).toEqual([]);
      }),
    );
  });

  it('agrees with csv-parse on whatever csv-parse accepts', () => {
    let accepted = 0;
    fc.assert(
      fc.property(soup, sizes, (text, chunks) => {
        const expected = byCsvParse(text);
        if (!expected) return;
        accepted++;
        expect(read(text, chunks).rows.map((row) => row.cells)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });

  it('finds the same rows and the same faults however the bytes are cut', () => {
    fc.assert(
      fc.property(soup, sizes, (text, chunks) => {
        const limits = { cellBytes: 20 };
        expect(outcome(() => read(text, chunks, limits))).toEqual(
          outcome(() => read(text, [1 << 20], limits)),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('tells the line on which each row begins', () => {
    const { rows } = read('a,b\n"x\ny",1\n\n\r\n"p\r\nq\n",2\nlast,3');
    expect(rows.map(({ line, cells }) => [line, cells[1]])).toEqual([
      [1, 'b'],
      [2, '1'],
      [6, '2'],
      [9, '3'],
    ]);
  });

  it.each([
    ['a,b,\n', [['a', 'b', '']]],
    [
      ',\n,',
      [
        ['', ''],
        ['', ''],
      ],
    ],
    ['""\n', [['']]],
    ['a,5" pipe\n', [['a', '5" pipe']]],
    ['', []],
    ['\n\r\n', []],
    ['\uFEFF"a,b",c', [['a,b', 'c']]],
  ])('reads %j', (text, expected) => {
    expect(cells(text)).toEqual(expected);
  });

  it('gives up only the line of a quote that never closes', () => {
    const { rows, broken } = read('a,b\n1,"open\n2,fine\n3,fine\n');
    expect(rows.map((row) => row.cells)).toEqual([
      ['a', 'b'],
      ['2', 'fine'],
      ['3', 'fine'],
    ]);
    expect(broken).toEqual([{ line: 2, excerpt: '1,"open', reason: 'opens a quote that does not close' }]);
  });

  it('gives up only the line with text after a closing quote', () => {
    const { rows, broken } = read('1,"a"b,2\n3,4,5\n');
    expect(rows).toEqual([{ line: 2, cells: ['3', '4', '5'] }]);
    expect(broken).toEqual([{ line: 1, excerpt: '1,"a"b,2', reason: 'has text after a closing quote' }]);
  });

  it('stops at cells, rows and widths beyond the limits, also before they end', () => {
    expect(() => read(`a\n${'x'.repeat(101)}`, [10], { cellBytes: 100 })).toThrow(
      'line 2 has a cell of more than 100 bytes',
    );
    expect(() => read(`"${'x'.repeat(101)}"`, [10], { cellBytes: 100 })).toThrow(
      'a cell of more than 100 bytes',
    );
    expect(() => read('x,'.repeat(60), [10], { rowBytes: 100, columns: 99 })).toThrow(
      'a row of more than 100 bytes',
    );
    expect(() => read('x,'.repeat(60))).toThrow('line 1 has more than 50 cells');
    expect(cells('x'.repeat(100))).toEqual([['x'.repeat(100)]]);
  });
});

function byCsvParse(text: string): string[][] | undefined {
  try {
    return parse(text, {
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\n', '\r\n'],
    });
  } catch {
    return undefined;
  }
}

function outcome<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    return (error as Error).message;
  }
}
