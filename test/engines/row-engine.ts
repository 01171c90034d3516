/** The row engine beside the reference: each record alone, with what was fitted on all. */
import { layOut } from '../../shared/contracts/data-layout.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { type Cleaning, compileCleaning } from '../../shared/preparation/cleaning.ts';
import type { RowProblem } from '../../shared/preparation/row-problem.ts';
import {
  compileRecord,
  type ObservedRecord,
  type RowProgram,
  type TransformedRecord,
} from '../../shared/preparation/row-program.ts';
import type { Engine } from './engine.ts';
import { type Prepared, type ReadPart, type ReadRecord, type Refused, reference } from './reference.ts';
import { clean, Nested, type Value } from './reference-clean.ts';

export const rowEngine: Engine = {
  name: 'row',
  async prepare(cases) {
    return cases.map(({ data, parts }) => ({
      kind: 'compared',
      sentences: rowEngineDifferences(data, parts, reference(data, parts)),
    }));
  },
  async stop() {},
};

type Texts = readonly string[];

/** What the row engine does otherwise, a sentence for each record. */
export function rowEngineDifferences(
  data: DataSpecification,
  parts: readonly ReadPart[],
  expected: Prepared | Refused,
): readonly string[] {
  const records = parts.flatMap(({ records: of }, part) => of.map((record) => ({ part, record })));
  const readable = records.filter(({ record }) => record.cells?.every((cell) => !(cell instanceof Nested)));
  const cleaning = compileCleaning(data);
  const differences = readable.flatMap(({ part, record }) =>
    cleaningDifference(data, cleaning, part, record),
  );
  if (expected.kind === 'rejected') return differences;
  const program = compileRecord(data, expected.fitted);
  const known = new Map<string, Known>();
  for (const row of expected.rows) known.set(`${row.part} ${row.line}`, row);
  for (const row of expected.aside) known.set(`${row.part} ${row.line}`, row.problem);
  return [
    ...differences,
    ...readable.flatMap(({ part, record }) => {
      const wanted = known.get(`${part} ${record.line}`)!;
      return recordDifference(data, program, part, record, wanted);
    }),
  ];
}

type Known = Prepared['rows'][number] | RowProblem;

function cleaningDifference(
  data: DataSpecification,
  cleaning: Cleaning,
  part: number,
  { line, cells }: ReadRecord,
): readonly string[] {
  const problem = cleaning.read(cells as Texts);
  const wanted = clean(data, cells!);
  const { columns } = layOut(data);
  const { values, texts, missing, wasMissing } = cleaning.row;
  const found = problem ?? {
    values: columns.map(({ column }, at): Value => {
      if (missing[at]) return undefined;
      return column.type === 'text' ? texts[at] : values[at];
    }),
    wasMissing: columns.map((_, at) => wasMissing[at] === 1),
  };
  const expected = 'rule' in wanted ? wanted : { values: wanted.values, wasMissing: wanted.wasMissing };
  return same(found, expected)
    ? []
    : [`part ${part}, line ${line}: cleaned to ${shown(found)}, not ${shown(expected)}`];
}

/** Only rows that were not put aside because of others, or of their target, can be compared. */
function recordDifference(
  data: DataSpecification,
  program: RowProgram,
  part: number,
  { line, cells }: ReadRecord,
  wanted: Known,
): readonly string[] {
  const { target } = layOut(data);
  const sent = (cells as Texts).filter((_, index) => index !== target);
  if ('rule' in wanted) {
    if (wanted.rule === 'duplicate' || wanted.column === data.target) return [];
    const answer = program.transform(sent);
    const found = answer.kind === 'problem' ? answer.problem : [...answer.features];
    return same(found, wanted) ? [] : [`part ${part}, line ${line}: ${shown(found)}, not ${shown(wanted)}`];
  }
  const features = answerOf(program.transform(sent));
  const observed = answerOf(program.observe(sent));
  const before = program.observed.map((name) => positionOf(data, wanted, name));
  const agree = wanted.features.every((value, at) => value === features[at]) && same(observed, before);
  return agree
    ? []
    : [`part ${part}, line ${line}: ${shown([features, observed])}, not ${shown([wanted.features, before])}`];
}

/** Values with missing ones undefined; or the reason. */
function answerOf(answer: TransformedRecord | ObservedRecord): readonly unknown[] {
  if (answer.kind === 'problem') return [answer.reason];
  const values = answer.kind === 'features' ? answer.features : answer.values;
  return [...values].map((value) => (Number.isNaN(value) ? undefined : value));
}

/** What monitoring sees of a column: a number, or the position of a canonical name. */
function positionOf(data: DataSpecification, { before }: Prepared['rows'][number], name: string): Value {
  const { columns } = layOut(data);
  const at = columns.findIndex((column) => column.name === name);
  const value = before[at];
  if (typeof value !== 'string') return value;
  const position = Object.keys(columns[at]!.column.canonical!).indexOf(value);
  return position < 0 ? undefined : position;
}

const same = (a: unknown, b: unknown): boolean => shown(a) === shown(b);

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, member) =>
    Object.is(member, -0) ? '-0' : member === undefined || Number.isNaN(member) ? null : sorted(member),
  );

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
