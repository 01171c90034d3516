import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { createRandom, normal } from '../numeric/random.ts';
import { createBooster } from './booster.ts';
import type { DataMatrix } from './data-matrix.ts';
import { type Ensemble, predictTable } from './ensemble.ts';
import { createEarlyStopping } from './evaluation.ts';
import { floatText } from './float-text.ts';
import { parseXgboostHyperparameters } from './hyperparameters.ts';
import { measure } from './metric.ts';
import { toModelJson } from './model-json.ts';
import { readModelJson } from './model-reader.ts';

function generate(rows: number, seed: number, label: (x: readonly number[]) => number): DataMatrix {
  const random = createRandom(seed);
  const values = new Float32Array(rows * 3);
  const labels = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const x = [normal(random), normal(random), normal(random)];
    labels[row] = label(x);
    values.set(
      x.map((value) => (random() < 0.1 ? Number.NaN : value)),
      row * 3,
    );
  }
  return { labels, table: { values, rows, columns: 3 } };
}

function train(data: DataMatrix, given: Record<string, string>): Ensemble {
  const parameters = parseXgboostHyperparameters({ num_round: '15', ...given });
  const booster = createBooster(data, parameters);
  for (let round = 0; round < parameters.num_round; round++) booster.boost();
  return booster.toEnsemble(parameters.num_round);
}

const OBJECTIVES = [
  { objective: 'reg:squarederror' },
  { objective: 'binary:logistic', base_score: '0.3' },
  { objective: 'multi:softmax', num_class: '3' },
  { objective: 'multi:softprob', num_class: '3', subsample: '0.7', colsample_bytree: '0.7' },
] as const;

const labelled = (objective: string) => (x: readonly number[]) => {
  const score = x[0]! - Math.abs(x[1]!);
  if (objective === 'reg:squarederror') return score;
  return objective === 'binary:logistic' ? Number(score > -0.6) : Number(score > -1.2) + Number(score > 0);
};

describe('boosting', () => {
  it.each(OBJECTIVES)('$objective beats a constant on unseen rows', (given) => {
    const model = train(generate(1500, 1, labelled(given.objective)), given);
    const unseen = generate(500, 2, labelled(given.objective));
    const predictions = predictTable(model, unseen.table).map((p) =>
      Array.isArray(p) ? p.indexOf(Math.max(...p)) : p,
    );
    const loss = (of: (row: number) => number) =>
      unseen.labels.reduce((sum, y, row) => sum + (of(row) - y) ** 2, 0);
    const mean = unseen.labels.reduce((sum, label) => sum + label, 0) / 500;
    expect(loss((row) => predictions[row]!)).toBeLessThan(0.5 * loss(() => mean));
  });

  it.each(OBJECTIVES)('$objective predicts the same after the model was written and read', (given) => {
    const data = generate(300, 3, labelled(given.objective));
    const model = train(data, given);
    const read = readModelJson(Buffer.from(toModelJson(model, 1)));
    expect(read).toEqual(model);
    expect(predictTable(read, data.table)).toEqual(predictTable(model, data.table));
  });

  it('keeps the margins of the training rows that the written model gives', () => {
    const data = generate(400, 4, labelled('reg:squarederror'));
    const parameters = parseXgboostHyperparameters({ num_round: '5', subsample: '0.6' });
    const booster = createBooster(data, parameters);
    for (let round = 0; round < 5; round++) booster.boost();
    expect([...booster.margins]).toEqual(predictTable(booster.toEnsemble(5), data.table));
  });

  it('sends missing values where they belong', () => {
    // Given a label that only tells whether the feature is there, then one split on "missing" suffices.
    const values = Float32Array.from({ length: 200 }, (_, row) => (row % 2 === 0 ? Number.NaN : row));
    const labels = Float32Array.from({ length: 200 }, (_, row) => row % 2);
    const table = { values, rows: 200, columns: 1 };
    const model = train({ table, labels }, { eta: '1', lambda: '0', num_round: '3' });
    const predicted = predictTable(model, {
      values: Float32Array.of(Number.NaN, 101),
      rows: 2,
      columns: 1,
    }) as number[];
    expect(predicted[0]).toBeCloseTo(0, 5);
    expect(predicted[1]).toBeCloseTo(1, 5);
  });

  it('prunes what gains less than gamma and obeys max_depth and min_child_weight', () => {
    const data = generate(300, 5, labelled('reg:squarederror'));
    const sizes = (given: Record<string, string>) =>
      train(data, { num_round: '1', ...given }).trees[0]!.left.length;
    expect(sizes({ gamma: '1000000' })).toBe(1);
    expect(sizes({ max_depth: '1' })).toBe(3);
    expect(sizes({ min_child_weight: '200' })).toBe(1);
  });

  it('stops early at the best round', () => {
    const stopping = createEarlyStopping(2);
    const scores = [0.5, 0.4, 0.45, 0.41, 0.3].map((value) => [
      { name: 'validation', metric: 'rmse' as const, value },
    ]);
    expect(scores.slice(0, 4).map((score, round) => stopping.shouldStop(round, score))).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(stopping.best()).toBe(1);
  });
});

