/** `ratchet quarantine` on what the running Ratchet has prepared and refused, and what the HTTP API says of the same. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { applyFile } from '../../cli/apply.ts';
import { dropFiles } from '../../cli/drop-files.ts';
import { root } from '../../cli/package-service.ts';
import { createStory, type Story } from '../e2e/support/story.ts';
import { startTestCloud, type TestCloud } from '../e2e/support/test-cloud.ts';

const SPECIFICATION = {
  name: 'readings',
  data: {
    seal: 'manifest',
    columns: [
      { name: 'depth', type: 'number', minimum: 0 },
      { name: 'y', type: 'integer', minimum: 0, maximum: 1 },
    ],
    target: 'y',
  },
  train: { image: 'xgboost', hyperparameters: { objective: 'binary:logistic', num_round: 2 } },
  evaluate: { metric: 'accuracy', prediction: 'probability', required: 0.1 },
};
const csv = (bad: readonly string[], good: number) =>
  ['depth,y', ...bad, ...Array.from({ length: good }, (_, at) => `${at / 7},${at % 2}`)].join('\n');

describe('ratchet quarantine', () => {
  let cloud: TestCloud;
  let scratch: string;
  let story: Story;

  const ratchet = async (...args: readonly string[]): Promise<string> => {
    const program = [join(root, 'cli/launch.mjs'), ...args, '--dir', cloud.dir];
    return (await promisify(execFile)(process.execPath, program, { cwd: scratch })).stdout;
  };
  async function drop(name: string, content: string): Promise<void> {
    const file = join(scratch, `${name}.csv`);
    writeFileSync(file, content);
    await dropFiles(cloud.info, 'readings', [file], name);
  }

  beforeAll(async () => {
    cloud = await startTestCloud();
    scratch = mkdtempSync(join(tmpdir(), 'ratchet-quarantine-'));
    writeFileSync(join(scratch, 'readings.json'), JSON.stringify(SPECIFICATION));
    await applyFile(join(scratch, 'readings.json'), cloud.info);
    story = createStory(cloud.api, 'readings');
  }, 240_000);
  afterAll(async () => {
    await cloud?.close();
    if (scratch) rmSync(scratch, { recursive: true, force: true });
  });

  it('says of a prepared dataset why rows were put aside, as the API does', async () => {
    await drop('first', csv(['n/a,1', 'n/a,0', '-3,1'], 200));
    const run = await story.until('the dataset', 60, async () => {
      const [newest] = await story.runs();
      return newest?.dataset ? newest : undefined;
    });
    const said = await ratchet('quarantine', 'readings');
    expect(said).toContain(
      `Dataset ${run.dataset} of readings (run ${run.runId}): 200 rows kept, 3 rows put aside`,
    );
    expect(said).toContain(
      '2 rows: not-a-number in depth\n  such as: depth is "n/a", which is not a number (batch-first/first.csv, line 2)',
    );
    expect(said).toContain('1 row: out-of-range in depth');

    const shown = await cloud.api.get<{ dataset: Record<string, unknown> }>(`/v1/runs/${run.runId}`);
    expect(shown.dataset).toMatchObject({
      quarantine: expect.stringMatching(/^s3:\/\/.+\/quarantine\.jsonl$/),
      aside: [
        { rule: 'not-a-number', column: 'depth', rows: 2, reason: 'depth is "n/a", which is not a number' },
        { rule: 'out-of-range', rows: 1, remedy: expect.stringContaining('"minimum"') },
      ],
    });
    expect(said).toContain(String(shown.dataset.quarantine));
    const { datasets } = await cloud.api.get<{ datasets: object[] }>('/v1/pipelines/readings/datasets');
    expect(datasets[0]).toMatchObject({ aside: shown.dataset.aside, quarantine: shown.dataset.quarantine });
  });

  it('says of a drop that was refused why, with its rows', async () => {
    await drop('second', csv(Array(90).fill('deep,1'), 0));
    const run = await story.until('the refusal', 60, async () =>
      (await story.runs()).find(({ phase }) => phase === 'rejected'),
    );
    const said = await ratchet('quarantine', 'readings');
    expect(said).toMatch(
      new RegExp(`^Run ${run.runId} was rejected: 90 of 90 rows \\(100 %\\) are quarantined`),
    );
    expect(said).toContain('depth is "deep", which is not a number (batch-second/second.csv, line 2)');
    const parsed = JSON.parse(await ratchet('quarantine', run.runId, '--json'));
    expect(parsed.aside[0]).toMatchObject({
      rule: 'not-a-number',
      rows: 90,
      example: { line: 2, value: 'deep' },
    });
    expect(await cloud.api.get(`/v1/runs/${run.runId}`)).toMatchObject({
      quarantine: parsed.quarantine,
      aside: [
        { rule: 'not-a-number', rows: 92 },
        { rule: 'out-of-range', rows: 1 },
      ],
    });
  });
});
