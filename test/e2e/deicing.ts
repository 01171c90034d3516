import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { applyFile } from '../../cli/apply.ts';
import { dropFiles } from '../../cli/drop-files.ts';
import { root } from '../../cli/package-service.ts';
import { COUNTRY_SPELLINGS, deicingCsv } from '../../examples/deicing/data.ts';
import { describeDrift } from './deicing-drift.ts';
import { describeRequests } from './deicing-requests.ts';
import { WAY_TO_FIRST_CHAMPION } from './support/phases.ts';
import { createStory, type RunView, type Story } from './support/story.ts';
import { patient } from './support/target.ts';
import type { TestCloud } from './support/test-cloud.ts';

/** What the model sees, in order. */
const FEATURES = [
  'country=United States',
  'country=Canada',
  'country=Norway',
  'temperature',
  'frost_point',
  'precipitation',
  'wind_speed',
];

export function describeDeicing(cloudOf: () => TestCloud): void {
  describe('examples/deicing', () => {
    const { csv, summary } = deicingCsv({
      count: 3_000,
      dirt: { missing: 20, outOfRange: 20, duplicates: 20 },
    });
    let cloud: TestCloud;
    let story: Story;
    let run: RunView;
    let scratch: string;

    const datasetFile = async (name: string): Promise<string> => {
      const Key = `datasets/deicing/${run.dataset}/${name}`;
      const { Body } = await cloud.s3.send(new GetObjectCommand({ Bucket: cloud.info.artifactsBucket, Key }));
      return (await Body?.transformToString()) ?? '';
    };

    beforeAll(async () => {
      cloud = cloudOf();
      story = createStory(cloud.api, 'deicing');
      scratch = mkdtempSync(join(tmpdir(), 'ratchet-deicing-'));
      await applyFile(join(root, 'examples', 'deicing', 'pipeline.yml'), cloud.info);
      const file = join(scratch, 'winter.csv');
      writeFileSync(file, csv);
      await dropFiles(cloud.info, 'deicing', [file], 'winter');
      run = await story.reaches(1, 'promoted', 120);
      await story.servesOnly(run.model as string, 60);
    }, patient(180_000));

    afterAll(() => rmSync(scratch, { recursive: true, force: true }));

    it('turns from a drop to a champion', async () => {
      expect(await story.phases(run.runId)).toEqual(WAY_TO_FIRST_CHAMPION);
      expect(run.gate?.candidate).toBeLessThan(0.35);
    });

    it('makes one country of its many spellings, and one feature of temperature and humidity', async () => {
      expect(JSON.parse(await datasetFile('columns.json'))).toEqual({
        target: 'deicing_needed',
        features: FEATURES,
      });
      const spellings = Object.values(COUNTRY_SPELLINGS).flat();
      expect(spellings.filter((spelling) => csv.includes(`,${spelling},`))).toEqual(spellings);
      const rows = (await datasetFile('train/data.csv')).trim().split('\n');
      const countries = new Set(rows.map((row) => row.split(',').slice(1, 4).join(',')));
      expect(countries).toEqual(new Set(['1,0,0', '0,1,0', '0,0,1']));
    });

    it('keeps every clean row and no other', async () => {
      const { dataset } = await cloud.api.get<{ dataset: { rows: object; quarantined: number } }>(
        `/v1/runs/${run.runId}`,
      );
      expect(Object.values(dataset.rows).reduce((sum, count) => sum + count, 0)).toBe(summary.clean);
      expect(dataset.quarantined).toBe(summary.dirt.missing + summary.dirt.outOfRange);
    });

    describeRequests(cloudOf, () => run);
    describeDrift(cloudOf, () => run);
  });
}
