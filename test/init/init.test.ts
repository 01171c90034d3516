/** From a table that Ratchet has never seen to a model that serves, by three commands and without editing. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { createApi } from '../../cli/api.ts';
import { credentials, region } from '../../cli/connection.ts';
import { createS3 } from '../../cli/drop-files.ts';
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
];

describeWith(publicTables, 'init, apply, drop', () => {
  let ratchet: RatchetProcess;

  beforeAll(async () => {
    ratchet = await startRatchet();
  }, 200_000);
  afterAll(() => ratchet?.stop(), 60_000);

  it.each(CASES)(
    'make a model of %s that predicts %s',
    async (table, target, expected) => {
      const pipeline = table.toLowerCase().replace(/[^a-z]+/g, '-');
      const file = publicTable(table);
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
        const asked = records.slice(0, 5).join('\n');
        const { text } = await predict(client, endpointName(STAGE, pipeline), asked);
        const answers = text.split('\n').map(Number);
        expect(answers).toHaveLength(Math.min(5, records.length));
        for (const answer of answers) expect(Number.isFinite(answer)).toBe(true);
      } finally {
        client.destroy();
      }
    },
    280_000,
  );

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
