/** The whole contract of docs/data.md in memory, step by step as it is written there: what the three engines are
 * compared with. Slow and plain. */
import { createHash } from 'node:crypto';
import { layOut } from '../../shared/contracts/data-layout.ts';
import { compileFormula } from '../../shared/contracts/formula.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { Fitted, FittedColumn, FittedScale } from '../../shared/preparation/fitted.ts';
import type { Side } from '../../shared/preparation/result.ts';
import type { RowProblem } from '../../shared/preparation/row-problem.ts';
import { deviationOf, meanOf } from './exact.ts';
import {
  asideOf,
  type CleanRow,
  clean,
  first200,
  missing,
  type Nested,
  plain,
  refuse,
  type Value,
} from './reference-clean.ts';
import { featuresOf } from './reference-features.ts';

/** One record of a part: its cells by declared column, or why no cells could be read. */
export interface ReadRecord {
  readonly line: number;
  readonly cells?: readonly (string | Nested)[];
  readonly problem?: RowProblem;
}

export interface ReadPart {
  readonly key: string;
  readonly fresh: boolean;
  readonly records: readonly ReadRecord[];
}

export interface ReferenceRow {
  readonly part: number;
  readonly line: number;
  readonly cells: readonly (string | Nested)[];
  /** Columns as they were after *clean*, before outliers. */
  readonly before: readonly Value[];
  /** Which columns were missing then, whatever filled them. */
  readonly missingBefore: readonly boolean[];
  readonly row: CleanRow;
  side: Side;
  /** By formula. */
  derived: (number | undefined)[];
}

export interface AsideRow {
  readonly part: number;
  readonly line: number;
  readonly problem: RowProblem;
}

export interface Prepared {
  readonly kind: 'prepared';
  readonly rows: readonly (ReferenceRow & { readonly target: number; readonly features: readonly Value[] })[];
  readonly aside: readonly AsideRow[];
  readonly fitted: Fitted;
}

export interface Refused {
  readonly kind: 'rejected';
  readonly column: string;
  readonly aside: readonly AsideRow[];
}

export function reference(data: DataSpecification, parts: readonly ReadPart[]): Prepared | Refused {
  const { columns, target } = layOut(data);
  const aside: AsideRow[] = [];
  /** Keeps the rows for which `act` finds no problem. */
  const keep = (rows: readonly ReferenceRow[], act: (row: ReferenceRow) => RowProblem | undefined) =>
    rows.filter((row) => {
      const problem = act(row);
      if (problem) aside.push({ part: row.part, line: row.line, problem });
      return problem === undefined;
    });

  let alive = cleanAll(data, parts, aside);
  const gone = duplicates(data, alive);
  alive = keep(alive, (row) => (gone.has(row) ? { rule: 'duplicate', column: null, value: '' } : undefined));

  const split = divide(data, alive);
  const train = () => alive.filter(({ side }) => side === 'train');

  const fences = fitFences(data, train());
  alive = keep(alive, (row) => asideOf(() => applyFences(data, row, fences)));

  const fills = fitFills(data, train());
  for (const [column, fill] of fills)
    if (fill === undefined) return { kind: 'rejected', column, aside: inOrder(aside) };
  for (const row of alive) applyFills(data, row, fills);

  alive = keep(alive, (row) => asideOf(() => derive(data, row)));

  const scales = fitScales(data, train());
  const fittedColumns: Record<string, FittedColumn> = {};
  for (const { name } of columns) {
    const fill = fills.get(name);
    const found = { ...fences.get(name), ...(fill === undefined ? {} : { fill }) };
    if (Object.keys(found).length > 0) fittedColumns[name] = found;
  }
  return {
    kind: 'prepared',
    aside: inOrder(aside),
    rows: alive.map((row) => ({
      ...row,
      target: targetOf(data, row.row.values[target]),
      features: featuresOf(data, row, scales),
    })),
    fitted: {
      formatVersion: 1,
      ...(split ? { split } : {}),
      columns: fittedColumns,
      features: Object.fromEntries(scales),
    },
  };
}

const inOrder = (aside: readonly AsideRow[]): readonly AsideRow[] =>
  [...aside].sort((a, b) => a.part - b.part || a.line - b.line);

function cleanAll(data: DataSpecification, parts: readonly ReadPart[], aside: AsideRow[]): ReferenceRow[] {
  const alive: ReferenceRow[] = [];
  for (const [part, { records }] of parts.entries()) {
    for (const { line, cells = [], problem } of records) {
      const row = problem ?? clean(data, cells);
      if ('rule' in row) aside.push({ part, line, problem: row });
      else
        alive.push({
          part,
          line,
          cells,
          before: [...row.values],
          missingBefore: [...row.wasMissing],
          row,
          side: 'train',
          derived: [],
        });
    }
  }
  return alive;
}

