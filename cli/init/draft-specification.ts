/** A first specification for a table that nobody has described yet. Pure. */
import { columnNames } from '../../shared/contracts/column-names.ts';
import { CliError, exitCode } from '../exit.ts';
import { blankWordsOf, withoutWords } from './blank-words.ts';
import { type Comment, type DraftColumn, isLeftOut, type LeftOut, quoted } from './draft.ts';
import { draftColumn } from './draft-column.ts';
import { foldFamilies } from './families.ts';
import { featureNames, withDistinctFeatures } from './feature-names.ts';
import { type HashedColumn, sharesFor } from './hashed-sides.ts';
import { hyperparametersOf } from './hyperparameters.ts';
import { type Requirement, requirementOf } from './requirement.ts';
import type { Sample } from './sample.ts';
import { noSuchColumn, type Task, taskOf } from './task.ts';

export interface Wish {
  /** Of the file, as messages name it. */
  readonly file: string;
  readonly pipeline: string;
  readonly target: string;
  /** Where editors find the JSON Schema. */
  readonly schema: string;
  /** More declarations than this are cut off. */
  readonly mostDeclarations: number;
}

export interface DraftedSpecification {
  readonly specification: Readonly<Record<string, unknown>>;
  readonly comments: readonly Comment[];
}

/** Rows set aside that a first specification puts up with. */
const MOST_ASIDE = 0.15;
/** From here on repeated rows are how the table is, not an accident. */
const NATURAL_REPEATS = 0.03;
const MOST_NAME = 128;
const ORDERED = 0.95;

/** Throws a CliError that says why nothing can be learnt from the table. */
export function draftSpecification(seen: Sample, wish: Wish): DraftedSpecification {
  const { target } = wish;
  if (!seen.names.includes(target)) throw noSuchColumn(wish.file, target, seen.names);
  const blanks = blankWordsOf(seen, target);
  const sample = withoutWords(seen, target, blanks);
  const { names, rows, total } = sample;
  const column = (at: number) => rows.map((row) => row[at] ?? '');
  const labels = column(names.indexOf(target));
  const task = taskOf(target, names, labels, blanks.target);
  const drafted = names.flatMap((name, at): readonly (DraftColumn | LeftOut)[] => {
    if (name === target) return [];
    const unusable = unusableName(name, names);
    if (unusable !== undefined) return [{ name, why: unusable }];
    return [draftColumn({ name, cells: column(at), labels, total })];
  });
  const { kept, leftOut, aside: gone } = withinReason(drafted, task, rows.length);
  const aside = gone.size / rows.length;
  const { columns, cut } = declarations(kept, names, task, wish.mostDeclarations);
  const features = columns.filter(({ isFeature }) => isFeature);
  if (features.length === 0)
    throw new CliError(
      `Beside "${target}" ${wish.file} has no column that a model could learn from`,
      exitCode.badData,
    );
  const wide = features.reduce((sum, { declared }) => sum + featureNames(declared).length, 0);
  const alive = rows.filter((_, at) => !gone.has(at) && labels[at] !== '');
  const shares = sharesFor(hashedColumns(columns, names, alive, target), alive.length, sidesOf(total));
  const clean = Math.max(1, total * (1 - aside - task.blank));
  const requirement = requirementOf(task, Math.max(1, clean * shares.test));
  const repeats = repeatsOf(sample, new Set(leftOut.map(({ name }) => name)));
  const data = {
    ...(sample.delimiter === undefined || sample.delimiter === ',' ? {} : { delimiter: sample.delimiter }),
    ...(blanks.all.length === 0 ? {} : { blanks: blanks.all }),
    columns: columns.map(({ declared }) => declared),
    target,
    features: features.map(({ declared }) => declared.name),
    duplicates: repeats > NATURAL_REPEATS ? 'keep' : 'drop',
    split: shares,
    quality: qualityOf(task, columns, total, aside),
  };
  return {
    specification: {
      $schema: wish.schema,
      name: wish.pipeline,
      description: `Predicts ${target}`.slice(0, 500),
      data,
      train: {
        image: 'xgboost',
        hyperparameters: hyperparametersOf(task, total, wide),
        maximumRuntime: '1 hour',
      },
      evaluate: {
        metric: requirement.metric,
        prediction: requirement.prediction,
        required: requirement.required,
        margin: requirement.margin,
      },
      deploy: { records: 'raw', canary: { weights: [0.1, 0.5], minimumRequests: 200 } },
    },
    comments: [
      ...columnComments(columns),
      ...dataComments(wish, sample, task, [...leftOut, ...cut], repeats),
      ...splitComments(sample, columns, shares),
      ...gateComments(task, requirement),
    ],
  };
}

function unusableName(name: string, names: readonly string[]): string | undefined {
  if (names.indexOf(name) !== names.lastIndexOf(name)) return 'the header has this name more than once';
  if (name === '') return 'no name';
  if (name.length > MOST_NAME) return `its name has more than ${MOST_NAME} characters`;
  return /\{\d+\.\.\d+\}/.test(name) ? 'its name would declare a family of columns' : undefined;
}

