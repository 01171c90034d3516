import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { invoke, JobFolder, type Outcome, type Server } from '../contract/job-folder.fixture.ts';
import { createRandom, normal } from '../numeric/random.ts';
import { predictTable } from './ensemble.ts';
import { readModelJson } from './model-reader.ts';

/** y = 1 where x0 + x1·x2 > 0; one cell in ten is empty. */
function generate(rows: number, seed: number): { labels: number[]; cells: string[][] } {
  const random = createRandom(seed);
  const labels: number[] = [];
  const cells = Array.from({ length: rows }, () => {
    const x = [normal(random), normal(random), normal(random)];
    labels.push(x[0]! + x[1]! * x[2]! > 0 ? 1 : 0);
    return x.map((value) => (random() < 0.1 ? '' : value.toFixed(4)));
  });
  return { labels, cells };
}

const toCsv = ({ labels, cells }: ReturnType<typeof generate>): string =>
  cells.map((row, at) => [labels[at], ...row].join(',')).join('\n');

const METRIC = /.*\[[0-9]+\].*#011validation-logloss:(\S+)/;

describe('xgboost: train, then serve, as SageMaker runs them', () => {
  const folder = new JobFolder('xgboost');
  const unseen = generate(400, 9);
  const body = unseen.cells.map((row) => row.join(',')).join('\n');
  let trained: Outcome;
  let server: Server;

  beforeAll(async () => {
    trained = await folder.train({
      hyperparameters: { num_round: '30', objective: 'binary:logistic', max_depth: '4' },
      channels: {
        train: { 'a.csv': toCsv(generate(2000, 1)) },
        validation: { 'v.csv': toCsv(generate(500, 2)) },
      },
    });
    server = await folder.serve();
  });

  afterAll(() => folder.dispose());

  it('logs each round as the metric definition of the built-in algorithm expects it, and learns', () => {
    expect(trained).toMatchObject({ code: 0, failure: undefined });
    const rounds = trained.log.split('\n').filter((line) => METRIC.test(line));
    expect(rounds[0]).toMatch(/^\[0\]#011train-logloss:0\.\d{5}#011validation-logloss:0\.\d{5}$/);
    expect(rounds).toHaveLength(30);
    const train = rounds.map((line) => Number(/train-logloss:([\d.]+)/.exec(line)?.[1]));
    expect(train).toEqual([...train].sort((a, b) => b - a));
  });

  it('serves unseen rows with fewer errors than the best constant', async () => {
    const scores = (await invoke(server, body)).text.split('\n').map(Number);
    const errors = scores.filter((score, row) => (score > 0.5 ? 1 : 0) !== unseen.labels[row]).length;
    const ones = unseen.labels.filter((label) => label === 1).length;
    expect(errors).toBeLessThan(Math.min(ones, 400 - ones) / 2);
  });

  it('answers in JSON exactly what the model file predicts, and libsvm as it does CSV', async () => {
    const model = readModelJson(readFileSync(join(folder.path, 'model/xgboost-model')));
    const values = Float32Array.from(unseen.cells.flat(), (cell) =>
      cell === '' ? Number.NaN : Number(cell),
    );
    const expected = predictTable(model, { values, rows: 400, columns: 3 });
    const json = await invoke(server, body, { 'content-type': 'text/csv', accept: 'application/json' });
    expect(JSON.parse(json.text)).toEqual({ predictions: expected.map((score) => ({ score })) });
    const pairs = unseen.cells.map((row) =>
      row.flatMap((cell, at) => (cell === '' ? [] : [`${at}:${cell}`])),
    );
    const libsvm = pairs.map((row) => ['0', ...row].join(' ')).join('\n');
    const answer = await invoke(server, libsvm, { 'content-type': 'text/libsvm' });
    expect(answer.text.split('\n').map(Number)).toEqual(expected);
  });

  it.each([
    ['too few features', '1,2', {}, 400, 'row 1: expected 3 columns, found 2'],
    [
      'an index beyond the model',
      '3:1',
      { 'content-type': 'text/x-libsvm' },
      400,
      'expected 3 features, found index 3',
    ],
    ['a word', '1,2,cold', {}, 415, 'row 1, column 3: "cold" is not a number'],
    ['a foreign type', '1,2,3', { 'content-type': 'application/x-parquet' }, 415, 'is not supported'],
    ['a foreign Accept', '1,2,3', { accept: 'application/x-recordio-protobuf' }, 406, 'is not supported'],
    ['an empty body', '', {}, 204, ''],
  ])('refuses %s with the code of the real container', async (_, request, headers, status, message) => {
    const answer = await invoke(server, request, { 'content-type': 'text/csv', ...headers });
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(message);
  });
});

describe('xgboost: what a user gets wrong', () => {
  const folder = new JobFolder('xgboost');
  afterAll(() => folder.dispose());
  const channels = { train: { 'a.csv': '0,1,2\n1,2,3' } };

  it.each([
    ['no num_round', {}, channels, 'Missing required hyperparameter num_round'],
    [
      'no num_class',
      { num_round: '1', objective: 'multi:softprob' },
      channels,
      'requires the hyperparameter num_class',
    ],
    [
      'a metric of another task',
      { num_round: '1', eval_metric: 'auc' },
      channels,
      "Metric 'auc' cannot be applied",
    ],
    [
      'a label outside [0, 1]',
      { num_round: '1', objective: 'binary:logistic' },
      { train: { 'a.csv': '0,1\n2,3' } },
      'row 2: label must be in [0,1]',
    ],
    [
      'a header',
      { num_round: '1' },
      { train: { 'a.csv': 'y,x\n1,2' } },
      'row 1, column 1: "y" is not a number',
    ],
  ])('fails with exit code 1 and the reason: %s', async (_, hyperparameters, given, reason) => {
    const outcome = await folder.train({ hyperparameters, channels: given } as never);
    expect(outcome.code).toBe(1);
    expect(outcome.failure).toContain(reason);
  });

  it('refuses to serve UBJSON and says how to save JSON', async () => {
    folder.write('model/xgboost-model', Buffer.from('{L\0\0\0\0\0\0\0\x07learner', 'latin1'));
    await expect(folder.serve()).rejects.toThrow('xgboost-model is UBJSON; save it as JSON');
  });
});
