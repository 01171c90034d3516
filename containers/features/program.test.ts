import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deicingCsv } from '../../examples/deicing/data.ts';
import { parseSpecification } from '../../shared/contracts/parse-specification.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { invoke, JobFolder, type Server } from '../contract/job-folder.fixture.ts';

function deicing(): DataSpecification {
  const path = join(import.meta.dirname, '../../examples/deicing/pipeline.yml');
  const parsed = parseSpecification(readFileSync(path, 'utf8'));
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems));
  return parsed.specification.data;
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe('features with what was fitted on a dataset', () => {
  const folder = new JobFolder('features');
  let server: Server;

  beforeAll(async () => {
    const { data } = specificationOf({
      data: {
        columns: [
          { name: 'y', type: 'integer' },
          { name: 'a', type: 'number', missing: 'median', outliers: { method: 'iqr' }, indicator: true },
          { name: 'b', type: 'number', missing: 'allow', scale: 'standard', blanks: [] },
          { name: 'when', type: 'date', formats: ['DD.MM.YYYY'], parts: ['month'] },
        ],
        derive: [{ name: 'ratio', formula: 'a / b' }],
        blanks: ['NA', '?'],
      },
    });
    const fitted = {
      formatVersion: 1,
      columns: { a: { low: 0, high: 10, fill: 4 } },
      features: { b: { mean: 2, deviation: 0.5 } },
    };
    folder.write('model/preparation.json', JSON.stringify({ formatVersion: 1, data, fitted }));
    server = await folder.serve();
  });

  afterAll(() => folder.dispose());

  it('fills, scales and derives as the batch did; what is missing stays an empty cell', async () => {
    const answer = await invoke(server, '8,4,24.12.2025\n,,01.02.2026');
    expect([answer.status, answer.text]).toEqual([200, '8,0,4,12,2\n4,1,,2,\n']);
  });

  it('takes a blank word for a missing value where the column has such words', async () => {
    const answer = await invoke(server, '? ,4,24.12.2025\nNA,,01.02.2026');
    expect([answer.status, answer.text]).toEqual([200, '4,1,4,12,1\n4,1,,2,\n']);
    const refused = await invoke(server, '8,NA,24.12.2025\n8,4,?');
    expect(JSON.parse(refused.text)).toMatchObject({
      invalid: [
        { index: 0, column: 'b', rule: 'not-a-number', value: 'NA' },
        {
          index: 1,
          column: 'when',
          rule: 'missing',
          value: '?',
          reason: 'when is "?", which counts as missing',
        },
      ],
    });
  });

  it('refuses what lies beyond the fences of the dataset', async () => {
    const answer = await invoke(server, '10.5,4,24.12.2025');
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({
      invalid: [{ index: 0, column: 'a', rule: 'outlier', value: '10.5' }],
    });
  });
});

