/** The first step of the contract (docs/data.md, *clean*): cells in, values or a problem out. It needs no other row,
 * so that batch and online give the same answer. */
import { fold } from '../contracts/canonical-text.ts';
import { layOut } from '../contracts/data-layout.ts';
import { dateOf } from '../contracts/date-text.ts';
import type { DataSpecification } from '../contracts/pipeline-specification.ts';
import { type ColumnReader, columnReader, type TextReader, type ValueReader } from './column-reader.ts';
import { numberOf } from './number-text.ts';
import { clipValue, type RowProblem, type Rule } from './row-problem.ts';
import { emptyRow, type RowValues } from './row-values.ts';

/** Cells as they came, blanks around them or not; an absent one is blank. */
export type Cells = readonly (string | null | undefined)[];

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f]/;
const ASCII = /^[\0-\x7f]*$/;
/** Texts whose meaning is remembered, by column. */
const REMEMBERED = 4096;
const NO_CATEGORY = -1;

export class Cleaning {
  /** Names of the cells that `read` takes, in order. */
  readonly columns: readonly string[];
  /** What the last `read` found. */
  readonly row: RowValues;
  readonly #readers: readonly ColumnReader[];
  readonly #known: readonly Map<string, number>[];

  constructor(readers: readonly ColumnReader[], row: RowValues) {
    this.columns = readers.map(({ name }) => name);
    this.row = row;
    this.#readers = readers;
    this.#known = readers.map(() => new Map());
  }

  /** Fills `row`, or answers why the row is put aside. */
  read(cells: Cells): RowProblem | undefined {
    const readers = this.#readers;
    const { missing, wasMissing } = this.row;
    for (let index = 0; index < readers.length; index++) {
      const reader = readers[index]!;
      const { at } = reader;
      const text = cells[index]?.trim() ?? '';
      missing[at] = 0;
      wasMissing[at] = 0;
      const problem =
        text === '' || reader.blanks?.has(text)
          ? leaveOut(this.row, reader, text)
          : reader.kind === 'text'
            ? this.#text(reader, index, text)
            : this.#value(reader, text);
      if (problem) return problem;
    }
    return undefined;
  }

  #value(reader: ValueReader, text: string): RowProblem | undefined {
    const { kind, minimum, maximum, largest } = reader;
    const value = kind === 'date' ? dateOf(text, reader.formats) : numberOf(text);
    const wrong =
      !(value >= -largest && value <= largest) || (kind === 'integer' && !Number.isInteger(value));
    if (wrong) return problemOf(unreadable(reader, value, text), reader.name, text);
    // Adding 0 turns -0 into 0.
    if (value >= minimum && value <= maximum) this.row.values[reader.at] = value + 0;
    else if (reader.outside === 'clip') this.row.values[reader.at] = value < minimum ? minimum : maximum;
    else if (reader.outside === 'null') return leaveOut(this.row, reader, text);
    else return problemOf('out-of-range', reader.name, text);
    return undefined;
  }

  #text(reader: TextReader, index: number, text: string): RowProblem | undefined {
    const { at, categories, unknown } = reader;
    if (CONTROL.test(text)) return problemOf('control-character', reader.name, text);
    const category = categories.length === 0 ? NO_CATEGORY : this.#category(reader, index, text);
    if (category !== NO_CATEGORY) {
      this.row.values[at] = category;
      this.row.texts[at] = categories[category]!;
      return undefined;
    }
    if (unknown === 'quarantine') return problemOf('unknown-value', reader.name, text);
    if (unknown === 'null') return leaveOut(this.row, reader, text);
    this.row.values[at] = Number.NaN;
    this.row.texts[at] = ASCII.test(text) ? text : text.normalize('NFC');
    return undefined;
  }

  #category({ spellings }: TextReader, index: number, text: string): number {
    const known = this.#known[index]!;
    const remembered = known.get(text);
    if (remembered !== undefined) return remembered;
    const category = spellings.get(fold(text)) ?? NO_CATEGORY;
    if (known.size >= REMEMBERED) known.clear();
    known.set(text, category);
    return category;
  }
}

function unreadable({ kind }: ValueReader, value: number, text: string): Rule {
  if (CONTROL.test(text)) return 'control-character';
  if (kind === 'date') return 'not-a-date';
  if (kind === 'number') return Number.isNaN(value) ? 'not-a-number' : 'out-of-range';
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? 'out-of-range' : 'not-an-integer';
}

function problemOf(rule: Rule, column: string, text: string): RowProblem {
  return { rule, column, value: clipValue(text) };
}

/** What a missing value means for its row: step 4 of *clean*. `text` is the cell as it stood. */
export function leaveOut(row: RowValues, reader: ColumnReader, text: string): RowProblem | undefined {
  const { at, name, missing } = reader;
  if (missing === 'quarantine') return problemOf('missing', name, text);
  if (missing === 'drop') return { ...problemOf('missing', name, text), dropped: true };
  row.wasMissing[at] = 1;
  if (missing === 'stay') {
    row.missing[at] = 1;
    row.values[at] = Number.NaN;
    row.texts[at] = '';
  } else {
    put(row, reader, missing.constant);
  }
  return undefined;
}

/** A value that no cell held: a constant or a fitted fill. */
export function put(row: RowValues, reader: ColumnReader, value: number | string): void {
  const { at } = reader;
  row.missing[at] = 0;
  if (reader.kind === 'text') {
    row.texts[at] = String(value);
    const category = reader.categories.indexOf(String(value));
    row.values[at] = category < 0 ? Number.NaN : category;
  } else {
    row.values[at] = Number(value);
  }
}

/** The readers of a specification's columns, in declared order. */
export const readersOf = (data: DataSpecification): readonly ColumnReader[] =>
  layOut(data).columns.map(columnReader);

/** The cleaning of whole rows, the target among the cells. */
export function compileCleaning(data: DataSpecification): Cleaning {
  const readers = readersOf(data);
  return new Cleaning(readers, emptyRow(readers.length, data.derive.length));
}
