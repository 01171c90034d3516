/** What is to be learnt: what the target's cells say. Pure. */
import { nearest } from '../../shared/contracts/did-you-mean.ts';
import { CliError, exitCode } from '../exit.ts';
import { kindOf } from './cell-kinds.ts';
import { quoted, type WrittenColumn } from './draft.ts';
import { canonicalOf, type Spelt, speltTogether } from './spellings.ts';

export interface Classification {
  readonly kind: 'binary' | 'multi-class';
  readonly column: WrittenColumn;
  /** Names by position: what the model's answers mean. */
  readonly classes: readonly string[];
  /** Share of the rows, by position. */
  readonly shares: readonly number[];
}

export interface Regression {
  readonly kind: 'regression';
  readonly column: WrittenColumn;
  readonly values: readonly number[];
  readonly mean: number;
}

export type Task = (Classification | Regression) & {
  /** Positions of the sampled rows without a label that can be read. */
  readonly setAside: readonly number[];
  /** Share of the sampled rows without any. */
  readonly blank: number;
};

/** Whole numbers of so few values are classes, if each is met often enough. */
const FEW_NUMBERS = 10;
const MOST_CLASSES = 100;
const ROWS_A_CLASS = 5;
const LEAST_ROWS = 10;
/** Squares of less are nothing to a model, which computes in single precision. */
const LEAST_DIFFERENCE = 1e-18;
const POSITIVE = new Set([
  ...['yes', 'y', 'true', 't', '1', 'positive', 'pos', 'present', 'success', 'case', 'churn', 'churned'],
  ...[
    'default',
    'fraud',
    'spam',
    'malignant',
    'm+',
    'abnormal',
    'sick',
    'survived',
    'good',
    'win',
    'won',
    '>50k',
  ],
]);

/** Of cells without blank words: a blank one is ''. `blanks` are those that the target has for itself. */
export function taskOf(
  name: string,
  names: readonly string[],
  cells: readonly string[],
  blanks?: readonly string[],
): Task {
  refuseUnusable(name, names, cells);
  const present = cells.filter((cell) => cell !== '');
  const blank = cells.filter((cell) => cell === '').length / cells.length;
  const kind = kindOf(name, present);
  const missing: Partial<WrittenColumn> = {
    ...(blanks ? { blanks: [...blanks] } : {}),
    ...(blank > 0 ? { missing: 'drop' } : {}),
  };
  const rest = { blank, setAside: asideOf(cells, kind) };
  if (kind.kind === 'date')
    throw bad(`"${name}" holds dates; a model predicts numbers or classes: name another target`);
  if (kind.kind === 'text') return { ...classesOfText(name, present, missing, kind.looksNumeric), ...rest };
  const values = present.map(Number).filter((value) => !Number.isNaN(value));
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  if (distinct.length === 1) throw oneClass(name, String(distinct[0]));
  const areClasses =
    distinct.length === 2 ||
    (kind.kind === 'integer' &&
      distinct.length <= FEW_NUMBERS &&
      values.length >= ROWS_A_CLASS * distinct.length);
  if (areClasses) return { ...classesOfNumbers(name, present, distinct, missing), ...rest };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (!values.some((value) => Math.abs(value - mean) > LEAST_DIFFERENCE))
    throw oneClass(name, String(values[0]));
  return { kind: 'regression', column: { name, type: kind.kind, ...missing }, values, mean, ...rest };
}

function asideOf(cells: readonly string[], kind: ReturnType<typeof kindOf>): number[] {
  const unreadable = new Set('unreadable' in kind ? kind.unreadable : []);
  return cells.flatMap((cell, at) => (unreadable.has(cell) ? [at] : []));
}

function refuseUnusable(name: string, names: readonly string[], cells: readonly string[]): void {
  const present = cells.filter((cell) => cell !== '');
  if (names.filter((other) => other === name).length > 1)
    throw bad(`The header names "${name}" more than once: rename one of them`);
  if (present.length === 0) throw bad(`The target "${name}" is blank in every row`);
  if (cells.length < LEAST_ROWS)
    throw bad(
      `${cells.length} ${cells.length === 1 ? 'row is' : 'rows are'} too few to learn from: ${LEAST_ROWS} are the least, hundreds are better`,
    );
}