/** Columns whose unreadable cells would cost too many rows are left out, the worst of them. */
function withinReason(drafted: readonly (DraftColumn | LeftOut)[], task: Task, rows: number) {
  const leftOut = drafted.filter(isLeftOut);
  const whole = drafted.filter((one): one is DraftColumn => !isLeftOut(one));
  const aside = new Set(task.setAside);
  const limit = aside.size + MOST_ASIDE * rows;
  const costly = new Set<DraftColumn>();
  for (const column of [...whole].sort((a, b) => a.setAside.length - b.setAside.length)) {
    const after = new Set([...aside, ...column.setAside]);
    if (column.setAside.length > 0 && after.size > limit) {
      costly.add(column);
      const share = Math.round((100 * column.setAside.length) / rows);
      leftOut.push({
        name: column.column.name,
        why: `${share} % of its cells cannot be read (${column.comment ?? ''}); those that mean "no value" could stand in "blanks"`,
      });
    } else for (const at of column.setAside) aside.add(at);
  }
  const distinct = withDistinctFeatures(whole.filter((column) => !costly.has(column)));
  return { kept: distinct.kept, leftOut: [...leftOut, ...distinct.leftOut], aside };
}

interface Declaration {
  readonly declared: DraftColumn['column'];
  readonly isFeature: boolean;
  readonly comment?: string;
  readonly blank: number;
}

/** The target stands where the file has it. */
function declarations(
  kept: readonly DraftColumn[],
  names: readonly string[],
  task: Task,
  most: number,
): { columns: readonly Declaration[]; cut: readonly LeftOut[] } {
  const target: DraftColumn = { column: task.column, isFeature: false, setAside: [], blank: task.blank };
  const place = new Map(names.map((name, at) => [name, at]));
  const chosen = kept.some(({ isFeature }) => isFeature) ? kept : kept.map(asFeature);
  const all = [...chosen, target].sort((a, b) => place.get(a.column.name)! - place.get(b.column.name)!);
  const alike = ({ column: { name, ...rest }, isFeature, comment }: DraftColumn) =>
    name === task.column.name ? name : JSON.stringify([rest, isFeature, comment]);
  const folded = foldFamilies(all, ({ column }) => column.name, alike);
  const isKept = (name: string, at: number) => at < most - 1 || name === task.column.name;
  const columns = folded
    .filter(({ name }, at) => isKept(name, at))
    .map(({ name, first }) => ({
      declared: { ...first.column, name },
      isFeature: first.isFeature,
      blank: first.blank,
      ...(first.comment === undefined ? {} : { comment: first.comment }),
    }));
  const cut = folded
    .filter(({ name }, at) => !isKept(name, at))
    .map(({ name }) => ({ name, why: `more than ${most} declarations` }));
  return { columns, cut };
}

/** Where nothing else is there, a key may be all there is to learn from: the number of a row is its time. */
const asFeature = (column: DraftColumn): DraftColumn => {
  if (column.column.type === 'text') return column;
  const { comment: _, ...rest } = column;
  return { ...rest, isFeature: true };
};

function hashedColumns(
  columns: readonly Declaration[],
  names: readonly string[],
  rows: Sample['rows'],
  target: string,
): HashedColumn[] {
  return columns.flatMap(({ declared }) =>
    columnNames(declared.name)
      .filter((name) => name !== target)
      .map((name) => {
        const at = names.indexOf(name);
        return { column: declared, cells: rows.map((row) => row[at]!) };
      }),
  );
}

function sidesOf(total: number): { readonly test: number; readonly validation: number } {
  if (total < 500) return { test: 0.25, validation: 0.15 };
  return total < 5000 ? { test: 0.2, validation: 0.1 } : { test: 0.15, validation: 0.1 };
}

/** Share of the sampled rows that equal an earlier one in every column that is declared. */
function repeatsOf({ names, rows }: Sample, without: ReadonlySet<string>): number {
  const declared = names.flatMap((name, at) => (without.has(name) ? [] : [at]));
  const seen = new Set(rows.map((row) => JSON.stringify(declared.map((at) => row[at]))));
  return 1 - seen.size / rows.length;
}

const down = (value: number): number => Math.max(0, Math.floor(value * 1000) / 1000);
const MOST_COMPLETENESS = 10;

function qualityOf(task: Task, columns: readonly Declaration[], total: number, aside: number) {
  const gaps = columns
    .filter(({ declared, blank }) => blank > 0 && !declared.name.includes('{'))
    .sort((a, b) => b.blank - a.blank)
    .slice(0, MOST_COMPLETENESS)
    .map(({ declared, blank }) => ({
      check: 'completeness',
      column: declared.name,
      minimum: down(1 - blank - 0.1),
      otherwise: 'warn',
    }));
  const balance =
    task.kind === 'regression'
      ? []
      : [{ check: 'label-balance', minimum: down(Math.min(...task.shares) / 2), otherwise: 'warn' }].filter(
          ({ minimum }) => minimum > 0,
        );
  return {
    minimumRows: Math.max(10, Math.floor((total * (1 - aside - task.blank)) / 2)),
    maximumQuarantined: Math.min(0.9, Math.ceil(100 * (0.05 + 1.5 * aside)) / 100),
    checks: [...balance, ...gaps, { check: 'schema-change', otherwise: 'warn' }],
  };
}