/** Rows that say what another says, or something older. */
function duplicates(data: DataSpecification, rows: readonly ReferenceRow[]): ReadonlySet<ReferenceRow> {
  const { duplicates: rule } = data;
  if (rule === 'keep') return new Set();
  const names = layOut(data).columns.map(({ name }) => name);
  const key = rule === 'drop' ? names : rule.key;
  const groups = new Map<string, ReferenceRow[]>();
  for (const row of rows) {
    const same = JSON.stringify(key.map((name) => row.row.values[names.indexOf(name)] ?? null));
    groups.set(same, [...(groups.get(same) ?? []), row]);
  }
  const gone = new Set(rows);
  for (const group of groups.values())
    gone.delete(rule === 'drop' ? group[0]! : newest(group, names.indexOf(rule.newest ?? '')));
  return gone;
}

function newest(group: readonly ReferenceRow[], column: number): ReferenceRow {
  const age = (row: ReferenceRow) =>
    (row.row.values[column] as number | undefined) ?? Number.NEGATIVE_INFINITY;
  return group.reduce((best, row) => (age(row) >= age(best) ? row : best));
}

/** Sets each row's side; answers the borders of a split by time. */
function divide(data: DataSpecification, rows: readonly ReferenceRow[]): Fitted['split'] {
  const { by, key, column, test, validation } = data.split;
  const names = layOut(data).columns.map(({ name }) => name);
  if (by !== 'time') {
    const places = (key ?? names.filter((name) => name !== data.target)).map((name) => names.indexOf(name));
    for (const row of rows) {
      const place = placeOf(places.map((at) => row.row.values[at]));
      row.side = place < test ? 'test' : place < test + validation ? 'validation' : 'train';
    }
    return undefined;
  }
  const at = names.indexOf(column!);
  const times = rows.map(({ row }) => row.values[at] as number | undefined);
  const sorted = times.filter((time) => time !== undefined).sort((a, b) => a - b);
  const n = sorted.length;
  const border = (share: number) => sorted[Math.min(n - 1, Math.floor(n * share))] ?? null;
  const borders = { validation: border(1 - test - validation), test: border(1 - test) };
  rows.forEach((row, index) => {
    const time = times[index];
    if (time === undefined) row.side = 'train';
    else row.side = time >= borders.test! ? 'test' : time >= borders.validation! ? 'validation' : 'train';
  });
  return borders;
}

/** Where in [0, 1) a key falls. */
function placeOf(values: readonly Value[]): number {
  const texts = values.map((value) => (typeof value === 'number' ? band(value) : (value ?? '')));
  const joined = texts.map((text) => `${text.length}:${text}`).join('');
  return Number.parseInt(createHash('md5').update(joined).digest('hex').slice(0, 13), 16) / 2 ** 52;
}

function band(x: number): string {
  const a = Math.abs(x);
  if (a < 2 ** 10) return `a${BigInt(Math.floor(x * 2 ** 52))}`;
  if (a < 2 ** 31) return `b${BigInt(Math.floor(x * 2 ** 31))}`;
  if (a < 2 ** 62) return `c${BigInt(Math.floor(x))}`;
  return `d${BigInt(Math.floor(x * 2 ** -66))}`;
}

interface Fences {
  readonly low: number;
  readonly high: number;
}

const presentOf = (rows: readonly ReferenceRow[], at: number): Value[] =>
  rows.map(({ row }) => row.values[at]).filter((value) => value !== undefined);

const sortedNumbers = (rows: readonly ReferenceRow[], at: number): number[] =>
  (presentOf(rows, at) as number[]).sort((a, b) => a - b);

function fitFences(data: DataSpecification, train: readonly ReferenceRow[]): Map<string, Fences> {
  const fences = new Map<string, Fences>();
  layOut(data).columns.forEach(({ name, column: { outliers, type } }, at) => {
    const values = outliers ? sortedNumbers(train, at) : [];
    const found = values.length === 0 ? undefined : fencesOf(values, outliers!);
    if (!found) return;
    const { low, high } = found;
    fences.set(
      name,
      type === 'integer' ? { low: plain(Math.ceil(low)), high: plain(Math.floor(high)) } : found,
    );
  });
  return fences;
}

