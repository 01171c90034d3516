/** Rows of numbers, row after row in single precision; a missing value is NaN. */
export interface NumericTable {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** Data that is no table of numbers. `row` and `column` count from 1; `column` is 0 where a whole row is meant. */
export class TableError extends Error {
  readonly code: 'WrongWidth' | 'NotANumber' | 'MissingValue';
  readonly row: number;
  readonly column: number;

  constructor(code: TableError['code'], row: number, column: number, message: string) {
    super(column > 0 ? `row ${row}, column ${column}: ${message}` : `row ${row}: ${message}`);
    this.name = 'TableError';
    this.code = code;
    this.row = row;
    this.column = column;
  }
}
