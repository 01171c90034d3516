/** DuckDB, locked in: it sees one folder, takes no more memory than it is told, and loads nothing. */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBType } from '@duckdb/node-api';
import { fold } from '../../../shared/contracts/canonical-text.ts';
import type { DateFormat } from '../../../shared/contracts/data-schema.ts';
import { dateOf } from '../../../shared/contracts/date-text.ts';
import { numberOf } from '../../../shared/preparation/number-text.ts';
import { text } from './sql/sql-text.ts';

export interface Resources {
  /** What the whole process may take; DuckDB gets a part of it. */
  readonly memoryBytes: number;
  readonly threads: number;
}

const MIB = 1024 ** 2;
/** Lambda gives one processor for each 1,769 MB. */
const MIB_PER_PROCESSOR = 1769;
/** What DuckDB may take by its own measure; the process takes up to a third more for it, and Node, the reader and the
 * statistics want theirs. Below, large tables spill at the cost of time; a file in place of memory costs a tenth more. */
const SHARE = 0.36;

export const resourcesOf = (memoryMib: number): Resources => ({
  memoryBytes: memoryMib * MIB,
  threads: Math.max(1, Math.min(Math.ceil(memoryMib / MIB_PER_PROCESSOR), availableParallelism())),
});

/** The library lies in a Lambda layer, which only `require` looks into; functions without it must not load it. */
function load(): Library {
  const require = createRequire(import.meta.url);
  return { api: require('@duckdb/node-api'), bindings: require('@duckdb/node-bindings') };
}

interface Library {
  readonly api: typeof import('@duckdb/node-api');
  readonly bindings: typeof import('@duckdb/node-bindings');
}

const DOUBLE_BYTES = Float64Array.BYTES_PER_ELEMENT;

/** Like Promise.all; but where one fails, the others have ended, too, so that nothing runs on a closed session. */
export async function allOf<T extends readonly unknown[]>(
  running: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(running);
  return (await Promise.all(running)) as unknown as T;
}

export type Cell = string | number | bigint | boolean | null;

function* rowsIn(chunk: DuckDBDataChunk): Generator<readonly Cell[]> {
  const columns = Array.from({ length: chunk.columnCount }, (_, at) => chunk.getColumnVector(at));
  for (let row = 0; row < chunk.rowCount; row++) yield columns.map((column) => column.getItem(row) as Cell);
}

export class Session {
  readonly #library: Library;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #others: Session[] = [];

  private constructor(library: Library, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#library = library;
    this.#instance = instance;
    this.#connection = connection;
  }

  /** `folder` is all that it may read and write. */
  static async open(folder: string, { memoryBytes, threads }: Resources): Promise<Session> {
    const library = load();
    const instance = await library.api.DuckDBInstance.create(':memory:', {
      threads: `${threads}`,
      autoload_known_extensions: 'false',
      autoinstall_known_extensions: 'false',
    });
    const session = new Session(library, instance, await instance.connect());
    const limit = Math.max(64, Math.floor((memoryBytes * SHARE) / MIB));
    await session.run(
      [
        `SET allowed_directories = [${text(folder)}]`,
        `SET memory_limit = '${limit}MiB'`,
        `SET temp_directory = ${text(`${folder}/spill`)}`,
        // Rows, and all that is written of them, stay in the order in which they were read.
        'SET preserve_insertion_order = true',
        'SET ieee_floating_point_ops = true',
        "SET TimeZone = 'UTC'",
        'SET enable_external_access = false',
        'SET lock_configuration = true',
      ].join('; '),
    );
    session.#registerReaders();
    return session;
  }

  /** Another session with the same tables and functions, whose statements run at the same time as this one's. Ends with
   * this one at the latest. */
  async beside(): Promise<Session> {
    const other = new Session(this.#library, this.#instance, await this.#instance.connect());
    this.#others.push(other);
    return other;
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  async rows(sql: string): Promise<readonly (readonly Cell[])[]> {
    const reader = await this.#connection.runAndReadAll(sql);
    return reader.getRowsJS() as Cell[][];
  }

  async row(sql: string): Promise<readonly Cell[]> {
    const [row] = await this.rows(sql);
    if (!row) throw new Error('the statement answers no row');
    return row;
  }

  /** The answer's columns of doubles, chunk by chunk and in its order; a missing value is NaN. A chunk is valid until the
   * next one is asked for. */
  async *doubles(sql: string): AsyncGenerator<readonly Float64Array[]> {
    const { data_chunk_get_vector, vector_get_data } = this.#library.bindings;
    const nan = "CAST('nan' AS DOUBLE)";
    const result = await this.#connection.stream(`SELECT coalesce(COLUMNS(*), ${nan}) FROM (${sql})`);
    for (
      let chunk = await result.fetchChunk();
      chunk && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      const { rowCount, columnCount, chunk: raw } = chunk;
      // The library makes an object of each value that it is asked for; these are the same bytes as they lie.
      yield Array.from({ length: columnCount }, (_, at) => {
        const { buffer, byteOffset } = vector_get_data(
          data_chunk_get_vector(raw, at),
          rowCount * DOUBLE_BYTES,
        );
        return new Float64Array(buffer, byteOffset, rowCount);
      });
    }
  }

  /** The answer's rows, chunk by chunk; each row is made when it is asked for. */
  async *chunks(sql: string): AsyncGenerator<Iterable<readonly Cell[]>> {
    const result = await this.#connection.stream(sql);
    for (
      let chunk = await result.fetchChunk();
      chunk && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    )
      yield rowsIn(chunk);
  }

  /** How dates of this column are read, where SQL cannot tell: a function of one cell. */
  registerDate(name: string, formats: readonly DateFormat[]): void {
    this.#register(name, this.#library.api.DOUBLE, (cell: string) => dateOf(cell, formats));
  }

  /** Stops what runs, here and beside; it fails. */
  interrupt(): void {
    for (const session of [this, ...this.#others]) session.#connection.interrupt();
  }

  /** Nothing may run any more. */
  close(): void {
    for (const other of this.#others) other.#connection.closeSync();
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  #registerReaders(): void {
    const { DOUBLE, VARCHAR, INTEGER } = this.#library.api;
    this.#register('number_of', DOUBLE, numberOf);
    this.#register('fold', VARCHAR, fold);
    this.#register('nfc', VARCHAR, (cell: string) => cell.normalize('NFC'));
    this.#register('utf16_length', INTEGER, (cell: string) => cell.length);
    this.#register('three_digits', VARCHAR, (value: number) => String(Number(value.toPrecision(3))), DOUBLE);
  }

  #register<Argument extends string | number>(
    name: string,
    returnType: DuckDBType,
    read: (argument: Argument) => number | string,
    argumentType: DuckDBType = this.#library.api.VARCHAR,
  ): void {
    const made = this.#library.api.DuckDBScalarFunction.create({
      name,
      returnType,
      parameterTypes: [argumentType],
      mainFunction: (_, input, output) => {
        const given = input.getColumnVector(0);
        for (let row = 0; row < input.rowCount; row++) {
          const argument = given.getItem(row) as Argument | null;
          output.setItem(row, argument === null ? null : read(argument));
        }
        output.flush();
      },
    });
    this.#connection.registerScalarFunction(made);
  }
}
