/** Stochastic gradient descent with momentum (Polyak 1964) over one array of parameters. */
export interface Optimizer {
  /** Takes one step along `gradients`, divided by `rows`, and clears them. */
  step(parameters: Float64Array, gradients: Float64Array, rows: number): void;
}

const MOMENTUM = 0.9;

export function createMomentum(size: number, learningRate: number): Optimizer {
  const velocity = new Float64Array(size);
  return {
    step(parameters, gradients, rows) {
      const share = 1 / rows;
      for (let at = 0; at < size; at++) {
        const speed = MOMENTUM * velocity[at]! + gradients[at]! * share;
        velocity[at] = speed;
        parameters[at]! -= learningRate * speed;
        gradients[at] = 0;
      }
    },
  };
}
