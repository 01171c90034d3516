/** The files of a dataset as its clean rows come in. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { csvLine } from '../../../shared/serving/csv-text.ts';
import type { Cells } from './cells.ts';
import { Line } from './line.ts';
import { constraintsOf, referenceOf, statisticsOf } from './monitor-files.ts';
import { OutputFile } from './output-file.ts';
import { Quarantine } from './quarantine.ts';
import type { RowIdentity } from './row-identity.ts';
import type { RowProgram } from './row-program.ts';
import { RowSet } from './row-set.ts';
import { type Side, sideOf } from './split.ts';
import { TrainingProfile } from './training-profile.ts';

export interface DatasetShape {
  readonly target: string;
  readonly features: readonly string[];
  readonly shares: { readonly test: number; readonly validation: number };
  readonly dropDuplicates: boolean;
}

export class DatasetWriter {
  readonly rows: Record<Side, number> = { train: 0, validation: 0, test: 0 };
  readonly quarantine: Quarantine;
  readonly #shape: DatasetShape;
  readonly #directory: string;
  readonly #seen = new RowSet();
  readonly #line: Line;
  readonly #profile: TrainingProfile;
  readonly #train: OutputFile;
  readonly #validation: OutputFile;
  readonly #testFeatures: OutputFile;
  readonly #testLabels: OutputFile;
  readonly #testRecords: OutputFile;
  readonly #quarantined: OutputFile;

  constructor(directory: string, shape: DatasetShape) {
    this.#directory = directory;
    this.#shape = shape;
    this.#line = new Line(shape.features.length);
    this.#profile = new TrainingProfile([shape.target, ...shape.features]);
    this.#train = new OutputFile(directory, 'train/data.csv');
    this.#validation = new OutputFile(directory, 'validation/data.csv');
    this.#testFeatures = new OutputFile(directory, 'test/features.csv');
    this.#testLabels = new OutputFile(directory, 'test/labels.csv');
    this.#testRecords = new OutputFile(directory, 'test/records.csv');
    this.#quarantined = new OutputFile(directory, 'quarantine.jsonl');
    this.quarantine = new Quarantine(this.#quarantined);
  }

  /** Adds the row that `program` has just read; false when it is a duplicate and left out. */
  add(program: RowProgram, identity: RowIdentity, cells: Cells): boolean {
    const line = this.#line;
    line.write(program.target, program.features);
    const row = identity.row(program, line);
    if (this.#shape.dropDuplicates && !this.#seen.add(row)) return false;
    const side = sideOf(identity.group(program, line), this.#shape.shares);
    this.rows[side]++;
    switch (side) {
      case 'train':
        // Other bytes than those that tell rows apart first.
        this.#profile.add(program.target, program.features, row.readUInt32LE(28));
        this.#train.append(line.bytes, 0, line.length);
        return true;
      case 'validation':
        this.#validation.append(line.bytes, 0, line.length);
        return true;
      case 'test':
        this.#testFeatures.append(line.bytes, line.features, line.length);
        this.#testLabels.append(line.bytes, 0, line.features - 1);
        this.#testLabels.appendText('\n');
        this.#testRecords.appendText(`${this.#record(program, cells)}\n`);
        return true;
    }
  }

  /** Writes what describes the dataset; answers every file, relative to the directory. */
  finish(): string[] {
    const { target, features } = this.#shape;
    for (const file of this.#all()) file.close();
    const columns = this.#profile.summarize(this.#train.path);
    const described = {
      'columns.json': { target, features },
      'fitted.json': { formatVersion: 1, columns: {}, features: {} },
      'constraints.json': constraintsOf(this.rows.train, columns),
      'reference.json': referenceOf(this.rows.train, columns.slice(1)),
      'statistics.json': statisticsOf(this.rows.train, columns),
    };
    for (const [name, content] of Object.entries(described)) {
      writeFileSync(join(this.#directory, name), `${JSON.stringify(content)}\n`);
    }
    return [...this.#all().map(({ name }) => name), ...Object.keys(described)].sort();
  }

  /** Leaves only the quarantine, which tells why; answers its file. */
  abandon(): string[] {
    for (const file of this.#all()) {
      if (file === this.#quarantined) file.close();
      else file.remove();
    }
    return [this.#quarantined.name];
  }

  /** The row as an application would send it. */
  #record({ columns }: RowProgram, cells: Cells): string {
    return csvLine(columns.flatMap((name, at) => (name === this.#shape.target ? [] : [cells.text(at)])));
  }

  #all(): OutputFile[] {
    const test = [this.#testFeatures, this.#testLabels, this.#testRecords];
    return [this.#train, this.#validation, ...test, this.#quarantined];
  }
}
