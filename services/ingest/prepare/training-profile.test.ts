import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { constraintsOf, referenceOf, statisticsOf } from './monitor-files.ts';
import { TrainingProfile } from './training-profile.ts';
import { TrainingSample } from './training-sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'ratchet-profile-'));
afterAll(() => rmSync(folder, { recursive: true }));

function profileOf(rows: readonly (readonly number[])[]) {
  const profile = new TrainingProfile(['y', 'a', 'b']);
  for (const [at, [y, ...features]] of rows.entries()) {
    profile.add(y!, Float64Array.from(features), (at * 2654435761) % 2 ** 32);
  }
  const path = join(folder, 'data.csv');
  writeFileSync(
    path,
    rows.map((row) => `${row.map((value) => (Number.isNaN(value) ? '' : value)).join(',')}\n`).join(''),
  );
  return profile.summarize(path);
}

const value = fc.oneof(
  fc.integer({ min: 0, max: 255 }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((number) => number + 0),
  fc.constant(Number.NaN),
);
const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 40 }), value), {
  minLength: 1,
  maxLength: 200,
});

describe('TrainingProfile', () => {
  it('counts as the definitions say', () => {
    fc.assert(
      fc.property(rows, (table) => {
        const summaries = profileOf(table);
        summaries.forEach((summary, at) => {
          const values = table
            .map((row) => row[at]!)
            .filter((each) => !Number.isNaN(each))
            .sort((a, b) => a - b);
          expect(summary.present).toBe(values.length);
          expect(summary.missing).toBe(table.length - values.length);
          const quantiles = Array.from(
            { length: 63 },
            (_, k) => values[Math.ceil(((k + 1) * values.length) / 64) - 1]!,
          );
          expect(summary.edges).toEqual(values.length === 0 ? [] : [...new Set(quantiles)]);
          const upTo = (edge: number) => values.filter((each) => each <= edge).length;
          const cumulated = summary.counts.map((_, bin) =>
            summary.counts.slice(0, bin + 1).reduce((sum, count) => sum + count, 0),
          );
          expect(cumulated).toEqual([...summary.edges.map(upTo), values.length]);
          expect(summary.histogram.reduce((sum, count) => sum + count, 0)).toBe(values.length);
          if (values.length === 0) return;
          const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
          const variance = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length;
          expect(summary.minimum).toBe(values[0]);
          expect(summary.maximum).toBe(values.at(-1));
          expect(Math.abs(summary.mean - mean)).toBeLessThanOrEqual(
            1e-9 * (1 + Math.abs(values.at(-1)!) + Math.abs(values[0]!)),
          );
          expect(Math.abs(summary.deviation - Math.sqrt(variance))).toBeLessThanOrEqual(
            1e-6 * (1 + Math.sqrt(variance)),
          );
        });
      }),
      { numRuns: 60 },
    );
  });

  it('writes the formats of Model Monitor and of the drift reference', () => {
    const summaries = profileOf([
      [0, 1, 0.5],
      [1, 2, Number.NaN],
      [1, 3, -0.5],
      [0, 4, 1.5],
    ]);
    const statistics = statisticsOf(4, summaries);
    expect(statistics.dataset.item_count).toBe(4);
    expect(statistics.features[2]).toMatchObject({
      name: 'b',
      inferred_type: 'Fractional',
      numerical_statistics: {
        common: { num_present: 3, num_missing: 1 },
        mean: 0.5,
        sum: 1.5,
        min: -0.5,
        max: 1.5,
      },
    });
    expect(statistics.features[2]?.numerical_statistics.distribution.kll.buckets.at(-1)).toEqual({
      lower_bound: 1.3,
      upper_bound: 1.5,
      count: 1,
    });
    expect(constraintsOf(4, summaries).features).toEqual([
      { name: 'y', inferred_type: 'Integral', completeness: 1, num_constraints: { is_non_negative: true } },
      { name: 'a', inferred_type: 'Integral', completeness: 1, num_constraints: { is_non_negative: true } },
      {
        name: 'b',
        inferred_type: 'Fractional',
        completeness: 0.75,
        num_constraints: { is_non_negative: false },
      },
    ]);
    expect(referenceOf(4, summaries.slice(1))).toEqual({
      formatVersion: 1,
      rows: 4,
      features: [
        { name: 'a', edges: [1, 2, 3, 4], counts: [1, 1, 1, 1, 0], missing: 0 },
        { name: 'b', edges: [-0.5, 0.5, 1.5], counts: [1, 1, 1, 0], missing: 1 },
      ],
    });
  });
});

describe('a column whose values lie as close together as numbers can', () => {
  it('is counted in full', () => {
    const [, , column] = profileOf([
      [0, 0, 0],
      [0, 0, 5e-324],
      [0, 0, Number.NaN],
    ]);
    expect(column?.histogram).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });
});

describe('TrainingSample', () => {
  it('keeps the same rows in whatever order they come, and not too many', () => {
    const numbers = Array.from({ length: 5000 }, (_, at) => at);
    const sample = (order: readonly number[]) => {
      const kept = new TrainingSample(4000);
      for (const number of order) kept.add((number * 2654435761) % 2 ** 32, Float64Array.from([number]));
      return [...kept.column(0)];
    };
    const first = sample(numbers);
    expect(first.length).toBeGreaterThan(400);
    expect(first.length).toBeLessThanOrEqual(1000);
    expect(sample([...numbers].reverse())).toEqual(first);
  });
});
