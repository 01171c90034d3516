/** The table `rows` comes to be while the parts are still being read: file of cells by file of cells. */
import { join } from 'node:path';
import { CellFile, type Cells } from './read/cell-file.ts';
import type { Limits } from './read/rejection.ts';
import type { CellFiles } from './read/row-sink.ts';
import type { Session } from './session.ts';
import { categoryType, spellingType } from './sql/clean-sql.ts';
import type { Plan } from './sql/plan.ts';
import { rowsOf } from './sql/rows-sql.ts';
import { text } from './sql/sql-text.ts';

/** The first file is that much smaller than the others, so that DuckDB begins early. */
const FIRST = 1 / 8;

export class RowsLoader implements CellFiles {
  current: CellFile;
  /** What has been handed on, in order. */
  readonly files: Cells[] = [];
  readonly #session: Session;
  readonly #plan: Plan;
  readonly #limits: Limits;
  readonly #folder: string;
  #loading: Promise<void> = Promise.resolve();

  private constructor(session: Session, plan: Plan, folder: string, limits: Limits) {
    this.#session = session;
    this.#plan = plan;
    this.#folder = folder;
    this.#limits = limits;
    this.current = this.#next();
  }

  /** Loads by a session of its own, so that `session` can be used meanwhile. Files are put into `folder`. */
  static async open(session: Session, plan: Plan, folder: string, limits: Limits): Promise<RowsLoader> {
    for (const { at, reader } of plan.columns) {
      if (reader.kind === 'date') session.registerDate(`date_of_${at}`, reader.formats);
      if (reader.kind !== 'text' || reader.categories.length === 0) continue;
      await session.run(
        `CREATE TYPE ${spellingType(at)} AS ENUM (${[...reader.spellings.keys()].map(text).join(', ')})`,
      );
      await session.run(
        `CREATE TYPE ${categoryType(at)} AS ENUM (${reader.categories.map(text).join(', ')})`,
      );
    }
    return new RowsLoader(await session.beside(), plan, folder, limits);
  }

  async breathe(): Promise<void> {
    const enough = this.#limits.cellFileBytes * (this.files.length === 0 ? FIRST : 1);
    if (this.current.bytes >= enough) {
      await this.#handOn();
      this.current = this.#next();
    }
    await new Promise(setImmediate);
  }

  /** All that was read is in the table when this has ended. */
  async complete(): Promise<void> {
    await this.#handOn();
    await this.#loading;
  }

  /** Waits until nothing runs any more, whether it ends well or not. */
  async settled(): Promise<void> {
    this.current.close();
    await this.#loading.catch(() => undefined);
  }

  #next(): CellFile {
    return new CellFile(
      join(this.#folder, `cells-${this.files.length}`),
      this.#plan.columns.length,
      this.#limits,
    );
  }

  /** One file is loaded while the next one is written; throws what loading has thrown. */
  async #handOn(): Promise<void> {
    const { current, files } = this;
    current.close();
    await this.#loading;
    const into = files.length === 0 ? 'CREATE TABLE rows AS' : 'INSERT INTO rows';
    files.push(current);
    this.#loading = this.#session.run(`${into} ${rowsOf(this.#plan, current)}`);
    // Whoever waits for it next is told.
    this.#loading.catch(() => undefined);
  }
}
