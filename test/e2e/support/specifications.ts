/** Pipelines that a test can turn around in seconds. */
import { createRandom } from '../../../containers/numeric/random.ts';

/** A canary that has seen enough after a few requests; no verdict hangs on how fast a busy machine answers. */
const QUICK_CANARY = {
  weights: [0.5],
  minimumRequests: 30,
  minimumTime: '1 second',
  timeout: '10 minutes',
  errorMargin: 0.4,
  latencyFloor: 30_000,
};

/** Handwritten digits, as in examples/digits, with a network that learns in a second. */
export const digits = (name = 'digits') => ({
  name,
  data: {
    seal: 'each',
    columns: [
      { name: 'label', type: 'integer', minimum: 0, maximum: 9 },
      { name: 'p{0..783}', type: 'integer', minimum: 0, maximum: 255 },
    ],
    target: 'label',
    quality: { minimumRows: 100, maximumQuarantined: 0.1 },
  },
  train: { image: 'digits', hyperparameters: { epochs: 4, hidden: 24, seed: 1, classes: 10 } },
  evaluate: { metric: 'accuracy', prediction: 'label', required: 0.5, margin: 0.2 },
  deploy: { records: 'features', canary: QUICK_CANARY },
});

/** Points of the unit square: above the diagonal or not. The smallest pipeline that trains a real model. */
export const points = (name = 'points') => ({
  name,
  data: {
    seal: 'each',
    columns: [
      { name: 'x', type: 'number', minimum: 0, maximum: 1 },
      { name: 'y', type: 'number', minimum: 0, maximum: 1 },
      { name: 'above', type: 'integer', minimum: 0, maximum: 1 },
    ],
    target: 'above',
    quality: { minimumRows: 50, maximumQuarantined: 0.1 },
  },
  train: {
    image: 'xgboost',
    hyperparameters: { objective: 'binary:logistic', num_round: 10, max_depth: 3, eta: 0.5 },
  },
  evaluate: { metric: 'accuracy', prediction: 'probability', required: 0.7, margin: 0.2 },
  deploy: { records: 'features', canary: QUICK_CANARY },
});

/** CSV for the pipeline `points`. */
export function pointsCsv(count: number, seed: number): string {
  const random = createRandom(seed);
  const lines = Array.from({ length: count }, () => {
    const [x, y] = [random(), random()];
    return `${x.toFixed(4)},${y.toFixed(4)},${y > x ? 1 : 0}`;
  });
  return `x,y,above\n${lines.join('\n')}\n`;
}