function fencesOf(
  sorted: readonly number[],
  { method, factor }: NonNullable<DataSpecification['columns'][number]['outliers']>,
): Fences | undefined {
  const n = sorted.length;
  if (method === 'iqr') {
    const q1 = sorted[Math.ceil(n / 4) - 1]!;
    const q3 = sorted[Math.ceil((3 * n) / 4) - 1]!;
    return { low: q1 - factor! * (q3 - q1), high: q3 + factor! * (q3 - q1) };
  }
  if (sorted[0] === sorted[n - 1]) return undefined;
  const reach = factor! * deviationOf(sorted) * (1 + 1e-9);
  return { low: meanOf(sorted) - reach, high: meanOf(sorted) + reach };
}

function applyFences(
  data: DataSpecification,
  { row, cells }: ReferenceRow,
  fences: ReadonlyMap<string, Fences>,
): void {
  layOut(data).columns.forEach((raw, at) => {
    const found = fences.get(raw.name);
    const value = row.values[at] as number | undefined;
    if (!found || value === undefined || (value >= found.low && value <= found.high)) return;
    const cell = String(cells[at]).trim();
    switch (raw.column.outliers!.then) {
      case 'clip':
        row.changes[at]!.add('clipped');
        row.values[at] = value < found.low ? found.low : found.high;
        return;
      case 'null':
        row.changes[at]!.add('nulled');
        row.values[at] = missing(raw, at, row, cell);
        return;
      default:
        refuse({ rule: 'outlier', column: raw.name, value: first200(cell) });
    }
  });
}

/** By column; undefined where nothing is present. */
function fitFills(
  data: DataSpecification,
  train: readonly ReferenceRow[],
): Map<string, number | string | undefined> {
  const fills = new Map<string, number | string | undefined>();
  layOut(data).columns.forEach(({ name, column: { missing: rule, type } }, at) => {
    if (rule === 'mode') fills.set(name, modeOf(presentOf(train, at)));
    if (rule !== 'mean' && rule !== 'median') return;
    const values = sortedNumbers(train, at);
    const middle = rule === 'mean' ? meanOf(values) : medianOf(values);
    fills.set(name, values.length === 0 ? undefined : type === 'number' ? middle : halfAway(middle));
  });
  return fills;
}

function medianOf(sorted: readonly number[]): number {
  const n = sorted.length;
  if (n % 2 === 1) return sorted[(n - 1) / 2]!;
  return (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2;
}

const halfAway = (value: number): number => plain(Math.sign(value) * Math.floor(Math.abs(value) + 0.5));

function modeOf(values: readonly Value[]): Value {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...counts.keys()].filter((value) => counts.get(value) === most).sort(ascending)[0];
}

/** Numbers by value, texts by code points. */
export function ascending(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

function applyFills(data: DataSpecification, { row }: ReferenceRow, fills: ReadonlyMap<string, Value>): void {
  layOut(data).columns.forEach(({ name }, at) => {
    const fill = fills.get(name);
    if (fill === undefined || row.values[at] !== undefined) return;
    row.values[at] = fill;
    row.changes[at]!.add('filled');
  });
}

function derive(data: DataSpecification, row: ReferenceRow): void {
  const names = layOut(data).columns.map(({ name }) => name);
  const values = row.row.values.map((value) => (typeof value === 'number' ? value : undefined));
  row.derived = data.derive.map(({ name, formula }) => {
    const compiled = compileFormula(formula, names);
    const complete = compiled.inputs.every((input) => values[input] !== undefined);
    const result = complete ? compiled(values.map((value) => value ?? Number.NaN)) : undefined;
    if (result !== undefined && !(Math.abs(result) <= 3.4028234663852886e38))
      refuse({ rule: 'not-finite', column: name, value: '' });
    names.push(name);
    values.push(result === undefined ? undefined : plain(result));
    return values.at(-1);
  });
}

function fitScales(data: DataSpecification, train: readonly ReferenceRow[]): Map<string, FittedScale> {
  const scales = new Map<string, FittedScale>();
  for (const feature of layOut(data).features) {
    if (feature.kind !== 'column' && feature.kind !== 'derived') continue;
    const values = train
      .map(({ row, derived }) =>
        feature.kind === 'column' ? row.values[feature.at] : derived[feature.derived],
      )
      .filter((value): value is number => typeof value === 'number');
    const none = values.length === 0;
    if (feature.scale === 'standard')
      scales.set(feature.name, { mean: meanOf(values), deviation: deviationOf(values) });
    if (feature.scale === 'min-max')
      scales.set(feature.name, {
        minimum: none ? 0 : Math.min(...values),
        maximum: none ? 0 : Math.max(...values),
      });
  }
  return scales;
}

/** A number is its value, a text the position of its canonical name. */
function targetOf(data: DataSpecification, value: Value): number {
  const column = layOut(data).columns.find(({ name }) => name === data.target)!.column;
  return typeof value === 'number' ? value : Object.keys(column.canonical ?? {}).indexOf(String(value));
}
