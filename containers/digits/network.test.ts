import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { digitsRows } from '../../examples/digits/data.ts';
import { createRandom } from '../numeric/random.ts';
import type { Dataset } from './dataset.ts';
import { parseDigitsHyperparameters } from './hyperparameters.ts';
import { readModel, writeModel } from './model-files.ts';
import {
  accuracy,
  createNetwork,
  forward,
  type Network,
  predict,
  roundToSingle,
  withSums,
} from './network.ts';
import { rehearseServing, rehearseTraining } from './rehearsal.ts';
import { toSparseRows } from './sparse-rows.ts';
import { createTrainer } from './trainer.ts';

function digitsDataset(from: number, count: number): Dataset {
  const digits = digitsRows({ from, count });
  const values = Float32Array.from(digits.flatMap((digit) => [...digit.pixels]));
  const inputs = toSparseRows({ values, rows: count, columns: 784 }, 0, 255);
  return { inputs, labels: Int32Array.from(digits, (digit) => digit.label) };
}

function trained(data: Dataset, labels: Int32Array, seed: number): Network {
  const random = createRandom(seed);
  const network = createNetwork({ inputs: 784, hidden: 32, classes: 10 }, random);
  const trainer = createTrainer(
    network,
    { inputs: data.inputs, labels },
    { learningRate: 0.05, batchSize: 32, random },
  );
  for (let epoch = 0; epoch < 3; epoch++) trainer.runEpoch();
  return network;
}

describe('the network', () => {
  const data = digitsDataset(0, 2000);
  const unseen = digitsDataset(60_000, 1000);

  it('learns digits, the same ones for the same seed, and nothing from shuffled labels', () => {
    const network = trained(data, data.labels, 5);
    expect(accuracy(network, unseen.inputs, unseen.labels)).toBeGreaterThan(0.83);
    expect(trained(data, data.labels, 5).parameters).toEqual(network.parameters);
    const shuffled = rehearseTraining(data.labels, 'shuffled-labels', createRandom(5));
    expect([...shuffled].sort()).toEqual([...data.labels].sort());
    expect(accuracy(trained(data, shuffled, 5), unseen.inputs, unseen.labels)).toBeLessThan(0.3);
  });

  it('has the gradient that finite differences give', () => {
    // Given a small network and one row, when one step is taken from rest, then the step is -rate × gradient.
    const shape = { inputs: 3, hidden: 4, classes: 3 };
    const inputs = toSparseRows({ values: Float32Array.of(0.5, 0, -1.25), rows: 1, columns: 3 }, 0, 1);
    const rate = 1e-3;
    const network = createNetwork(shape, createRandom(11));
    const before = network.parameters.slice();
    const loss = (parameters: Float64Array): number => {
      const probabilities = new Float64Array(3);
      forward(withSums(shape, parameters), inputs, 0, new Float64Array(4), probabilities);
      return -Math.log(probabilities[1]!);
    };
    const options = { learningRate: rate, batchSize: 1, random: createRandom(1) };
    createTrainer(network, { inputs, labels: Int32Array.of(1) }, options).runEpoch();
    before.forEach((value, at) => {
      const [up, down] = [before.slice(), before.slice()];
      up[at] = value + 1e-5;
      down[at] = value - 1e-5;
      expect((value - network.parameters[at]!) / rate).toBeCloseTo((loss(up) - loss(down)) / 2e-5, 4);
    });
  });

  it('is the same after it was written and read', () => {
    const directory = mkdtempSync(join(tmpdir(), 'ratchet-model-'));
    try {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 1, max: 9 }),
          fc.integer(),
          (inputs, hidden, seed) => {
            const network = roundToSingle(createNetwork({ inputs, hidden, classes: 3 }, createRandom(seed)));
            writeModel(directory, network, parseDigitsHyperparameters({ scale: '7' }));
            const read = readModel(directory);
            expect(read.network).toEqual(network);
            expect(read.description.scale).toBe(7);
          },
        ),
        { numRuns: 30 },
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('gives probabilities', () => {
    const network = createNetwork({ inputs: 2, hidden: 3, classes: 4 }, createRandom(1));
    const finite = fc.float({ min: -1000, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.array(finite, { minLength: 2, maxLength: 2 }), (row) => {
        const rows = toSparseRows({ values: Float32Array.from(row), rows: 1, columns: 2 }, 0, 1);
        const [prediction] = predict(network, rows);
        expect(prediction!.score).toBeGreaterThanOrEqual(0.25 - 1e-9);
        expect(prediction!.score).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('sparse rows', () => {
  it('are the rows divided by the scale, less their mean', () => {
    const row = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), (given) => {
        const table = { values: Float32Array.from(given.flat()), rows: given.length, columns: 5 };
        const sparse = toSparseRows(table, 1, 2);
        given.forEach((cells, at) => {
          const dense = Array<number>(4).fill(sparse.rest[at]!);
          for (let entry = sparse.start[at]!; entry < sparse.start[at + 1]!; entry++) {
            dense[sparse.index[entry]!]! += sparse.value[entry]!;
          }
          const inputs = cells.slice(1).map((cell) => cell / 2);
          const mean = inputs.reduce((sum, input) => sum + input, 0) / 4;
          dense.forEach((value, column) => {
            expect(value).toBeCloseTo(inputs[column]! - mean, 5);
          });
        });
      }),
    );
  });
});

describe('slow-live', () => {
  it('makes live requests wait a second before they are answered, and spares batch', async () => {
    const story: string[] = [];
    const infer = () => {
      story.push('answer');
      return { contentType: 'text/csv', body: '1' };
    };
    const wait = async (milliseconds: number) => story.push(`wait ${milliseconds}`);
    const request = { contentType: undefined, accept: undefined, body: Buffer.of(1) };
    await rehearseServing(infer, 'slow-live', { batch: false, wait })(request);
    await rehearseServing(infer, 'slow-live', { batch: true, wait })(request);
    expect(story).toEqual(['wait 1000', 'answer', 'answer']);
  });
});
