/** What `result.json` must say of a prepared dataset: shared/preparation/result.ts. */
import { layOut } from '../../shared/contracts/data-layout.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { type QualityCheck, qualityChecks } from '../../shared/contracts/quality-checks.ts';
import {
  BINS,
  type ColumnSummary,
  MOST_CORRELATED,
  type PreparedResult,
  QUANTILES,
  type ReferenceColumn,
  type RuleCount,
  type Side,
  TOP_VALUES,
} from '../../shared/preparation/result.ts';
import { deviationOf, meanOf, pearson, sumOf } from './exact.ts';
import { type AsideRow, ascending, type Prepared, type ReadPart } from './reference.ts';
import { type Change, readDate, type Value } from './reference-clean.ts';

/** Without what depends on the bytes of a file or on the engine. */
export type ExpectedResult = Omit<PreparedResult, 'engine' | 'parts' | 'formatVersion'> & {
  readonly parts: readonly Omit<
    PreparedResult['parts'][number],
    'sha256' | 'versionId' | 'format' | 'ignored'
  >[];
};

export function expectedResult(
  data: DataSpecification,
  parts: readonly ReadPart[],
  prepared: Prepared,
): ExpectedResult {
  const { rows, aside } = prepared;
  const counted = parts.map(({ key, records }, part) => ({
    key,
    rows: records.length,
    ...countAside(aside.filter((row) => row.part === part)),
  }));
  const total = countAside(aside);
  const fresh = counted.filter((_, part) => parts[part]!.fresh);
  return {
    kind: 'prepared',
    parts: counted,
    rows: countSides(rows),
    ...total,
    fresh: {
      rows: fresh.reduce((sum, part) => sum + part.rows, 0),
      quarantined: fresh.reduce((sum, part) => sum + part.quarantined, 0),
    },
    rules: rulesOf(aside),
    features: layOut(data).features.map(({ name }) => name),
    columns: summaries(data, prepared),
    reference: references(data, prepared),
    changes: changes(data, prepared),
    correlations: correlations(data, prepared),
    ...nearDuplicates(data, prepared),
    shares: qualityChecks(data).map((check) => shareOf(data, check, prepared)),
    ...classes(data, prepared),
  };
}

function countAside(aside: readonly AsideRow[]) {
  const duplicates = aside.filter(({ problem }) => problem.rule === 'duplicate').length;
  const dropped = aside.filter(({ problem }) => problem.dropped).length;
  return { quarantined: aside.length - duplicates - dropped, dropped, duplicates };
}

function countSides(rows: readonly { readonly side: Side }[]): Record<Side, number> {
  const count = (side: Side) => rows.filter((row) => row.side === side).length;
  return { train: count('train'), validation: count('validation'), test: count('test') };
}

/** Most frequent first, of equally frequent ones the one whose first row comes first. */
export function rulesOf(aside: readonly AsideRow[]): readonly RuleCount[] {
  const counts = new Map<string, { rule: string; column: string | null; rows: number; example: string }>();
  for (const { problem } of aside) {
    const { rule, column, value } = problem;
    const known = counts.get(`${rule} ${column}`) ?? { rule, column, rows: 0, example: value };
    known.rows++;
    counts.set(`${rule} ${column}`, known);
  }
  return [...counts.values()].sort((a, b) => b.rows - a.rows);
}

interface Series {
  readonly name: string;
  readonly isText: boolean;
  /** Of the train rows, in order. */
  readonly values: readonly Value[];
}

/** The declared columns after fills, then the derived ones. */
function seriesOf(data: DataSpecification, { rows }: Prepared): readonly Series[] {
  const train = rows.filter(({ side }) => side === 'train');
  return [
    ...layOut(data).columns.map(({ name, column }, at) => ({
      name,
      isText: column.type === 'text',
      values: train.map(({ row }) => row.values[at]),
    })),
    ...data.derive.map(({ name }, at) => ({
      name,
      isText: false,
      values: train.map(({ derived }) => derived[at]),
    })),
  ];
}

function summaries(data: DataSpecification, prepared: Prepared): readonly ColumnSummary[] {
  return seriesOf(data, prepared).map(({ name, isText, values }) => {
    const present = values.filter((value) => value !== undefined);
    const common = { name, present: present.length, missing: values.length - present.length };
    const distinct = new Set(present).size;
    return isText
      ? { kind: 'text', ...common, distinct, top: topOf(present as string[]) }
      : { kind: 'number', ...common, distinct, ...numbersOf(present as number[]) };
  });
}

function topOf(texts: readonly string[]) {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || ascending(a.value, b.value))
    .slice(0, TOP_VALUES);
}

function numbersOf(values: readonly number[]) {
  const none = values.length === 0;
  const minimum = none ? 0 : Math.min(...values);
  const maximum = none ? 0 : Math.max(...values);
  const histogram = Array.from({ length: BINS }, () => 0);
  for (const value of values) {
    const share = maximum === minimum ? 0 : (value - minimum) / (maximum - minimum);
    histogram[Math.min(BINS - 1, Math.floor(share * BINS))]!++;
  }
  return {
    integral: values.every(Number.isInteger),
    sum: sumOf(values),
    mean: meanOf(values),
    deviation: deviationOf(values),
    minimum,
    maximum,
    histogram,
  };
}

