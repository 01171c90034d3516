/** The row engine beside the reference: each record alone, with what was fitted on all. */
import { layOut } from '../../shared/contracts/data-layout.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { compileCleaning } from '../../shared/preparation/cleaning.ts';
import type { RowProblem } from '../../shared/preparation/row-problem.ts';
import { compileRecord } from '../../shared/preparation/row-program.ts';
import { close } from './close.ts';
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
  const cleaning = readable.flatMap(({ part, record }) => cleaningDifference(data, part, record));
  if (expected.kind === 'rejected') return cleaning;
  return [
    ...cleaning,
    ...readable.flatMap(({ part, record }) => recordDifference(data, part, record, expected)),
  ];
}

function cleaningDifference(
  data: DataSpecification,
  part: number,
  { line, cells }: ReadRecord,
): readonly string[] {
  const cleaning = compileCleaning(data);
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

/** Only rows that were not put aside because of others can be compared. */
function recordDifference(
  data: DataSpecification,
  part: number,
  { line, cells }: ReadRecord,
  expected: Prepared,
): readonly string[] {
  const { target } = layOut(data);
  const at = (row: { part: number; line: number }) => row.part === part && row.line === line;
  const aside = expected.aside.find(at)?.problem;
  if (aside && (aside.rule === 'duplicate' || aside.column === data.target)) return [];
  const answer = compileRecord(data, expected.fitted).transform(
    (cells as Texts).filter((_, index) => index !== target),
  );
  const wanted: RowProblem | readonly Value[] = aside ?? expected.rows.find(at)!.features;
  const found = answer.kind === 'problem' ? answer.problem : [...answer.features];
  const agree =
    Array.isArray(wanted) && Array.isArray(found)
      ? wanted.every((value, index) => close(value, Number.isNaN(found[index]) ? undefined : found[index]))
      : same(found, wanted);
  return agree ? [] : [`part ${part}, line ${line}: ${shown(found)}, not ${shown(wanted)}`];
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
