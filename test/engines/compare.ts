/** An engine's output beside the reference. */
import { layOut } from '../../shared/contracts/data-layout.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { Fitted } from '../../shared/preparation/fitted.ts';
import type { ColumnSummary, PreparedResult } from '../../shared/preparation/result.ts';
import { SIDES } from '../../shared/preparation/result.ts';
import type { Case } from './arbitrary-case.ts';
import { close } from './close.ts';
import type { EngineOutput } from './engine-output.ts';
import { type Exactness, exactness } from './exactness.ts';
import { readParquet } from './parquet-output.ts';
import type { Prepared, Refused } from './reference.ts';
import { expectedResult } from './reference-result.ts';

const MOST = 20;

/** Every difference as a sentence, the first twenty of them. */
export function differences(of: Case, expected: Prepared | Refused, found: EngineOutput): readonly string[] {
  const { result } = found;
  if (result?.kind === 'rejected' && ungated(expected)) return [];
  if (result?.kind !== expected.kind)
    return [
      `kind: ${result?.kind} (${result?.kind === 'rejected' ? result.reason : ''}), expected ${expected.kind}`,
    ];
  if (expected.kind === 'rejected' || result.kind === 'rejected') return [];
  const exact = exactness(of.data);
  return [
    ...quarantine(of, expected, found),
    ...rows(of.data, expected, found, exact),
    ...equal('records', recordsOf(of.data, expected), found.records),
    ...fitted(of.data, expected.fitted, found.fitted, expected),
    ...results(of, expected, result, exact),
  ].slice(0, MOST);
}

/** Every dataset needs rows to learn from and rows to be judged on: ingest's gates, no part of the contract. */
const ungated = (expected: Prepared | Refused): boolean =>
  expected.kind === 'prepared' &&
  (['train', 'test'] as const).some((side) => !expected.rows.some((row) => row.side === side));

function equal(what: string, expected: unknown, found: unknown): readonly string[] {
  if (canonical(expected) === canonical(found)) return [];
  if (!Array.isArray(expected) || !Array.isArray(found))
    return [`${what}: ${canonical(found)}, expected ${canonical(expected)}`];
  const first = expected.findIndex((member, at) => canonical(member) !== canonical(found[at]));
  const place = first < 0 ? expected.length : first;
  const length =
    found.length === expected.length ? '' : ` (${found.length} in all, expected ${expected.length})`;
  return [`${what}[${place}]: ${canonical(found[place])}, expected ${canonical(expected[place])}${length}`];
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, member) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  ) ?? 'nothing';

function near(
  what: string,
  expected: unknown,
  found: unknown,
  isExact: boolean,
  scale = 1,
): readonly string[] {
  const agree = isExact ? expected === found : close(expected, found, scale);
  return agree ? [] : [`${what}: ${found}, expected ${expected}${isExact ? ' exactly' : ''}`];
}

function quarantine({ parts }: Case, { aside }: Prepared, found: EngineOutput): readonly string[] {
  const expected = aside.map(({ part, line, problem: { rule, column, value, dropped } }) => ({
    file: parts[part]!.key,
    line,
    column,
    rule,
    value,
    ...(dropped ? { dropped } : {}),
  }));
  return equal('quarantine', expected, found.quarantine);
}

function rows(
  data: DataSpecification,
  expected: Prepared,
  found: EngineOutput,
  exact: Exactness,
): readonly string[] {
  const names = [data.target, ...layOut(data).features.map(({ name }) => name)];
  const isExact = [exact.columns[layOut(data).target]!, ...exact.features];
  return SIDES.flatMap((side) => {
    const wanted = expected.rows.filter((row) => row.side === side);
    const given = found.rows[side];
    if (wanted.length !== given.length) return [`${side}: ${given.length} rows, expected ${wanted.length}`];
    return wanted.flatMap((row, at) => {
      const scale = Math.max(
        ...row.row.values.map((value) => (typeof value === 'number' ? Math.abs(value) : 0)),
      );
      return [row.target, ...row.features].flatMap((value, place) =>
        near(`${side} row ${at}, ${names[place]}`, value, given[at]![place], isExact[place]!, scale),
      );
    });
  });
}

const recordsOf = (data: DataSpecification, { rows }: Prepared): readonly (readonly string[])[] => {
  const { target } = layOut(data);
  return rows
    .filter(({ side }) => side === 'test')
    .map(({ cells }) => cells.map((cell) => String(cell).trim()).filter((_, at) => at !== target));
};

function fitted(
  data: DataSpecification,
  expected: Fitted,
  found: Fitted | undefined,
  { rows: alive }: Prepared,
): readonly string[] {
  if (!found) return ['fitted.json is not there'];
  const { columns } = layOut(data);
  const scaleOf = (at: number) =>
    Math.max(1, ...alive.map(({ before }) => (typeof before[at] === 'number' ? Math.abs(before[at]) : 0)));
  const none = { validation: null, test: null };
  const ofColumns = columns.flatMap(({ name, column }, at) => {
    const [wanted, given] = [expected.columns[name] ?? {}, found.columns[name] ?? {}];
    const byMean = column.outliers?.method === 'z-score';
    const filledByMean = column.missing === 'mean' || (byMean && column.outliers?.then === 'clip');
    return [
      ...near(`fitted ${name}.low`, wanted.low, given.low, !byMean, scaleOf(at)),
      ...near(`fitted ${name}.high`, wanted.high, given.high, !byMean, scaleOf(at)),
      ...near(`fitted ${name}.fill`, wanted.fill, given.fill, !filledByMean, scaleOf(at)),
    ];
  });
  const ofFeatures = Object.entries(expected.features).flatMap(([name, wanted]) =>
    Object.entries(wanted).flatMap(([key, value]) =>
      near(
        `fitted ${name}.${key}`,
        value,
        (found.features[name] as Record<string, number> | undefined)?.[key],
        false,
        magnitude(wanted),
      ),
    ),
  );
  return [
    ...equal('fitted.split', expected.split ?? none, found.split ?? none),
    ...ofColumns,
    ...equal('fitted features', Object.keys(expected.features).sort(), Object.keys(found.features).sort()),
    ...ofFeatures,
  ];
}