describe('models of real XGBoost', () => {
  interface Fixture {
    readonly writtenBy: string;
    readonly cases: readonly {
      readonly objective: string;
      readonly rows: readonly (readonly (number | null)[])[];
      readonly predictions: readonly (number | number[])[];
      readonly model: string;
    }[];
  }
  const text = readFileSync(new URL('./real-xgboost.fixture.json', import.meta.url), 'utf8');
  const { cases } = JSON.parse(text) as Fixture;

  it.each(cases)('$objective: gives its predictions to 1e-6', ({ rows, predictions, model }) => {
    const values = Float32Array.from(rows.flat(), (value) => value ?? Number.NaN);
    const given = predictTable(readModelJson(Buffer.from(model)), { values, rows: rows.length, columns: 3 });
    expect(given).toHaveLength(predictions.length);
    given.flat().forEach((value, at) => {
      expect(Math.abs(value - predictions.flat()[at]!)).toBeLessThan(1e-6);
    });
  });

  it.each([
    ['a list as base_score', (m: string) => m.replace('"5E-1"', '"[5E-1]"'), undefined],
    ['dart', (m: string) => m.replace('"gbtree"', '"dart"'), 'the booster dart is not supported'],
    [
      'a cycle',
      (m: string) => m.replace(/"left_children":\[1,/, '"left_children":[0,'),
      'node 0 of a tree is out of place',
    ],
    [
      'a categorical split',
      (m: string) => m.replace(/"split_type":\[0/, '"split_type":[1'),
      'categorical splits',
    ],
    [
      'another objective',
      (m: string) => m.replace('"name":"binary:logistic"', '"name":"rank:map"'),
      'rank:map is not supported',
    ],
    ['other JSON', () => '{}', 'not a model of XGBoost'],
    ['a pickle', () => '\x80\x04', 'a Python pickle'],
  ])('%s', (_, change, message) => {
    const bytes = Buffer.from(change(cases[0]!.model), 'latin1');
    if (message) expect(() => readModelJson(bytes)).toThrow(message);
    else expect(readModelJson(bytes).baseScore).toBe(0.5);
  });
});

describe('numbers in the model', () => {
  it('read back as the same single-precision number and are never bare integers', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = floatText(value);
        expect(text).toMatch(/^-?\d(\.\d+)?E-?\d+$/);
        expect(Math.fround(Number(text))).toBe(value === 0 ? 0 : value);
      }),
    );
    expect([1, 0, -0.25].map(floatText)).toEqual(['1E0', '0E0', '-2.5E-1']);
  });
});

describe('metrics', () => {
  it('auc is the share of pairs in order, as counting them gives', () => {
    const row = fc.record({ margin: fc.integer({ min: -3, max: 3 }), label: fc.integer({ min: 0, max: 1 }) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
        const [positive, negative] = [rows.filter((r) => r.label === 1), rows.filter((r) => r.label === 0)];
        const pairs = positive.flatMap((p) =>
          negative.map((n) => (p.margin > n.margin ? 1 : p.margin === n.margin ? 0.5 : 0)),
        );
        const expected = pairs.length === 0 ? 0.5 : pairs.reduce<number>((a, b) => a + b, 0) / pairs.length;
        const margins = Float32Array.from(rows, (r) => r.margin);
        const labels = Float32Array.from(rows, (r) => r.label);
        expect(measure('auc', 'binary:logistic', margins, labels)).toBeCloseTo(expected, 10);
      }),
    );
  });

  it('are those of their definitions', () => {
    const [margins, labels] = [Float32Array.of(0, 2, -2), Float32Array.of(1, 1, 0)];
    expect(measure('rmse', 'reg:squarederror', margins, labels)).toBeCloseTo(Math.sqrt((1 + 1 + 4) / 3), 6);
    expect(measure('mae', 'reg:squarederror', margins, labels)).toBeCloseTo(4 / 3, 6);
    expect(measure('error', 'binary:logistic', margins, labels)).toBeCloseTo(1 / 3, 6);
    expect(measure('logloss', 'binary:logistic', margins, labels)).toBeCloseTo(
      (Math.log(2) + 2 * Math.log(1 + Math.exp(-2))) / 3,
      6,
    );
    const two = [Float32Array.of(0, 0, 1, 0), Float32Array.of(0, 1)] as const;
    expect(measure('mlogloss', 'multi:softprob', ...two)).toBeCloseTo(
      (Math.log(2) + Math.log(1 + Math.E)) / 2,
      6,
    );
    expect(measure('merror', 'multi:softmax', ...two)).toBe(0.5);
  });
});
