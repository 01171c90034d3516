/** From a table that Ratchet has never seen to a model that serves, by three commands and without editing. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { createApi } from '../../cli/api.ts';
import { credentials, region } from '../../cli/connection.ts';
import { createS3 } from '../../cli/drop-files.ts';
import { createRandom, normal } from '../../containers/numeric/random.ts';
import { endpointName } from '../../shared/contracts/names.ts';
import { predict } from '../e2e/support/live-requests.ts';
import { createStory } from '../e2e/support/story.ts';
import { STAGE } from '../e2e/support/test-cloud.ts';
import { describeWith } from '../support/outside-client.ts';
import { publicTable, publicTables } from './public-tables.ts';
import { type RatchetProcess, startRatchet } from './ratchet-process.ts';

interface Expected {
  readonly metric: 'accuracy' | 'log-loss' | 'rmse';
  /** What the model must be better than: a predictor that always says the same shows worse. */
  readonly atLeast?: number;
  readonly atMost?: number;
}

const CASES: readonly (readonly [table: string, target: string, expected: Expected])[] = [
  ['datasets/iris', 'Species', { metric: 'accuracy', atLeast: 0.8 }],
  ['HSAUR/plasma', 'ESR', { metric: 'log-loss', atMost: 1.2 }],
  ['COUNT/titanic', 'survived', { metric: 'log-loss', atMost: 0.63 }],
  ['MASS/Boston', 'medv', { metric: 'rmse', atMost: 6 }],
  ['MASS/birthwt', 'bwt', { metric: 'rmse', atMost: 900 }],
  ['car/SLID', 'wages', { metric: 'rmse', atMost: 8 }],
  ['ggplot2/mpg', 'hwy', { metric: 'rmse', atMost: 4 }],
  // NA stands between the labels as well as between the features.
  ['datasets/airquality', 'Ozone', { metric: 'rmse', atMost: 33 }],
];

/** Cars as UCI's auto-mpg has them: lighter ones go further, and of some the horsepower is not known. */
function carsWithGaps(rows: number): string {
  const random = createRandom(8);
  const lines = Array.from({ length: rows }, () => {
    const weight = Math.round(1600 + 3400 * random());
    const power = Math.round(weight / 30 + 40 * random());
    const mpg = (52 - weight / 120 - power / 20 + 3 * normal(random)).toFixed(1);
    return `${mpg},${4 + 2 * Math.floor(3 * random())},${random() < 0.06 ? '?' : power},${weight}`;
  });
  return ['mpg,cylinders,horsepower,weight', ...lines, ''].join('\n');
}

const gaps = (record: string): number => record.match(/(^|,)(NA|\?)(?=,|$)/g)?.length ?? 0;

describeWith(publicTables, 'init, apply, drop', () => {
  let ratchet: RatchetProcess;

  beforeAll(async () => {
    ratchet = await startRatchet();
  }, 200_000);
  afterAll(() => ratchet?.stop(), 60_000);

  it.each(CASES)(
    'make a model of %s that predicts %s',
    (table, target, expected) =>
      becomeModel(table.toLowerCase().replace(/[^a-z]+/g, '-'), publicTable(table), target, expected),
    280_000,
  );

  it('make a model of a table whose gaps are question marks', async () => {
    const file = join(ratchet.folder, 'cars.csv');
    writeFileSync(file, carsWithGaps(392));
    await becomeModel('cars', file, 'mpg', { metric: 'rmse', atMost: 5 });
    expect(readFileSync(join(ratchet.folder, 'cars.yml'), 'utf8')).toContain('blanks: [ "?" ]');
  }, 280_000);

  async function becomeModel(
    pipeline: string,
    file: string,
    target: string,
    expected: Expected,
  ): Promise<void> {
    await ratchet.run('init', file, '--target', target, '--out', `${pipeline}.yml`, '--name', pipeline);
    await ratchet.run('apply', `${pipeline}.yml`);
    await ratchet.run('drop', pipeline, file);

    const story = createStory(createApi(ratchet.connection), pipeline);
    const run = await story.reaches(1, 'promoted', 200);
    await story.servesOnly(run.model as string, 60);
    expect(run.gate).toMatchObject({ metric: expected.metric });
    expect(run.gate!.candidate).toBeGreaterThanOrEqual(expected.atLeast ?? 0);
    expect(run.gate!.candidate).toBeLessThanOrEqual(expected.atMost ?? 1);

    const records = (await readText(`datasets/${pipeline}/${run.dataset}/test/records.csv`))
      .trim()
      .split('\n');
    const client = new SageMakerRuntimeClient({
      endpoint: ratchet.connection.awsEndpoint,
      region,
      credentials,
    });
    try {
      // Those with a word for a missing value first.
      const asked = [...records]
        .sort((a, b) => gaps(b) - gaps(a))
        .slice(0, 5)
        .join('\n');
      const { text } = await predict(client, endpointName(STAGE, pipeline), asked);
      const answers = text.split('\n').map(Number);
      expect(answers).toHaveLength(Math.min(5, records.length));
      for (const answer of answers) expect(Number.isFinite(answer)).toBe(true);
    } finally {
      client.destroy();
    }
  }

  async function readText(Key: string): Promise<string> {
    const s3 = createS3(ratchet.connection);
    try {
      const { Body } = await s3.send(
        new GetObjectCommand({ Bucket: ratchet.connection.artifactsBucket, Key }),
      );
      return (await Body?.transformToString()) ?? '';
    } finally {
      s3.destroy();
    }
  }

  it('say what is wrong before anything is written', async () => {
    const iris = publicTable('datasets/iris');
    await expect(ratchet.run('init', iris, '--target', 'Specis', '--out', 'x.yml')).rejects.toThrow(
      'did you mean "Species"?',
    );
  });
});
