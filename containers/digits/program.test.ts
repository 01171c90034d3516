import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digitsCsv, digitsRows } from '../../examples/digits/data.ts';
import { invoke, JobFolder, type Outcome, type Server } from '../contract/job-folder.fixture.ts';
import { readModel } from './model-files.ts';
import { predict } from './network.ts';
import { toSparseRows } from './sparse-rows.ts';

const withoutHeader = (csv: string): string => csv.slice(csv.indexOf('\n') + 1);
const TEST_DIGITS = digitsRows({ from: 60_000, count: 500 });
const TEST_BODY = TEST_DIGITS.map((digit) => digit.csv).join('\n');

describe('digits: train, then serve, as SageMaker runs them', () => {
  const folder = new JobFolder('digits');
  let trained: Outcome;
  let server: Server;

  beforeAll(async () => {
    trained = await folder.train({
      hyperparameters: { epochs: '4', hidden: '48', seed: '3' },
      channels: {
        train: {
          'a.csv': withoutHeader(digitsCsv({ from: 0, count: 1200 })),
          'more/b.csv': withoutHeader(digitsCsv({ from: 1200, count: 800 })),
        },
        validation: { 'v.csv': withoutHeader(digitsCsv({ from: 60_500, count: 300 })) },
      },
    });
    server = await folder.serve();
  });

  afterAll(() => folder.dispose());

  it('trains on all files of the channel, logs each epoch and learns', () => {
    expect(trained).toMatchObject({ code: 0, failure: undefined });
    expect(trained.log).toContain('rows=2000 inputs=784 classes=10');
    const losses = [...trained.log.matchAll(/epoch=\d train_loss=(\S+) validation_accuracy=\S+;/g)].map(
      ([, loss]) => Number(loss),
    );
    expect(losses).toHaveLength(4);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
  });

  it('serves unseen digits with an accuracy that chance does not reach', async () => {
    const { status, text, type } = await invoke(server, TEST_BODY);
    const right = text.split('\n').filter((label, row) => Number(label) === TEST_DIGITS[row]?.label).length;
    expect({ status, type }).toEqual({ status: 200, type: 'text/csv; charset=utf-8' });
    expect(right / TEST_DIGITS.length).toBeGreaterThan(0.82);
  });

  it('answers in JSON exactly what the model in memory predicts', async () => {
    const { network, description } = readModel(join(folder.path, 'model'));
    const values = Float32Array.from(TEST_DIGITS.flatMap((digit) => [...digit.pixels]));
    const table = { values, rows: TEST_DIGITS.length, columns: 784 };
    const answer = await invoke(server, TEST_BODY, {
      'content-type': 'text/csv',
      accept: 'application/json',
    });
    expect(JSON.parse(answer.text).predictions).toEqual(
      predict(network, toSparseRows(table, 0, description.scale)),
    );
  });

  it('reads JSON instances as it reads CSV', async () => {
    const instances = TEST_DIGITS.slice(0, 20).map((digit) => [...digit.pixels]);
    const asJson = await invoke(server, JSON.stringify({ instances }), {
      'content-type': 'application/json',
    });
    const asCsv = await invoke(server, TEST_BODY);
    expect(asJson.text.split('\n')).toEqual(asCsv.text.split('\n').slice(0, 20));
  });

  it.each([
    ['a row too short', `${TEST_DIGITS[0]?.csv}\n1,2,3`, {}, 400, 'row 2: expected 784 columns, found 3'],
    [
      'a word',
      TEST_DIGITS[0]?.csv.replace(/^0,0/, '0,ink'),
      {},
      400,
      'row 1, column 2: "ink" is not a number',
    ],
    [
      'an empty cell',
      TEST_DIGITS[0]?.csv.replace(/^0/, ''),
      {},
      400,
      'row 1, column 1: the value is missing',
    ],
    ['a foreign type', 'x', { 'content-type': 'image/png' }, 415, 'Content-Type image/png is not supported'],
    ['a foreign Accept', TEST_BODY, { accept: 'image/png' }, 406, 'Accept image/png is not supported'],
    ['broken JSON', '{', { 'content-type': 'application/json' }, 400, 'The body is not JSON'],
    [
      'a short JSON instance',
      '{"instances":[[1]]}',
      { 'content-type': 'application/json' },
      400,
      'row 1: expected 784 columns, found 1',
    ],
    [
      'a million blank JSON rows',
      `{"instances":[${'0,'.repeat(1_000_000)}0]}`,
      { 'content-type': 'application/json' },
      400,
      'row 1: expected an array',
    ],
    ['JSON without instances', '[]', { 'content-type': 'application/json' }, 400, 'Expected {"instances"'],
    [
      'a body that no container in front of it may have made of a request',
      '0,'.repeat(25_200_000),
      {},
      413,
      'The body has 50400000 bytes; the limit is 50331648.',
    ],
  ])('refuses %s', async (_, body, headers, status, message) => {
    const answer = await invoke(server, body ?? '', { 'content-type': 'text/csv', ...headers });
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(message);
  });

  it('answers an empty body with 204 and is healthy', async () => {
    expect((await invoke(server, '')).status).toBe(204);
    expect((await fetch(`${server.url}/ping`)).status).toBe(200);
    expect((await fetch(`${server.url}/else`)).status).toBe(404);
  });

  it('stops on SIGTERM', async () => {
    const second = await folder.serve({ SAGEMAKER_BATCH: 'true', SAGEMAKER_MAX_PAYLOAD_IN_MB: '9' });
    const parameters = await (await fetch(`${second.url}/execution-parameters`)).json();
    expect(parameters).toMatchObject({ BatchStrategy: 'MULTI_RECORD', MaxPayloadInMB: 9 });
    // Parts of a batch are joined: every line of them ends.
    expect((await invoke(second, TEST_DIGITS[0]?.csv ?? '')).text).toMatch(/^\d\n$/);
    expect(await second.stop()).toBe(0);
  });
});

