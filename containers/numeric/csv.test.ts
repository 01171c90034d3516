import fc from 'fast-check';
import { parseCsv } from './csv.ts';
import { TableError } from './table.ts';

const parse = (text: string, missing: 'refuse' | 'nan' = 'refuse') =>
  parseCsv(Buffer.from(text), { missing });
const cell = fc.oneof(
  fc.integer(),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e30, max: 1e30, noNaN: true }),
  fc.integer({ min: -999_999, max: 999_999 }).map((value) => value / 1000),
);

describe('parseCsv', () => {
  it('reads every number as JavaScript does, in single precision', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 }), (rows) => {
        const table = parse(rows.map((row) => row.join(',')).join('\n'));
        expect(table).toMatchObject({ rows: rows.length, columns: 2 });
        expect(table.values).toEqual(Float32Array.from(rows.flat(), (value) => Number(String(value))));
      }),
    );
  });

  it.each([
    ['Windows line ends, blank lines and none at the end', '1,2\r\n\r\n3,4', [1, 2, 3, 4]],
    ['a byte order mark', '\uFEFF1,2\n', [1, 2]],
    ['blanks, quotes and signs', ' 1 ,"2"\n+3,-.5', [1, 2, 3, -0.5]],
    ['exponents', '1e3,-2.5E-1', [1000, -0.25]],
  ])('accepts %s', (_, text, values) => {
    expect([...parse(text).values]).toEqual(values);
  });

  it('claims no memory for blank lines and rows that are too short', () => {
    const options = { missing: 'nan', columns: 100_000 } as const;
    expect(parseCsv(Buffer.from('\n'.repeat(1_000_000)), options).values.buffer.byteLength).toBeLessThan(
      5_000_000,
    );
    expect(() => parseCsv(Buffer.from('1\n'.repeat(1_000_000)), options)).toThrow(
      'row 1: expected 100000 columns',
    );
  });

  it('takes an empty cell and nan as missing where that is allowed', () => {
    expect([...parse('1,,nan\nNaN,"",2', 'nan').values]).toEqual([
      1,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      2,
    ]);
  });

  it.each([
    ['1,2\n3', 'WrongWidth', 'row 2: expected 2 columns, found 1'],
    ['1,2\n3,4,5', 'WrongWidth', 'row 2: expected 2 columns, found 3'],
    ['1,seven', 'NotANumber', 'row 1, column 2: "seven" is not a number'],
    ['0x10', 'NotANumber', '"0x10" is not a number'],
    ['1e39', 'NotANumber', '"1e39" is not a number'],
    ['Infinity', 'NotANumber', '"Infinity" is not a number'],
    ['1-2', 'NotANumber', '"1-2" is not a number'],
    ['1.2.3', 'NotANumber', '"1.2.3" is not a number'],
    ['1,', 'MissingValue', 'row 1, column 2: the value is missing'],
  ])('refuses %j', (text, code, message) => {
    let error: unknown;
    try {
      parse(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TableError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('never throws anything but TableError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          const table = parseCsv(Buffer.from(bytes), { missing: 'nan' });
          expect(table.values).toHaveLength(table.rows * table.columns);
        } catch (error) {
          expect(error).toBeInstanceOf(TableError);
        }
      }),
    );
  });
});
