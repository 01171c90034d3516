/** The row-wise part of the engine: cells in, features or a reason out. It needs no other row, so that batch and
 * online give the same answer. */
import { fold } from '../../../shared/contracts/canonical-text.ts';
import { layOut } from '../../../shared/contracts/data-layout.ts';
import type { DataSpecification } from '../../../shared/contracts/pipeline-specification.ts';
import { type Cells, TextCells } from './cells.ts';
import { LARGEST, type NumberRule, type RowLayout, rawLayout, type TextRule } from './row-layout.ts';
import { quoted, type RowProblem } from './row-problem.ts';

/** The program of one layout. `read` fills `target` and `features`, which the next `read` fills anew. */
export class RowProgram {
  readonly columns: readonly string[];
  readonly featureNames: readonly string[];
  /** A missing value is NaN. */
  readonly features: Float64Array;
  target = Number.NaN;
  /** Values by raw column, then by formula; a text column holds the position of its category. */
  readonly values: Float64Array;
  readonly texts: string[];
  readonly #layout: RowLayout;
  readonly #sources: Int32Array;
  /** The category that makes a one-hot feature 1; -1 for a plain feature. */
  readonly #categories: Int32Array;

  constructor(layout: RowLayout) {
    const { columns, derived, features } = layout;
    this.#layout = layout;
    this.columns = columns.map(({ name }) => name);
    this.featureNames = features.map(({ name }) => name);
    this.features = new Float64Array(features.length);
    this.values = new Float64Array(columns.length + derived.length);
    this.texts = columns.map(() => '');
    this.#sources = Int32Array.from(features, (feature) =>
      feature.kind === 'derived' ? columns.length + feature.derived : feature.at,
    );
    this.#categories = Int32Array.from(features, (feature) =>
      feature.kind === 'category' ? feature.category : -1,
    );
  }

  /** Answers why the row cannot be used, or undefined. */
  read(cells: Cells): RowProblem | undefined {
    const { columns, target } = this.#layout;
    for (let at = 0; at < columns.length; at++) {
      const rule = columns[at]!;
      if (rule.kind === 'number') {
        const value = cells.number(at);
        if (
          value >= rule.minimum &&
          value <= rule.maximum &&
          (!rule.integer || Math.trunc(value) === value)
        ) {
          // Adding 0 turns -0 into 0.
          this.values[at] = value + 0;
          continue;
        }
      }
      const problem = rule.kind === 'number' ? this.#odd(rule, at, cells) : this.#text(rule, at, cells);
      if (problem) return problem;
    }
    this.target = target === undefined ? Number.NaN : this.values[target]!;
    const problem = this.#derive();
    if (problem) return problem;
    this.#select();
    return undefined;
  }

  /** A number cell that is blank or wrong. */
  #odd(rule: NumberRule, at: number, cells: Cells): RowProblem | undefined {
    if (!cells.blank(at)) return numberProblem(rule, cells.text(at), cells.number(at));
    if (typeof rule.blank !== 'number' || at === this.#layout.target) return missing(rule.name);
    this.values[at] = rule.blank;
    return undefined;
  }

  #text(rule: TextRule, at: number, cells: Cells): RowProblem | undefined {
    const text = cells.blank(at) ? rule.blank : cells.text(at);
    if (typeof text !== 'string') return missing(rule.name);
    const category = text === '' || rule.spellings.size === 0 ? undefined : rule.spellings.get(fold(text));
    if (category === undefined && text !== '' && rule.quarantineUnknown) {
      const reason = `${rule.name} is ${quoted(text)}, none of the declared values`;
      return { rule: 'unknown-value', column: rule.name, value: text, reason };
    }
    this.values[at] = category ?? Number.NaN;
    this.texts[at] = category === undefined ? text.normalize('NFC') : rule.categories[category]!;
    return undefined;
  }

  #derive(): RowProblem | undefined {
    const { columns, derived } = this.#layout;
    const { values } = this;
    for (const [at, { name, formula }] of derived.entries()) {
      const value = formula(values);
      const incomplete = formula.inputs.some((input) => Number.isNaN(values[input]));
      if (!incomplete && !(Math.abs(value) <= LARGEST)) {
        return {
          rule: 'not-finite',
          column: name,
          value: String(value),
          reason: `the formula of ${name} gives no finite number`,
        };
      }
      values[columns.length + at] = incomplete ? Number.NaN : value + 0;
    }
    return undefined;
  }

  #select(): void {
    const { features, values } = this;
    for (let at = 0; at < features.length; at++) {
      const category = this.#categories[at]!;
      const value = values[this.#sources[at]!]!;
      features[at] = category < 0 ? value : value === category ? 1 : 0;
    }
  }
}

const missing = (name: string): RowProblem => ({
  rule: 'missing',
  column: name,
  value: '',
  reason: `${name} is missing`,
});

function numberProblem(
  { name, integer, minimum, maximum }: NumberRule,
  text: string,
  value: number,
): RowProblem {
  if (Number.isNaN(value)) {
    return {
      rule: 'not-a-number',
      column: name,
      value: text,
      reason: `${name} is ${quoted(text)}, which is not a number`,
    };
  }
  if (integer && Math.trunc(value) !== value) {
    return {
      rule: 'not-an-integer',
      column: name,
      value: text,
      reason: `${name} is ${quoted(text)}, which is not a whole number`,
    };
  }
  const bound =
    value < minimum ? `smaller than the allowed ${minimum}` : `larger than the allowed ${maximum}`;
  return { rule: 'out-of-range', column: name, value: text, reason: `${name} is ${quoted(text)}, ${bound}` };
}

export type TransformedRow =
  | { readonly kind: 'row'; readonly target?: number; readonly features: readonly number[] }
  | { readonly kind: 'problem'; readonly problem: RowProblem };

/** The engine for one row at a time: `columns` names the cells that `transform` takes, in order (without the target
 * unless `labelled`), `features` what it answers, a missing value as NaN. */
export interface CompiledRow {
  readonly columns: readonly string[];
  readonly features: readonly string[];
  transform(cells: readonly (string | null | undefined)[]): TransformedRow;
}

export function compileRow(data: DataSpecification, { labelled = false } = {}): CompiledRow {
  const layout = rawLayout(data, layOut(data));
  const program = new RowProgram(labelled ? layout : withoutTarget(layout));
  const target = labelled ? undefined : layout.target;
  const columns = layout.columns.map(({ name }) => name).filter((_, at) => at !== target);
  return {
    columns,
    features: program.featureNames,
    transform(given) {
      if (given.length !== columns.length)
        return { kind: 'problem', problem: wrongWidth(given.length, columns.length) };
      const cells = target === undefined ? given : [...given.slice(0, target), '0', ...given.slice(target)];
      const problem = program.read(new TextCells(cells));
      if (problem) return { kind: 'problem', problem };
      return {
        kind: 'row',
        ...(labelled ? { target: program.target } : {}),
        features: [...program.features],
      };
    },
  };
}

export function wrongWidth(found: number, expected: number): RowProblem {
  const reason = `the line has ${found} cells where ${expected} were expected`;
  return { rule: 'torn-line', column: null, value: '', reason };
}

/** Keeps the target's place, so that the other columns keep theirs, but takes any number there. */
function withoutTarget(layout: RowLayout): RowLayout {
  const columns = layout.columns.map((rule, at) =>
    at === layout.target
      ? ({ ...rule, kind: 'number', integer: false, minimum: -1, maximum: 1 } as NumberRule)
      : rule,
  );
  return { ...layout, columns, target: undefined };
}