/** The error for a column that is not there. */
export function noSuchColumn(file: string, name: string, names: readonly string[]): CliError {
  const same = names.find((other) => other.toLowerCase() === name.toLowerCase());
  const meant = same ?? nearest(name, names);
  const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`;
  const shown = names
    .filter((other) => other !== '')
    .slice(0, 20)
    .map((other) => JSON.stringify(other));
  const headless =
    names.length > 1 && names.filter((other) => /^[+-]?[\d.]+$/.test(other)).length > names.length / 2;
  const advice = headless
    ? '. Its first line looks like data: add a line with the columns’ names'
    : `. It has ${shown.join(', ')}${names.length > 20 ? ', …' : ''}`;
  return bad(`${file} has no column "${name}"${hint}${advice}`);
}

function classesOfText(
  name: string,
  present: readonly string[],
  missing: Partial<WrittenColumn>,
  looksNumeric: boolean,
): Classification {
  const found = speltTogether(present);
  if (found.length === 1) throw oneClass(name, found[0]!.name);
  if (found.length > MOST_CLASSES || found.length * 2 > present.length) {
    const advice = looksNumeric
      ? 'its numbers must be written with a decimal point and nothing else, such as 1234.5'
      : `classes are up to ${MOST_CLASSES} texts that each recur; name another target`;
    throw bad(
      `"${name}" holds ${found.length} different texts in ${present.length} rows (such as ${quoted(found[0]!.name)}): ${advice}`,
    );
  }
  return classification(name, found.length === 2 ? negativeFirst(found) : found, present.length, missing);
}

/** The model's probability is that of the second: what the question is about, else the rarer one. */
function negativeFirst([frequent, rare]: readonly Spelt[]): readonly Spelt[] {
  const swap = POSITIVE.has(frequent!.name.toLowerCase()) && !POSITIVE.has(rare!.name.toLowerCase());
  return swap ? [rare!, frequent!] : [frequent!, rare!];
}

function classification(
  name: string,
  found: readonly Spelt[],
  rows: number,
  missing: Partial<WrittenColumn>,
): Classification {
  const canonical = canonicalOf(found);
  // Names that are whole numbers come first, whatever the order (docs/data.md leaves it to JSON's keys).
  const classes = Object.keys(canonical);
  const counts = new Map(found.map((one) => [one.name, one.count]));
  return {
    kind: classes.length === 2 ? 'binary' : 'multi-class',
    column: { name, type: 'text', canonical, ...missing },
    classes,
    shares: classes.map((one) => counts.get(one)! / rows),
  };
}

/** 0, 1, 2 … are positions as they are; other numbers are names of classes. */
function classesOfNumbers(
  name: string,
  present: readonly string[],
  distinct: readonly number[],
  missing: Partial<WrittenColumn>,
): Classification {
  const numbers = present
    .map((cell) => ({ cell, value: Number(cell) }))
    .filter(({ value }) => !Number.isNaN(value));
  const counts = distinct.map((one) => numbers.filter(({ value }) => value === one).length);
  if (distinct.every((value, at) => value === at)) {
    return {
      kind: distinct.length === 2 ? 'binary' : 'multi-class',
      column: { name, type: 'integer', minimum: 0, maximum: distinct.length - 1, ...missing },
      classes: distinct.map(String),
      shares: counts.map((count) => count / numbers.length),
    };
  }
  const found = distinct.map((one, at): Spelt => {
    const spelt = speltTogether(numbers.filter(({ value }) => value === one).map(({ cell }) => cell));
    const spellings = spelt.flatMap((same) => [same.name, ...same.others]);
    return { name: spellings[0]!, others: spellings.slice(1), count: counts[at]! };
  });
  return classification(name, found, numbers.length, missing);
}

const bad = (message: string): CliError => new CliError(message, exitCode.badData);
const oneClass = (name: string, value: string): CliError =>
  bad(`"${name}" is ${quoted(value)} in every row, or as good as: there is nothing to tell apart`);
