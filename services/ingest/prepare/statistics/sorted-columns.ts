import type { Session } from '../session.ts';
import { sortDoubles } from './sort-doubles.ts';

/** The present values of one column, ascending. */
export type Sorted = Float64Array;

/** Bytes of values that are held at once. */
const MOST = 160 * 1024 * 1024;
const MOST_COLUMNS = 200;

/** How many columns of so many rows are read at a time. */
export const columnsAtOnce = (rows: number): number =>
  Math.max(1, Math.min(MOST_COLUMNS, Math.floor(MOST / 8 / Math.max(1, rows))));

export interface NamedColumn {
  readonly name: string;
  /** A double; NULL where missing. */
  readonly sql: string;
}

/** Gives each column's present values, sorted, in turn: as many columns at a time as memory allows, so that neither
 * many rows nor many columns take much. `rows` is how many the query has; `query` makes it of what it is to select;
 * `observe` sees each chunk, missing values as NaN. */
export async function* sortedColumns(
  session: Session,
  columns: readonly NamedColumn[],
  rows: number,
  query: (selected: readonly NamedColumn[]) => string,
  observe?: (chunk: readonly Float64Array[]) => void,
): AsyncGenerator<readonly [NamedColumn, Sorted]> {
  const together = columnsAtOnce(rows);
  for (let from = 0; from < columns.length; from += together) {
    const batch = columns.slice(from, from + together);
    const present = batch.map(() => new Present(rows));
    for await (const chunk of session.doubles(query(batch))) {
      for (const [at, values] of chunk.entries()) present[at]!.add(values);
      observe?.(chunk);
    }
    for (const [at, column] of batch.entries()) yield [column, present[at]!.sorted()];
  }
}

/** The values of a column that are there. */
class Present {
  readonly #values: Float64Array<ArrayBuffer>;
  #count = 0;

  constructor(most: number) {
    this.#values = new Float64Array(most);
  }

  add(values: Float64Array): void {
    let count = this.#count;
    for (const value of values) if (!Number.isNaN(value)) this.#values[count++] = value;
    this.#count = count;
  }

  sorted(): Sorted {
    return sortDoubles(this.#values.subarray(0, this.#count));
  }
}
