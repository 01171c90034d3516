/** Applications of the de-icing pipeline: they send records as they were dropped, and get what the batch's own
 * features would have got. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { ModelError, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { invoke, JobFolder } from '../../containers/contract/job-folder.fixture.ts';
import { COUNTRY_SPELLINGS } from '../../examples/deicing/data.ts';
import { unpackInto } from '../../local/sagemaker/archive.ts';
import { endpointName } from '../../shared/contracts/names.ts';
import { parseS3Uri } from '../../shared/contracts/s3-uri.ts';
import { captured } from './support/captures.ts';
import { predict } from './support/live-requests.ts';
import type { RunView } from './support/story.ts';
import { STAGE, type TestCloud } from './support/test-cloud.ts';

const ENDPOINT = endpointName(STAGE, 'deicing');

const numbersOf = (line: string): readonly number[] =>
  line.split(',').map((cell) => (cell === '' ? Number.NaN : Number(cell)));

/** The only feature that a logarithm goes into, in which machines differ (docs/data.md). */
const FROST_POINT = 4;
const measured = (features: readonly number[]): readonly number[] => features.toSpliced(FROST_POINT, 1);

const weather = (temperature: number, humidity: number, precipitation: number, wind_speed: number) => ({
  temperature,
  humidity,
  precipitation,
  wind_speed,
});

/** A container of ours with a model as SageMaker unpacks it; answers one request. */
async function answerOf(
  container: 'features' | 'xgboost',
  archive: Uint8Array,
  body: string,
): Promise<string> {
  const folder = new JobFolder(container);
  try {
    folder.write('model.tar.gz', archive);
    await unpackInto(`${folder.path}/model.tar.gz`, `${folder.path}/model`);
    const { status, text } = await invoke(await folder.serve(), body);
    if (status !== 200) throw new Error(`${container} answered ${status}: ${text}`);
    return text.trim();
  } finally {
    folder.dispose();
  }
}

/** `runOf`: the run whose model serves alone. */
export function describeRequests(cloudOf: () => TestCloud, runOf: () => RunView): void {
  describe('asked with raw records', () => {
    let client: SageMakerRuntimeClient;

    async function read(uri: string): Promise<Uint8Array> {
      const { bucket: Bucket, key: Key } = parseS3Uri(uri);
      const { Body } = await cloudOf().s3.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    }

    beforeAll(() => {
      client = new SageMakerRuntimeClient(cloudOf().sageMaker);
    });
    afterAll(() => client.destroy());

    it('tells freezing rain from a warm, dry day, however the country is spelled', async () => {
      const ask = async (record: string) => Number((await predict(client, ENDPOINT, record)).text);
      // °C, %, mm/h, m/s
      const freezing = await Promise.all(
        COUNTRY_SPELLINGS.Canada.map((country) => ask(`CYYZ, ${country} ,2026-01-05T06:00:00Z,-2,99,3,5`)),
      );
      expect(new Set(freezing).size).toBe(1);
      expect(freezing[0]).toBeGreaterThan(0.8);
      expect(await ask('CYYZ,CAN,2026-07-05T12:00:00Z,18,40,0,5')).toBeLessThan(0.2);
    });

    it('takes JSON as well, and answers one to one', async () => {
      const [csv, json] = await Promise.all([
        predict(client, ENDPOINT, 'CYYZ,CA,2026-01-05T06:00:00Z,-2,99,3,5\nKBOS,U.S.A.,now,5,50,0,1'),
        predict(
          client,
          ENDPOINT,
          JSON.stringify({
            instances: [
              { station: 'CYYZ', country: 'Canada', observed_at: 'now', ...weather(-2, 99, 3, 5) },
              { station: 'KBOS', country: 'usa', observed_at: 'now', ...weather(5, 50, 0, 1) },
            ],
          }),
          { contentType: 'application/json' },
        ),
      ]);
      expect(csv.text.split('\n')).toHaveLength(2);
      expect(json.text).toBe(csv.text);
    });

    it('refuses a record that the batch would put aside, with the reason', async () => {
      const error = await predict(client, ENDPOINT, 'CYYZ,CA,2026-01-05T06:00:00Z,999.9,99,3,5').catch(
        (refused: unknown) => refused,
      );
      expect(error).toBeInstanceOf(ModelError);
      const { OriginalStatusCode, OriginalMessage } = error as ModelError;
      expect(OriginalStatusCode).toBe(400);
      expect(JSON.parse(OriginalMessage ?? '')).toEqual({
        error: 'InvalidRecords',
        message: '1 of 1 record cannot be used; nothing was predicted',
        invalid: [
          {
            index: 0,
            column: 'temperature',
            rule: 'out-of-range',
            value: '999.9',
            reason: expect.stringContaining('larger than the allowed 60'),
          },
        ],
      });
    });

    it('has the features of the batch: to the last bit, and 1e-12 behind a logarithm', async () => {
      const { dataset, model } = await cloudOf().api.get<{
        dataset: { prefix: string };
        model: { artifact: string; features: string };
      }>(`/v1/runs/${runOf().runId}`);
      const [records, prepared] = await Promise.all(
        ['records', 'features'].map(async (name) => {
          const file = await read(`${dataset.prefix}test/${name}.csv`);
          return Buffer.from(file).toString().trim().split('\n');
        }),
      );
      expect(model.features).toBe(`${dataset.prefix}features.tar.gz`);
      // All held-out records through the container that the endpoint runs in front of the model.
      const made = await answerOf('features', await read(model.features), (records ?? []).join('\n'));
      expect(prepared?.length).toBeGreaterThan(400);
      const [online, batch] = [made.split('\n'), prepared ?? []].map((lines) => lines.map(numbersOf));
      expect(online?.map(measured)).toEqual(batch?.map(measured));
      for (const [row, features] of (batch ?? []).entries()) {
        const [asked, wanted] = [online?.[row]?.[FROST_POINT] as number, features[FROST_POINT] as number];
        expect(Math.abs(asked - wanted)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(wanted)));
      }
      // And through the endpoint: it answers raw records as the model alone answers the batch's features.
      const some = [0, 200] as const;
      const { text } = await predict(client, ENDPOINT, records?.slice(...some).join('\n') ?? '');
      const alone = await answerOf(
        'xgboost',
        await read(model.artifact),
        prepared?.slice(...some).join('\n') ?? '',
      );
      expect(text.split('\n')).toEqual(alone.split('\n'));
    });

    it('captures the raw record and the final answer', async () => {
      const record = 'CYYZ, can ,2026-01-05T06:00:00Z,-2,99,3,5';
      const { text } = await predict(client, ENDPOINT, record, { id: 'shown-by-capture' });
      expect(await captured(cloudOf(), ENDPOINT, 'shown-by-capture')).toMatchObject({
        endpointInput: { observedContentType: 'text/csv', encoding: 'CSV', data: record },
        endpointOutput: { encoding: 'CSV', data: text },
      });
    });
  });
}
