/** The engine for one record at a time: raw cells in, what the model sees out, with what was fitted on the training
 * rows of a dataset version. */
import { layOut } from '../contracts/data-layout.ts';
import { compileFormula, type Formula } from '../contracts/formula.ts';
import type { ColumnSpecification, DataSpecification } from '../contracts/pipeline-specification.ts';
import { type Cells, Cleaning, leaveOut, put, readersOf } from './cleaning.ts';
import type { ColumnReader, ValueReader } from './column-reader.ts';
import { featurePrograms } from './feature-program.ts';
import type { Fitted } from './fitted.ts';
import { LARGEST } from './number-text.ts';
import { clipValue, explain, type RowProblem } from './row-problem.ts';
import { emptyRow, type RowValues } from './row-values.ts';

export type TransformedRecord =
  | { readonly kind: 'features'; readonly features: Float64Array }
  | { readonly kind: 'problem'; readonly problem: RowProblem; readonly reason: string };

export type ObservedRecord =
  | { readonly kind: 'values'; readonly values: Float64Array }
  | { readonly kind: 'problem'; readonly problem: RowProblem; readonly reason: string };

interface Fence {
  readonly reader: ValueReader;
  /** Position among the cells. */
  readonly cell: number;
  readonly low: number;
  readonly high: number;
  readonly then: 'quarantine' | 'clip' | 'null';
}

interface Fill {
  readonly reader: ColumnReader;
  readonly value: number | string;
}

interface Derivation {
  readonly name: string;
  readonly at: number;
  readonly formula: Formula;
}

/** The program of one specification. One row at a time: what it answers is its own and filled anew by the next call. */
export class RowProgram {
  /** Names of the cells that it takes: the declared columns in order, but the target. */
  readonly columns: readonly string[];
  /** Names of the features that it answers. */
  readonly features: readonly string[];
  /** Names of the values that `observe` answers, as in a dataset's reference. */
  readonly observed: readonly string[];
  readonly #data: DataSpecification;
  readonly #cleaning: Cleaning;
  readonly #row: RowValues;
  readonly #fences: readonly Fence[];
  readonly #fills: readonly Fill[];
  readonly #derived: readonly Derivation[];
  readonly #programs: readonly ((row: RowValues) => number)[];
  readonly #features: Float64Array;
  readonly #observed: readonly ColumnReader[];
  readonly #values: Float64Array;

  constructor(data: DataSpecification, fitted: Fitted) {
    const layout = layOut(data);
    const readers = readersOf(data).filter(({ at }) => at !== layout.target);
    this.#data = data;
    this.#row = emptyRow(layout.columns.length, data.derive.length);
    this.#row.missing[layout.target] = 1;
    this.#row.values[layout.target] = Number.NaN;
    this.#cleaning = new Cleaning(readers, this.#row);
    this.#fences = readers.flatMap((reader, cell) =>
      fenceOf(layout.columns[reader.at]!.column, fitted, reader, cell),
    );
    this.#fills = readers.flatMap((reader) => fillOf(fitted, reader));
    this.#derived = derivations(
      data,
      layout.columns.map(({ name }) => name),
    );
    this.#programs = featurePrograms(layout.features, layout.columns.length, fitted);
    this.#features = new Float64Array(layout.features.length);
    this.#observed = readers.filter((reader) => reader.kind !== 'text' || reader.categories.length > 0);
    this.#values = new Float64Array(this.#observed.length);
    this.columns = this.#cleaning.columns;
    this.features = layout.features.map(({ name }) => name);
    this.observed = this.#observed.map(({ name }) => name);
  }

  /** What the model sees, a missing value as NaN; or why batch would have put the record aside. */
  transform(cells: Cells): TransformedRecord {
    const early = this.#read(cells) ?? this.#outliers(cells);
    if (early) return this.#refuse(early);
    this.#fill();
    const late = this.#derive();
    if (late) return this.#refuse(late);
    const features = this.#features;
    const programs = this.#programs;
    for (let at = 0; at < programs.length; at++) features[at] = programs[at]!(this.#row);
    return { kind: 'features', features };
  }

  /** What monitoring compares with the reference of the dataset: values as they came, before outliers and fills.
   * Missing is NaN, a text the position of its canonical name. */
  observe(cells: Cells): ObservedRecord {
    const problem = this.#read(cells);
    if (problem) return this.#refuse(problem);
    const { values } = this.#row;
    for (const [index, { at }] of this.#observed.entries()) this.#values[index] = values[at]!;
    return { kind: 'values', values: this.#values };
  }

  #read(cells: Cells): RowProblem | undefined {
    if (cells.length === this.columns.length) return this.#cleaning.read(cells);
    return { rule: 'torn-line', column: null, value: '' };
  }

  #refuse(problem: RowProblem) {
    return { kind: 'problem', problem, reason: explain(problem, this.#data) } as const;
  }

  #outliers(cells: Cells): RowProblem | undefined {
    const { values } = this.#row;
    for (const fence of this.#fences) {
      const value = values[fence.reader.at]!;
      // A missing value lies nowhere.
      if (!(value < fence.low || value > fence.high)) continue;
      const problem = this.#outlier(fence, value, cells[fence.cell]?.trim() ?? '');
      if (problem) return problem;
    }
    return undefined;
  }

  #outlier({ reader, low, high, then }: Fence, value: number, text: string): RowProblem | undefined {
    if (then === 'quarantine') return { rule: 'outlier', column: reader.name, value: clipValue(text) };
    if (then === 'null') return leaveOut(this.#row, reader, text);
    this.#row.values[reader.at] = value < low ? low : high;
    return undefined;
  }

  #fill(): void {
    for (const { reader, value } of this.#fills) {
      if (this.#row.missing[reader.at] === 1) put(this.#row, reader, value);
    }
  }

  #derive(): RowProblem | undefined {
    const { values } = this.#row;
    for (const { name, at, formula } of this.#derived) {
      const value = formula(values);
      if (Math.abs(value) <= LARGEST) {
        // max(NaN, 1) is NaN, but a formula may also forget its input: pow(missing, 0) is 1.
        values[at] = incomplete(values, formula.inputs) ? Number.NaN : value + 0;
        continue;
      }
      if (!incomplete(values, formula.inputs)) return { rule: 'not-finite', column: name, value: '' };
      values[at] = Number.NaN;
    }
    return undefined;
  }
}

function incomplete(values: Float64Array, inputs: readonly number[]): boolean {
  for (const input of inputs) if (Number.isNaN(values[input]!)) return true;
  return false;
}

function fenceOf(
  { outliers }: ColumnSpecification,
  fitted: Fitted,
  reader: ColumnReader,
  cell: number,
): readonly Fence[] {
  const { low, high } = fitted.columns[reader.name] ?? {};
  if (!outliers || reader.kind === 'text' || low === undefined || high === undefined) return [];
  return [{ reader, cell, low, high, then: outliers.then }];
}

function fillOf(fitted: Fitted, reader: ColumnReader): readonly Fill[] {
  const value = fitted.columns[reader.name]?.fill;
  return value === undefined ? [] : [{ reader, value }];
}

function derivations(data: DataSpecification, columns: readonly string[]): readonly Derivation[] {
  return data.derive.map(({ name, formula }, index) => {
    const known = [...columns, ...data.derive.slice(0, index).map((earlier) => earlier.name)];
    return { name, at: columns.length + index, formula: compileFormula(formula, known) };
  });
}

/** The engine of `data` with what was fitted. Throws RangeError where `fitted` lacks what the features need. */
export const compileRecord = (data: DataSpecification, fitted: Fitted): RowProgram =>
  new RowProgram(data, fitted);
