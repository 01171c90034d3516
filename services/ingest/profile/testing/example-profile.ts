/** Profiles to look at and to test with: figures of columns that are really drawn, from a seed. */
import {
  BINS,
  type ColumnSummary,
  MOST_CORRELATED,
  type NumberSummary,
  type PreparedResult,
  type TextSummary,
} from '../../../../shared/preparation/result.ts';
import type { ProfileInput } from '../profile-input.ts';

const TRAIN = 700;

/** The specification's part that the page looks at; the engine's tests have whole ones. */
const declared = (columns: readonly ColumnSummary[], target: string): ProfileInput['data'] =>
  ({
    columns: columns.map(({ name, kind }) => ({ name, type: kind })),
    derive: [],
    target,
  }) as unknown as ProfileInput['data'];

export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function numberSummary(name: string, values: readonly number[], missing = 0): NumberSummary {
  const [minimum, maximum] = [Math.min(...values), Math.max(...values)];
  const sum = values.reduce((total, value) => total + value, 0);
  const mean = sum / values.length;
  const histogram = Array.from({ length: BINS }, () => 0);
  for (const value of values) {
    const bin = maximum === minimum ? 0 : Math.floor(((value - minimum) / (maximum - minimum)) * BINS);
    histogram[Math.min(BINS - 1, bin)]! += 1;
  }
  return {
    kind: 'number',
    name,
    present: values.length,
    missing,
    integral: values.every(Number.isInteger),
    sum,
    mean,
    deviation: Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length),
    minimum,
    maximum,
    distinct: new Set(values).size,
    histogram,
  };
}

export function textSummary(
  name: string,
  counts: Readonly<Record<string, number>>,
  missing = 0,
): TextSummary {
  const top = Object.entries(counts)
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count);
  return {
    kind: 'text',
    name,
    present: top.reduce((sum, { count }) => sum + count, 0),
    missing,
    distinct: top.length,
    top,
  };
}

const pearson = (a: readonly number[], b: readonly number[]): number | null => {
  const [x, y] = [numberSummary('', a), numberSummary('', b)];
  if (x.deviation === 0 || y.deviation === 0) return null;
  const shared = a.reduce((sum, value, at) => sum + (value - x.mean) * (b[at]! - y.mean), 0);
  return shared / a.length / x.deviation / y.deviation;
};

/** A profile of `numbers` number columns that lean on each other, two of text and a target of two classes. */
export function exampleProfile(numbers: number, seed = 1): ProfileInput {
  const random = randomFrom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const common = Array.from({ length: TRAIN }, normal);
  const values = Array.from({ length: numbers }, (_, at) => {
    const lean = Math.sin(at * 1.7);
    return common.map((shared) => lean * shared * 3 + normal() * (1 + (at % 4)) + at);
  });
  const target = common.map((value) => Number(value + normal() / 2 > 0.5));
  const named = [
    ...values.map((column, at) => [`measure_${at}`, column] as const),
    ['faulty', target] as const,
  ];
  const correlated = named.slice(0, MOST_CORRELATED);
  const columns: ColumnSummary[] = [
    ...named.map(([name, column]) => numberSummary(name, column)),
    textSummary('country', { 'United States': 380, Canada: 214, Norway: 70, Österreich: 30, 日本: 6 }),
    textSummary('remark', { fine: 300, '<script>alert(1)</script>': 20, '‮reversed': 3 }, 377),
  ];
  const ones = target.filter((value) => value === 1).length;
  const result: PreparedResult = {
    formatVersion: 1,
    kind: 'prepared',
    engine: 'duckdb',
    parts: [
      {
        key: 'incoming/plant/batch-1/january.csv',
        versionId: 'v1',
        sha256: 'a'.repeat(64),
        rows: 1090,
        quarantined: 50,
        dropped: 12,
        duplicates: 28,
        format: 'csv',
        ignored: ['Unnamed: 0'],
      },
    ],
    rows: { train: TRAIN, validation: 110, test: 190 },
    quarantined: 50,
    dropped: 12,
    duplicates: 28,
    fresh: { rows: 1090, quarantined: 50 },
    rules: [
      { rule: 'duplicate', column: null, rows: 28, example: '' },
      { rule: 'not-a-number', column: 'measure_0', rows: 26, example: 'n/a "unknown" <b>' },
      { rule: 'out-of-range', column: 'measure_0', rows: 24, example: '1e9' },
      { rule: 'missing', column: 'faulty', rows: 12, example: '' },
    ],
    features: columns.filter(({ name }) => name !== 'faulty' && name !== 'remark').map(({ name }) => name),
    columns,
    reference: [],
    changes: columns.map(({ name, missing }, at) => ({
      name,
      blank: at % 3 === 0 ? 40 + at : missing,
      canonicalised: name === 'country' ? 321 : 0,
      nulled: at % 5 === 0 ? 12 : 0,
      clipped: at % 7 === 1 ? 9 : 0,
      filled: at % 3 === 0 ? 40 + at : 0,
    })),
    correlations: {
      names: correlated.map(([name]) => name),
      r: correlated.map(([, a]) => correlated.map(([, b]) => pearson(a, b))),
    },
    nearDuplicates: 4,
    classes: [
      { value: '0', train: TRAIN - ones, validation: 80, test: 140 },
      { value: '1', train: ones, validation: 30, test: 50 },
    ],
  };
  return {
    pipeline: 'plant',
    version: '0f3a9c51d27be4886a1c0d9e77b2f431',
    data: declared(columns, 'faulty'),
    result,
    warnings: ['Only 81 % of remark is there; the gate wants 90 %'],
  };
}