const magnitude = (of: object): number => Math.max(...Object.values(of).map(Math.abs));

function results(of: Case, expected: Prepared, found: PreparedResult, exact: Exactness): readonly string[] {
  const wanted = expectedResult(of.data, of.parts, expected);
  const parts = found.parts.map(({ key, rows, quarantined, dropped, duplicates }) => ({
    key,
    rows,
    quarantined,
    dropped,
    duplicates,
  }));
  return [
    ...equal('parts', wanted.parts, parts),
    ...equal(
      'formats',
      of.parts.map(({ format, ignored }) => ({ format, ignored })),
      found.parts.map(({ format, ignored }) => ({ format, ignored })),
    ),
    ...(
      [
        'rows',
        'quarantined',
        'dropped',
        'duplicates',
        'fresh',
        'rules',
        'features',
        'reference',
        'changes',
        'classes',
      ] as const
    ).flatMap((key) => equal(key, wanted[key], found[key])),
    ...(exact.features.every(Boolean)
      ? [
          ...equal('nearDuplicates', wanted.nearDuplicates, found.nearDuplicates),
          ...equal('shares', wanted.shares ?? [], found.shares ?? []),
        ]
      : []),
    ...equal(
      'columns',
      wanted.columns.map(({ name, kind }) => ({ name, kind })),
      found.columns.map(({ name, kind }) => ({ name, kind })),
    ),
    ...wanted.columns.flatMap((column, at) => summary(column, found.columns[at], exact.columns[at]!)),
    ...correlations(wanted, found, exact),
  ];
}

function summary(
  expected: ColumnSummary,
  found: ColumnSummary | undefined,
  isExact: boolean,
): readonly string[] {
  const what = `column ${expected.name}`;
  if (!found || expected.kind === 'text' || found.kind === 'text') return equal(what, expected, found);
  const { sum, mean, deviation, minimum, maximum, present } = expected;
  const scale = Math.max(Math.abs(minimum), Math.abs(maximum));
  const jumping = isExact
    ? (['integral', 'distinct', 'histogram'] as const).flatMap((key) =>
        equal(`${what} ${key}`, expected[key], found[key]),
      )
    : [];
  return [
    ...equal(`${what} present`, [present, expected.missing], [found.present, found.missing]),
    ...near(`${what} sum`, sum, found.sum, false, scale * present),
    ...near(`${what} mean`, mean, found.mean, false, scale),
    // The square of what a mean is off by lies under the root.
    ...near(`${what} deviation`, deviation, found.deviation, false, scale * 1e3),
    ...near(`${what} minimum`, minimum, found.minimum, isExact, scale),
    ...near(`${what} maximum`, maximum, found.maximum, isExact, scale),
    ...jumping,
  ];
}

function correlations(
  { correlations: expected, columns }: Pick<PreparedResult, 'correlations' | 'columns'>,
  { correlations: found }: PreparedResult,
  exact: Exactness,
): readonly string[] {
  const named = equal('correlated', expected.names, found.names);
  if (named.length > 0) return named;
  // How much a difference in the last digit of a value grows: columns whose spread is small beside their values.
  const growth = expected.names.map((name) => {
    const at = columns.findIndex((column) => column.name === name);
    const column = columns[at]!;
    if (column.kind === 'text') return 0;
    if (exact.columns[at] && column.minimum === column.maximum) return 1;
    const largest = Math.max(Math.abs(column.minimum), Math.abs(column.maximum));
    const ratio = largest / column.deviation;
    return exact.columns[at] || ratio < 1e6 ? ratio : Number.POSITIVE_INFINITY;
  });
  return expected.r.flatMap((row, i) =>
    row.flatMap((r, j) => {
      const other = found.r[i]?.[j];
      if (growth[i] === Number.POSITIVE_INFINITY || growth[j] === Number.POSITIVE_INFINITY) return [];
      const scale = 10 * Math.max(1, growth[i]! ** 2, growth[j]! ** 2);
      return near(`correlation of ${expected.names[i]} and ${expected.names[j]}`, r, other, false, scale);
    }),
  );
}

/** The clean columns after fills, then the derived ones, of each side. */
export async function parquetDifferences(
  of: Case,
  expected: Prepared,
  directory: string,
): Promise<readonly string[]> {
  const { columns } = exactness(of.data);
  const names = [
    ...layOut(of.data).columns.map(({ name }) => name),
    ...of.data.derive.map(({ name }) => name),
  ];
  const told: string[] = [];
  for (const side of SIDES) {
    const found = await readParquet(directory, side);
    const wanted = expected.rows.filter((row) => row.side === side);
    if (!found || found.rows.length !== wanted.length) {
      told.push(`parquet/${side}: ${found?.rows.length} rows, expected ${wanted.length}`);
      continue;
    }
    told.push(...equal(`parquet/${side} columns`, names, found.names));
    for (const [at, { row, derived }] of wanted.entries()) {
      const values = [...row.values, ...derived];
      const scale = Math.max(...values.map((value) => (typeof value === 'number' ? Math.abs(value) : 0)));
      for (const [place, value] of values.entries())
        told.push(
          ...near(
            `parquet/${side} row ${at}, ${names[place]}`,
            value,
            found.rows[at]![place],
            columns[place]!,
            scale,
          ),
        );
    }
  }
  return told.slice(0, MOST);
}