function columnComments(columns: readonly Declaration[]): readonly Comment[] {
  return columns.flatMap(({ comment }, at) =>
    comment === undefined ? [] : [{ path: ['data', 'columns', at], above: comment }],
  );
}

const MOST_LISTED = 40;

function dataComments(
  { file }: Wish,
  { total, rows, notes }: Sample,
  task: Task,
  leftOut: readonly LeftOut[],
  repeats: number,
): readonly Comment[] {
  const seen = rows.length === total ? `all ${total} rows` : `${rows.length} of ${total} rows`;
  const named = leftOut.slice(0, MOST_LISTED).map(({ name, why }) => `  ${quoted(name)}: ${why}`);
  const rest = leftOut.length - named.length;
  const missing = [...named, ...(rest > 0 ? [`  … and ${rest} more`] : [])];
  const out = missing.length === 0 ? [] : ['Not declared, and so not read:', ...missing];
  const noted = notes.map((note) => `  ${note}`);
  return [
    {
      path: ['name'],
      above: `Drafted from ${seen} of ${quoted(file)}. Every key is explained where an editor shows the schema.`,
    },
    { path: ['data', 'blanks'], above: BLANKS },
    { path: ['data', 'columns'], above: [...out, ...noted, OUTLIERS].join('\n') },
    { path: ['data', 'target'], above: targetComment(task) },
    { path: ['data', 'features'], above: 'What the model sees; all that a column becomes comes with it.' },
    {
      path: ['data', 'duplicates'],
      behind:
        repeats > NATURAL_REPEATS
          ? `${Math.round(100 * repeats)} % of the rows equal another one: that is how this table is`
          : 'of rows that are equal in every declared column the first stays',
    },
    { path: ['data', 'quality', 'minimumRows'], behind: 'fewer clean rows reject a drop: something is lost' },
    { path: ['data', 'quality', 'maximumQuarantined'], behind: 'so does a larger share of rows set aside' },
  ];
}

const BLANKS =
  'Texts that mean "no value", as an empty cell does, in every column without "blanks" of its own';
const OUTLIERS =
  'Outliers stay as they are; a number column could say: outliers: { method: iqr, then: clip }';

function targetComment(task: Task): string {
  switch (task.kind) {
    case 'regression':
      return 'A number is predicted.';
    case 'binary':
      return `Two classes: the model answers the probability of ${quoted(task.classes[1]!)}.`;
    case 'multi-class': {
      const shown = task.classes.slice(0, 12).map((name, at) => `${at} = ${quoted(name)}`);
      return `${task.classes.length} classes: the model answers a position, ${shown.join(', ')}${task.classes.length > 12 ? ', …' : ''}.`;
    }
  }
}

function splitComments(
  { names, rows }: Sample,
  columns: readonly Declaration[],
  { test, validation }: { test: number; validation: number },
): readonly Comment[] {
  const ordering = columns.find(({ declared }) => {
    if (declared.type !== 'date') return false;
    const at = names.indexOf(declared.name);
    const cells = rows.map((row) => row[at] ?? '').filter((cell) => cell !== '');
    const rising = cells.filter((cell, i) => i > 0 && cell >= cells[i - 1]!).length;
    return cells.length > 1 && new Set(cells).size > 10 && rising >= ORDERED * (cells.length - 1);
  });
  const kept = 'A row falls on the same side in every version of the dataset.';
  if (!ordering) return [{ path: ['data', 'split'], above: kept }];
  const option = `{ by: time, column: ${quoted(ordering.declared.name)}, test: ${test}, validation: ${validation} }`;
  return [
    {
      path: ['data', 'split'],
      above: `${kept} The rows are in the order of a date: to be judged on the latest rows instead, as in earnest, write: ${option}`,
    },
  ];
}

function gateComments(task: Task, { required, metric, trivial, says }: Requirement): readonly Comment[] {
  const better = metric === 'accuracy' ? 'higher' : 'lower';
  const figure = Number(trivial.toPrecision(3));
  return [
    {
      path: ['evaluate', 'required'],
      above: `${better} is better; ${says} gives ${figure}. ${required} lets a first model pass: ask for more once you know what can be had`,
    },
    { path: ['evaluate', 'margin'], behind: 'how much worse than the champion a candidate may be' },
    { path: ['deploy', 'records'], behind: 'applications send records as they were dropped' },
    ...(task.kind === 'multi-class'
      ? []
      : [{ path: ['train', 'hyperparameters', 'base_score'], behind: 'where the first tree starts from' }]),
  ];
}