describe('features: served as SageMaker runs it', () => {
  const folder = new JobFolder('features');
  let server: Server;

  beforeAll(async () => {
    const preparation = {
      formatVersion: 1,
      data: deicing(),
      fitted: { formatVersion: 1, columns: {}, features: {} },
    };
    folder.write('model/preparation.json', JSON.stringify(preparation));
    server = await folder.serve();
  });

  afterAll(() => folder.dispose());

  it('answers a raw record with its features, however it is written', async () => {
    const csv = await invoke(server, 'ENGM,nor,2026-01-05T06:00:00Z,-3.5,92,0.4,4\n');
    expect(csv).toMatchObject({ status: 200, type: 'text/csv; charset=utf-8' });
    const features = csv.text.trim().split(',').map(Number);
    expect(features).toHaveLength(7);
    expect([...features.slice(0, 4), ...features.slice(5)]).toEqual([0, 0, 1, -3.5, 0.4, 4]);
    const record = {
      station: 'ENGM',
      country: ' NO ',
      observed_at: '2026-01-05T06:00:00Z',
      temperature: -3.5,
      humidity: '92',
      precipitation: 0.4,
      wind_speed: 4,
    };
    for (const body of [record, [record], { instances: [record] }]) {
      const json = await invoke(server, JSON.stringify(body), JSON_TYPE);
      expect([json.status, json.text]).toEqual([200, csv.text]);
    }
    const lines = await invoke(server, JSON.stringify(record), { 'content-type': 'application/jsonlines' });
    expect(lines.text).toBe(csv.text);
  });

  it('answers one line a record, with the target in its place or left out', async () => {
    const labelled = deicingCsv({ count: 300 }).csv.trim().split('\n').slice(1);
    const unlabelled = labelled.map((line) => line.slice(0, line.lastIndexOf(',')));
    const answers = await Promise.all(
      [labelled, unlabelled].map((lines) => invoke(server, lines.join('\n'))),
    );
    expect(answers[0]?.text.trim().split('\n')).toHaveLength(300);
    expect(answers[1]).toEqual(answers[0]);
  });

  it('refuses a request whole where one record is invalid, with the reason of each', async () => {
    const body = [
      'ENGM,Norway,2026-01-05T06:00:00Z,-3.5,92,0.4,4',
      'ENGM,Sweden,2026-01-05T06:00:00Z,-3.5,92,0.4,4',
      'ENGM,Norway,2026-01-05T06:00:00Z,999.9,92,0.4,4',
      'ENGM,Norway',
    ].join('\n');
    const refused = await invoke(server, body);
    expect(refused).toMatchObject({ status: 400, type: 'application/json' });
    expect(JSON.parse(refused.text)).toEqual({
      error: 'InvalidRecords',
      message: '3 of 4 records cannot be used; nothing was predicted',
      invalid: [
        {
          index: 1,
          rule: 'unknown-value',
          column: 'country',
          value: 'Sweden',
          reason: expect.stringContaining('"Sweden"'),
        },
        {
          index: 2,
          rule: 'out-of-range',
          column: 'temperature',
          value: '999.9',
          reason: expect.stringContaining('999.9'),
        },
        {
          index: 3,
          rule: 'torn-line',
          column: null,
          value: 'ENGM,Norway',
          reason: expect.stringContaining('2 cells'),
        },
      ],
    });
  });

  it('lists as many as SageMaker hands on, and counts the others', async () => {
    const refused = await invoke(server, 'ENGM,Norway\n'.repeat(5_000));
    expect(refused.text.length).toBeLessThanOrEqual(1_024);
    const { invalid, more } = JSON.parse(refused.text) as { invalid: object[]; more: number };
    expect(invalid.length).toBeGreaterThan(1);
    expect(invalid.length + more).toBe(5_000);
  });

  it.each<[what: string, body: string | Buffer, type: string, status: number, text: string]>([
    ['no records', '\n', 'text/csv', 400, 'The request holds no record.'],
    ['no JSON', '{', 'application/json', 400, 'The body is no JSON'],
    ['bytes that are no UTF-8', Buffer.from([0x41, 0xff]), 'text/csv', 400, 'The body is no UTF-8 text.'],
    ['another media type', 'x', 'image/png', 415, 'Content-Type image/png is not supported'],
  ])('refuses %s', async (_, body, type, status, text) => {
    const answer = await invoke(server, body, { 'content-type': type });
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(text);
  });

  it('does not train, and says so', async () => {
    const outcome = await new JobFolder('features').train({ hyperparameters: {}, channels: {} });
    expect(outcome).toMatchObject({ code: 1, failure: expect.stringContaining('This image only serves') });
  });

  it('serves nothing without a preparation that it understands', async () => {
    const other = new JobFolder('features');
    other.write('model/preparation.json', '{"formatVersion": 2}');
    await expect(other.serve()).rejects.toThrow('preparation.json has the format version 2, expected 1');
    other.dispose();
  });
});
