import { createHash } from 'node:crypto';
import type { Part } from '../../../shared/lifecycle/run.ts';
import { CsvReader } from './csv-reader.ts';
import type { CsvRecord } from './csv-record.ts';
import type { DatasetWriter } from './dataset-writer.ts';
import { type Header, readHeader } from './header.ts';
import { type Limits, Rejection } from './rejection.ts';
import type { RowIdentity } from './row-identity.ts';
import type { RowProblem } from './row-problem.ts';
import { type RowProgram, wrongWidth } from './row-program.ts';
import { TextGuard } from './text-guard.ts';

/** One object of the dataset. `fresh` parts came with the run; the others were in the dataset before. */
export interface PartSource {
  readonly part: Part;
  readonly fresh: boolean;
  /** May throw what storage throws: that is no verdict on the data. */
  open(): Promise<AsyncIterable<Uint8Array>>;
}

/** `rows` counts every data row, the quarantined and the duplicate ones too; `quarantined` has no duplicates in it. */
export interface PartReport {
  readonly key: string;
  readonly versionId: string;
  readonly sha256: string;
  readonly rows: number;
  readonly quarantined: number;
  readonly duplicates: number;
  /** Columns of the file that the specification does not declare. */
  readonly ignored: readonly string[];
}

/** Rows that all parts together may still have. */
export interface RowBudget {
  left: number;
}

export interface PartMeaning {
  readonly program: RowProgram;
  readonly identity: RowIdentity;
}

const EXCERPT = 200;

/** Streams one part through the engine. Throws Rejection, its message beginning with the part's key. */
export async function readPart(
  { part, open }: PartSource,
  meaning: PartMeaning,
  dataset: DatasetWriter,
  limits: Limits,
  budget: RowBudget,
): Promise<PartReport> {
  try {
    if (part.size > limits.partBytes) tooLarge(limits);
    const rows = new PartRows(part.key, meaning, dataset, budget);
    const reader = new CsvReader(limits, rows);
    const guard = new TextGuard();
    const sha256 = createHash('sha256');
    let bytes = 0;
    for await (const chunk of await open()) {
      bytes += chunk.length;
      if (bytes > limits.partBytes) tooLarge(limits);
      sha256.update(chunk);
      guard.check(chunk);
      reader.push(chunk);
    }
    if (bytes === 0) throw new Rejection('the file is empty');
    guard.end();
    reader.end();
    return { key: part.key, versionId: part.versionId, sha256: sha256.digest('hex'), ...rows.report() };
  } catch (error) {
    if (error instanceof Rejection) throw new Rejection(`${part.key}: ${error.message}`);
    throw error;
  }
}

function tooLarge({ partBytes }: Limits): never {
  throw new Rejection(`the file is larger than the allowed ${partBytes.toLocaleString('en')} bytes`);
}

class PartRows {
  readonly #file: string;
  readonly #meaning: PartMeaning;
  readonly #dataset: DatasetWriter;
  readonly #budget: RowBudget;
  #header: Header | undefined;
  #rows = 0;
  #quarantined = 0;
  #duplicates = 0;

  constructor(file: string, meaning: PartMeaning, dataset: DatasetWriter, budget: RowBudget) {
    this.#file = file;
    this.#meaning = meaning;
    this.#dataset = dataset;
    this.#budget = budget;
  }

  row(record: CsvRecord): void {
    const { program, identity } = this.#meaning;
    if (!this.#header) {
      const cells = Array.from({ length: record.count }, (_, at) => record.raw(at));
      this.#header = readHeader(cells, program.columns);
      record.positions.set(this.#header.positions);
      return;
    }
    this.#count();
    if (record.count !== this.#header.width) {
      const problem = wrongWidth(record.count, this.#header.width);
      this.#putAside(record.line, { ...problem, value: record.excerpt(EXCERPT) });
      return;
    }
    const problem = program.read(record);
    if (problem) {
      this.#putAside(record.line, problem);
    } else if (!this.#dataset.add(program, identity, record)) {
      this.#duplicates++;
      const reason = 'the row is equal to an earlier one in every declared column';
      this.#dataset.quarantine.add(this.#file, record.line, {
        rule: 'duplicate',
        column: null,
        value: '',
        reason,
      });
    }
  }

  broken(line: number, excerpt: string, reason: string): void {
    if (!this.#header) throw new Rejection(`the header ${reason}`);
    this.#count();
    this.#putAside(line, {
      rule: 'broken-quote',
      column: null,
      value: excerpt,
      reason: `the line ${reason}`,
    });
  }

  report(): Omit<PartReport, 'key' | 'versionId' | 'sha256'> {
    if (!this.#header) throw new Rejection('the file is empty');
    if (this.#rows === 0) throw new Rejection('the file has a header but no rows');
    return {
      rows: this.#rows,
      quarantined: this.#quarantined,
      duplicates: this.#duplicates,
      ignored: this.#header.ignored,
    };
  }

  #count(): void {
    this.#rows++;
    this.#budget.left--;
    if (this.#budget.left < 0) throw new Rejection('with this file the dataset has more rows than allowed');
  }

  #putAside(line: number, problem: RowProblem): void {
    this.#quarantined++;
    this.#dataset.quarantine.add(this.#file, line, problem);
  }
}
