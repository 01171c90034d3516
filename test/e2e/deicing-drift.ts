/** A warm spell at the de-icing pipeline: drift is seen in the raw columns of captured requests, and their labelled
 * records come back as data like any that is dropped. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { DEICING_COLUMNS, type DeicingRecord, deicingRecords } from '../../examples/deicing/data.ts';
import { endpointName } from '../../shared/contracts/names.ts';
import type { DatasetRef } from '../../shared/lifecycle/run.ts';
import { predict } from './support/live-requests.ts';
import { createStory, type RunView, type Story } from './support/story.ts';
import { patient } from './support/target.ts';
import { STAGE, type TestCloud } from './support/test-cloud.ts';

const ENDPOINT = endpointName(STAGE, 'deicing');
const SENT = DEICING_COLUMNS.filter((column) => column !== 'deicing_needed');
/** Records in one request: a window holds 500. */
const EACH = 50;

interface Window {
  readonly model: string;
  readonly verdict: string;
  readonly rows: number;
  readonly top: readonly { readonly name: string; readonly distance: number }[];
}

const csvOf = (records: readonly DeicingRecord[]): string =>
  records.map((record) => SENT.map((column) => record[column]).join(',')).join('\n');

const jsonOf = (records: readonly DeicingRecord[]): string =>
  JSON.stringify({ instances: records.map(({ deicing_needed: _, ...sent }) => sent) });

const labelsOf = (id: string, records: readonly DeicingRecord[]): string =>
  JSON.stringify({
    groundTruthData: { data: records.map((record) => record.deicing_needed).join(','), encoding: 'CSV' },
    eventMetadata: { eventId: id },
    eventVersion: '0',
  });

/** `runOf`: the run whose model serves alone. */
export function describeDrift(cloudOf: () => TestCloud, runOf: () => RunView): void {
  describe('when the weather changes', () => {
    const warm = { from: '2026-06-01T00:00:00Z', days: 30, shift: { temperature: 8, humidity: -20 } };
    const records = deicingRecords({ count: 1_200, seed: 9, ...warm });
    const requests = Array.from({ length: records.length / EACH }, (_, at) => ({
      id: `warm-${at}`,
      records: records.slice(at * EACH, (at + 1) * EACH),
    }));
    let cloud: TestCloud;
    let story: Story;
    let client: SageMakerRuntimeClient;

    beforeAll(() => {
      cloud = cloudOf();
      story = createStory(cloud.api, 'deicing');
      client = new SageMakerRuntimeClient(cloud.sageMaker);
    });
    afterAll(() => client.destroy());

    const ask = ({ id, records: sent }: (typeof requests)[number], at: number) =>
      at % 2 === 0
        ? predict(client, ENDPOINT, csvOf(sent), { id })
        : predict(client, ENDPOINT, jsonOf(sent), { id, contentType: 'application/json' });

    const drifted = (count: number) =>
      story.until(`${count} drifted windows`, 60, async () => {
        const { windows } = await cloud.api.get<{ windows: Window[] }>('/v1/pipelines/deicing/monitoring');
        const found = windows.filter(({ verdict }) => verdict === 'drifted');
        return found.length >= count ? found : undefined;
      });

    it(
      'windows of raw records say which columns have drifted, whether they came as CSV or JSON',
      async () => {
        const half = requests.length / 2;
        await Promise.all(requests.slice(0, half).map(ask));
        await drifted(1);
        await Promise.all(requests.slice(half).map(ask));
        for (const { model, top, rows } of await drifted(2)) {
          expect(model).toBe(runOf().model);
          expect(rows).toBeGreaterThanOrEqual(500);
          expect(top[0]).toMatchObject({ name: 'temperature' });
          expect(top[0]?.distance).toBeGreaterThan(0.5);
        }
      },
      patient(150_000),
    );

    it(
      'labels make of them raw data for a retraining, none of it put aside',
      async () => {
        const { dataset: before } = await cloud.api.get<{ dataset: DatasetRef }>(`/v1/runs/${runOf().runId}`);
        const lines = requests.map(({ id, records: sent }) => labelsOf(id, sent));
        await cloud.drop('ground-truth/deicing/2026/06/30/12/labels.jsonl', `${lines.join('\n')}\n`);
        const { dataset, parts } = await story.until('a retraining with its dataset', 90, async () => {
          const second = (await story.runs()).find(({ number }) => number === 2);
          const run =
            second &&
            (await cloud.api.get<{ dataset?: DatasetRef; parts: { bucket: string; key: string }[] }>(
              `/v1/runs/${second.runId}`,
            ));
          return run?.dataset ? { ...run, dataset: run.dataset } : undefined;
        });
        const rowsOf = ({ rows }: DatasetRef) => rows.train + rows.validation + rows.test;
        expect(dataset.quarantined).toBe(before.quarantined);
        expect(rowsOf(dataset)).toBe(rowsOf(before) + records.length);
        const [part] = parts;
        const { Body } = await cloud.s3.send(new GetObjectCommand({ Bucket: part?.bucket, Key: part?.key }));
        const [header, ...labelled] = ((await Body?.transformToString()) ?? '').trim().split('\n');
        expect(header).toBe(['deicing_needed', ...SENT].join(','));
        expect(labelled.sort()).toEqual(
          records.map((record) => `${record.deicing_needed},${csvOf([record])}`).sort(),
        );
      },
      patient(150_000),
    );
  });
}
