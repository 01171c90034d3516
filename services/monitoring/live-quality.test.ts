import fc from 'fast-check';
import { addRows, isWorse, metricOf, noLabels, type Question } from './live-quality.ts';

const question = (
  metric: Question['metric'],
  prediction: Question['prediction'],
  threshold = 0.5,
): Question => ({ metric, prediction, threshold });
const record = { kind: 'cells', cells: [] } as const;
const rows = (...pairs: [string | undefined, number][]) =>
  pairs.map(([prediction, label]) => ({ model: 'm', record, prediction, label }));
const measured = (asked: Question, ...pairs: [string | undefined, number][]) =>
  metricOf(addRows(noLabels(asked.metric), asked, rows(...pairs)));

describe('the metric on live requests', () => {
  it.each([
    [
      'labels',
      question('accuracy', 'label'),
      [
        ['7', 7],
        ['1', 7],
        ['3', 3],
        ['2', 2],
      ],
      0.75,
    ],
    [
      'probabilities',
      question('accuracy', 'probability', 0.7),
      [
        ['0.7', 1],
        ['0.69', 1],
        ['0.1', 0],
        ['0.9', 0],
      ],
      0.5,
    ],
    [
      'values',
      question('accuracy', 'value'),
      [
        ['1.0', 1],
        ['1.5', 1],
      ],
      0.5,
    ],
    [
      'log-loss',
      question('log-loss', 'probability'),
      [
        ['0.5', 1],
        ['0.5', 0],
      ],
      Math.LN2,
    ],
    [
      'rmse',
      question('rmse', 'value'),
      [
        ['1', 4],
        ['2', -2],
      ],
      Math.sqrt(12.5),
    ],
    [
      'mae',
      question('mae', 'value'),
      [
        ['1', 4],
        ['2', 1],
      ],
      2,
    ],
  ] as [string, Question, [string, number][], number][])(
    'given %s, then it is computed by its definition',
    (_, asked, pairs, expected) => {
      expect(measured(asked, ...pairs)).toBeCloseTo(expected, 12);
    },
  );

  it('given a certain wrong probability, then the log-loss is large and finite', () => {
    expect(measured(question('log-loss', 'probability'), ['1', 0])).toBeCloseTo(34.539, 2);
  });

  it('given answers that are no numbers, then they are not counted', () => {
    const counts = addRows(
      noLabels('mae'),
      question('mae', 'value'),
      rows(['x', 1], [undefined, 1], ['', 1], ['2', 1]),
    );
    expect(counts).toEqual({ metric: 'mae', labels: 1, sum: 1 });
  });

  it('given counts of another metric, then they start anew', () => {
    expect(addRows({ metric: 'rmse', labels: 9, sum: 9 }, question('mae', 'value'), rows(['1', 1]))).toEqual({
      metric: 'mae',
      labels: 1,
      sum: 0,
    });
  });

  it('adds up to the same however the rows are split', () => {
    const pair = fc.tuple(fc.integer({ min: 0, max: 9 }).map(String), fc.integer({ min: 0, max: 9 }));
    const asked = question('accuracy', 'label');
    fc.assert(
      fc.property(fc.array(pair), fc.array(pair), (a, b) => {
        const apart = addRows(addRows(noLabels('accuracy'), asked, rows(...b)), asked, rows(...a));
        expect(apart).toEqual(addRows(noLabels('accuracy'), asked, rows(...a, ...b)));
      }),
    );
  });
});

describe('isWorse', () => {
  it.each([
    ['accuracy', 0.89, 0.95, 0.05, true],
    ['accuracy', 0.91, 0.95, 0.05, false],
    ['accuracy', 0.99, 0.95, 0.05, false],
    ['log-loss', 0.61, 0.5, 0.1, true],
    ['rmse', 0.4, 0.5, 0.1, false],
    ['mae', 0.55, 0.5, 0.1, false],
  ] as const)(
    'given %s %d where the gate saw %d, when %d is tolerated, then worse is %s',
    (metric, value, expected, tolerance, worse) => {
      expect(isWorse(metric, value, expected, tolerance)).toBe(worse);
    },
  );
});
