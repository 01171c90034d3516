import fc from 'fast-check';
import { type EvaluateRules, lossesOf, meanOf, metricOf } from './metrics.ts';
import { UnusablePredictions } from './predictions.ts';

const rules = (evaluate: Partial<EvaluateRules>): EvaluateRules => ({
  metric: 'accuracy',
  prediction: 'label',
  threshold: 0.5,
  required: 0,
  margin: 0.02,
  instance: 'ml.m5.large',
  ...evaluate,
});

const measured = (evaluate: EvaluateRules, labels: number[], predictions: number[]): number =>
  metricOf(evaluate.metric, meanOf(lossesOf(evaluate, labels, predictions)));

describe('the metrics of the gate', () => {
  it('accuracy is the share of labels that are met', () => {
    expect(measured(rules({}), [1, 2, 3, 4], [1, 2, 3, 9])).toBe(0.75);
  });

  it('accuracy of probabilities counts class 1 from the threshold on', () => {
    const evaluate = rules({ prediction: 'probability', threshold: 0.3 });
    expect(lossesOf(evaluate, [1, 1, 0, 0], [0.3, 0.2999, 0.3, 0.1])).toEqual([0, 1, 1, 0]);
  });

  it('log-loss is the mean surprise, and one sure mistake does not cost infinity', () => {
    const evaluate = rules({ metric: 'log-loss', prediction: 'probability' });
    expect(measured(evaluate, [1, 0], [0.8, 0.8])).toBeCloseTo(-(Math.log(0.8) + Math.log(0.2)) / 2, 12);
    expect(lossesOf(evaluate, [1, 0], [0, 1])).toEqual([-Math.log(1e-7), expect.closeTo(-Math.log(1e-7), 6)]);
  });

  it('rmse and mae are in units of the target', () => {
    const value = { prediction: 'value' } as const;
    expect(measured(rules({ metric: 'rmse', ...value }), [0, 0, 0, 0], [3, -3, 3, -3])).toBe(3);
    expect(measured(rules({ metric: 'mae', ...value }), [0, 1], [2, 0])).toBe(1.5);
  });

  it('keep absurd predictions within what a table can hold', () => {
    const evaluate = rules({ metric: 'rmse', prediction: 'value' });
    expect(measured(evaluate, [0, 0], [1e308, -1e308])).toBeLessThan(1e120);
  });

  it('never rank a prediction above the truth itself', () => {
    const metrics = fc.constantFrom<EvaluateRules>(
      rules({}),
      rules({ prediction: 'probability' }),
      rules({ metric: 'log-loss', prediction: 'probability' }),
      rules({ metric: 'rmse', prediction: 'value' }),
      rules({ metric: 'mae', prediction: 'value' }),
    );
    const rows = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(metrics, rows, (evaluate, pairs) => {
        const labels = pairs.map(([label]) => label);
        const losses = lossesOf(
          evaluate,
          labels,
          pairs.map(([, prediction]) => prediction),
        );
        const best = lossesOf(evaluate, labels, labels);
        expect(losses.every((loss, row) => loss >= (best[row] as number))).toBe(true);
      }),
    );
  });

  it.each<[string, Partial<EvaluateRules>, number[], number[], string]>([
    [
      'log-loss of labels',
      { metric: 'log-loss' },
      [1],
      [1],
      'log-loss needs probabilities, the model answers a label',
    ],
    [
      'a third class',
      { metric: 'log-loss', prediction: 'probability' },
      [1, 2],
      [1, 1],
      'line 2 of the labels is 2',
    ],
    ['rows that do not pair', {}, [1, 2], [1], '1 predictions do not fit 2 labels'],
  ])('refuse %s', (_, evaluate, labels, predictions, message) => {
    expect(() => lossesOf(rules(evaluate), labels, predictions)).toThrow(message);
    expect(() => lossesOf(rules(evaluate), labels, predictions)).toThrow(UnusablePredictions);
  });
});