function references(data: DataSpecification, { rows }: Prepared): readonly ReferenceColumn[] {
  const train = rows.filter(({ side }) => side === 'train');
  return layOut(data).columns.flatMap(({ name, column }, at) => {
    const names = Object.keys(column.canonical ?? {});
    if (name === data.target || (column.type === 'text' && !column.canonical)) return [];
    const values = train.map(({ before }) => {
      const value = before[at];
      if (typeof value !== 'string') return value;
      return names.includes(value) ? names.indexOf(value) : undefined;
    });
    const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
    const edges = edgesOf(sorted);
    const counts = [...edges, Number.POSITIVE_INFINITY].map(
      (edge, bin) => sorted.filter((value) => value <= edge && value > (edges[bin - 1] ?? -Infinity)).length,
    );
    return [{ name, edges, counts, missing: values.length - sorted.length }];
  });
}

function edgesOf(sorted: readonly number[]): readonly number[] {
  const n = sorted.length;
  if (n === 0) return [];
  const quantiles = Array.from(
    { length: QUANTILES - 1 },
    (_, i) => sorted[Math.ceil(((i + 1) * n) / QUANTILES) - 1]!,
  );
  return [...new Set(quantiles)];
}

function changes(data: DataSpecification, { rows }: Prepared): PreparedResult['changes'] {
  return layOut(data).columns.map(({ name }, at) => {
    const count = (change: Change) => rows.filter(({ row }) => row.changes[at]!.has(change)).length;
    return {
      name,
      blank: count('blank'),
      canonicalised: count('canonicalised'),
      nulled: count('nulled'),
      clipped: count('clipped'),
      filled: count('filled'),
    };
  });
}

function correlations(data: DataSpecification, prepared: Prepared): PreparedResult['correlations'] {
  const series = seriesOf(data, prepared)
    .filter(({ isText }) => !isText)
    .slice(0, MOST_CORRELATED);
  const r = series.map((a, row) =>
    series.map((b, column) => {
      if (row === column) return 1;
      const both = a.values
        .map((_, at) => at)
        .filter((at) => a.values[at] !== undefined && b.values[at] !== undefined);
      return pearson(
        both.map((at) => a.values[at] as number),
        both.map((at) => b.values[at] as number),
      );
    }),
  );
  return { names: series.map(({ name }) => name), r };
}

function nearDuplicates(data: DataSpecification, { rows }: Prepared): Pick<PreparedResult, 'nearDuplicates'> {
  if (!qualityChecks(data).some(({ check }) => check === 'near-duplicates')) return {};
  const rounded = ({ features }: Prepared['rows'][number]) =>
    features.map((value) => (typeof value === 'number' ? Number(value.toPrecision(3)) : '')).join(',');
  const known = new Set(rows.filter(({ side }) => side === 'train').map(rounded));
  const heldOut = new Set(rows.filter(({ side }) => side !== 'train').map(rounded));
  return { nearDuplicates: [...heldOut].filter((row) => known.has(row)).length };
}

function classes(data: DataSpecification, { rows }: Prepared): Pick<PreparedResult, 'classes'> {
  const { columns, target } = layOut(data);
  const { column } = columns[target]!;
  if (column.type === 'number') return {};
  const names = Object.keys(column.canonical ?? {});
  const present = [...new Set(rows.map((row) => row.target))].sort((a, b) => a - b);
  if (present.length > TOP_VALUES) return {};
  return {
    classes: present.map((position) => ({
      value: names[position] ?? String(position),
      ...countSides(rows.filter((row) => row.target === position)),
    })),
  };
}

/** The share that a gate looks at, over the rows as step 1 left them. */
function shareOf(data: DataSpecification, check: QualityCheck, prepared: Prepared): number | null {
  const { rows } = prepared;
  const { columns, target } = layOut(data);
  const at = (name: string) => columns.findIndex((column) => column.name === name);
  const share = (some: number, all: number) => (all === 0 ? 1 : some / all);
  switch (check.check) {
    case 'completeness':
      return share(rows.filter(({ missingBefore }) => !missingBefore[at(check.column)]).length, rows.length);
    case 'uniqueness': {
      const keys = rows.map(({ before }) =>
        JSON.stringify(check.columns.map((name) => before[at(name)] ?? null)),
      );
      return share(new Set(keys).size, rows.length);
    }
    case 'allowed-values': {
      const values = rows
        .map(({ before }) => before[at(check.column)])
        .filter((value) => value !== undefined);
      const { type } = columns[at(check.column)]!.column;
      const allowed = check.values.map((value) =>
        type === 'date' ? readDate(String(value).trim(), ['YYYY-MM-DD']) : value,
      );
      return share(values.filter((value) => allowed.includes(value)).length, values.length);
    }
    case 'label-balance': {
      if (rows.length === 0) return 0;
      const values = rows.map(({ before }) => before[target]);
      const declared: readonly Value[] = Object.keys(columns[target]!.column.canonical ?? {});
      const counts = [...new Set([...declared, ...values])].map(
        (one) => values.filter((value) => value === one).length,
      );
      return Math.min(...counts) / rows.length;
    }
    case 'near-duplicates': {
      const heldOut = rows.filter(({ side }) => side !== 'train').length;
      return heldOut === 0 ? 0 : nearDuplicates(data, prepared).nearDuplicates! / heldOut;
    }
    case 'schema-change':
      return null;
  }
}
