import fc from 'fast-check';
import { csvLine, csvRows, LONGEST_CELL } from './csv-text.ts';

const cellsOf = (text: string) =>
  [...csvRows(text)].map((row) => (row.kind === 'cells' ? row.cells : { broken: row.line }));

describe('CSV of a request', () => {
  it.each<[what: string, text: string, rows: ReturnType<typeof cellsOf>]>([
    [
      'lines with LF or CRLF, the last one open',
      'a,b\r\nc,d\ne,f',
      [
        ['a', 'b'],
        ['c', 'd'],
        ['e', 'f'],
      ],
    ],
    ['no row of an empty line', '\na\n\r\n\nb\n', [['a'], ['b']]],
    ['a byte order mark', '\uFEFFa,b', [['a', 'b']]],
    ['empty cells', ',\n,,\n""', [['', ''], ['', '', ''], ['']]],
    ['quotes, doubled ones, commas and line ends', '"a""b","c,d\r\ne"\nf', [['a"b', 'c,d\r\ne'], ['f']]],
    ['a quote inside an unquoted cell', 'a"b, "c"\n', [['a"b', ' "c"']]],
    ['text behind a quote', '"a"b,c\nd\n', [{ broken: '"a"b,c' }, ['d']]],
    ['a quote that does not close', 'a,"b\nc,d\n', [{ broken: 'a,"b' }, ['c', 'd']]],
  ])('has %s', (_, text, rows) => {
    expect(cellsOf(text)).toEqual(rows);
  });

  it('loses only the line of a quote that closes too late', () => {
    const long = 'x\n'.repeat(LONGEST_CELL);
    const rows = cellsOf(`"${long}",1\n2\n`);
    expect(rows[0]).toEqual({ broken: '"x' });
    expect(rows.at(-1)).toEqual(['2']);
  });

  it('reads back whatever was written', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '1') });
    const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, end) => {
        expect(cellsOf(rows.map((row) => csvLine(row) + end).join(''))).toEqual(rows);
      }),
    );
  });
});