describe('digits: what a user gets wrong', () => {
  const folder = new JobFolder('digits');
  afterAll(() => folder.dispose());

  it.each([
    [
      'an unknown hyperparameter',
      { epoch: '3' },
      { train: { 'a.csv': '0,1\n1,2' } },
      'Unknown hyperparameter epoch',
    ],
    [
      'a hyperparameter out of range',
      { epochs: '0' },
      { train: { 'a.csv': '0,1' } },
      'Hyperparameter epochs must be',
    ],
    ['no train channel', {}, { validation: { 'a.csv': '0,1' } }, 'Missing required channel train'],
    [
      'a word in the data',
      {},
      { train: { 'a.csv': '0,1\nseven,2' } },
      'train/a.csv, row 2, column 1: "seven"',
    ],
    [
      'a label above classes',
      { classes: '2' },
      { train: { 'a.csv': '0,1\n2,2' } },
      'label 2, but hyperparameter classes is 2',
    ],
  ])('fails with exit code 1 and the reason: %s', async (_, hyperparameters, channels, reason) => {
    const outcome = await folder.train({ hyperparameters, channels } as never);
    expect(outcome.code).toBe(1);
    expect(outcome.failure).toContain(`ClientError: `);
    expect(outcome.failure).toContain(reason);
    expect(outcome.failure!.length).toBeLessThanOrEqual(1024);
  });

  it('refuses to serve a model whose files do not fit', async () => {
    folder.write(
      'model/model.json',
      '{"format":"ratchet-mlp","formatVersion":1,"inputs":4,"hidden":2,"classes":2}',
    );
    folder.write('model/weights.bin', new Uint8Array(8));
    await expect(folder.serve()).rejects.toThrow('weights.bin has 8 bytes; model.json describes 16 numbers');
  });
});

describe('digits: fire drills', () => {
  const folder = new JobFolder('digits');
  afterAll(() => folder.dispose());
  const twoClasses = Array.from(
    { length: 60 },
    (_, row) => `${row % 2},${row % 2 === 0 ? '200,0' : '0,200'}`,
  ).join('\n');

  it('failing-live fails a third of the live requests and none in batch', async () => {
    const hyperparameters = { rehearse: 'failing-live', epochs: '5', hidden: '4' };
    expect((await folder.train({ hyperparameters, channels: { train: { 'a.csv': twoClasses } } })).code).toBe(
      0,
    );
    const [live, batch] = [await folder.serve(), await folder.serve({ SAGEMAKER_BATCH: 'true' })];
    const statuses = async (server: Server): Promise<number[]> => {
      const all: number[] = [];
      for (let request = 0; request < 6; request++) all.push((await invoke(server, '200,0')).status);
      return all;
    };
    expect(await statuses(live)).toEqual([200, 200, 500, 200, 200, 500]);
    expect(await statuses(batch)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(JSON.parse(readFileSync(join(folder.path, 'model/model.json'), 'utf8'))).toMatchObject({
      inputs: 2,
      classes: 2,
    });
  });
});
