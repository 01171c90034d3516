import { GetObjectCommand } from '@aws-sdk/client-s3';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { type DirtySummary, digitsCsv, digitsRows, dirtyDigitsCsv } from '../../examples/digits/data.ts';
import { endpointName, modelName } from '../../shared/contracts/names.ts';
import { type BusListener, listen } from './support/bus-listener.ts';
import { predict, startLiveRequests } from './support/live-requests.ts';
import { WAY_THROUGH_CANARY, WAY_TO_FIRST_CHAMPION } from './support/phases.ts';
import { digits } from './support/specifications.ts';
import { createStory, type RunView, type Story } from './support/story.ts';
import { patient } from './support/target.ts';
import { STAGE, type TestCloud } from './support/test-cloud.ts';

const ENDPOINT = endpointName(STAGE, 'digits');

interface ModelView {
  readonly name: string;
  readonly role: string;
}

interface QuarantinedRow {
  readonly line: number;
  readonly rule: string;
  readonly value: string;
}

/** The rule that puts each kind of dirt aside. */
const RULES: Readonly<Record<Exclude<DirtySummary['lines'][number]['kind'], 'duplicate'>, string>> = {
  'out-of-range': 'out-of-range',
  'word-label': 'not-an-integer',
  'torn-line': 'torn-line',
};

export function describeLoop(cloudOf: () => TestCloud): void {
  describe('the loop', () => {
    const rows = digitsRows({ from: 60_000, count: 100 });
    const dirty = dirtyDigitsCsv({ from: 0, count: 1_000 });
    let cloud: TestCloud;
    let bus: BusListener;
    let story: Story;
    let first: RunView;
    let second: RunView;

    beforeAll(async () => {
      cloud = cloudOf();
      bus = await listen(cloud, 'loop');
      story = createStory(cloud.api, 'digits');
      await cloud.api.send('PUT', '/v1/pipelines/digits', JSON.stringify(digits()));
      await cloud.drop('incoming/digits/first.csv', dirty.csv);
      first = await story.reaches(1, 'promoted', 120);
      await story.servesOnly(first.model as string, 60);
    }, patient(180_000));

    afterAll(() => bus?.close());

    it('makes of the first drop a champion that the endpoint serves', async () => {
      expect(first).toMatchObject({ cause: { kind: 'data' }, model: modelName(STAGE, first.runId) });
      expect(await story.phases(first.runId)).toEqual(WAY_TO_FIRST_CHAMPION);
      expect((await story.endpoint()).champion).toBe(first.model);
    });

    it('puts every dirty row aside, with its rule and what stood there', async () => {
      const { dataset } = await cloud.api.get<{ dataset: { prefix: string; quarantined: number } }>(
        `/v1/runs/${first.runId}`,
      );
      const Key = new URL(`${dataset.prefix}quarantine.jsonl`).pathname.slice(1);
      const { Body } = await cloud.s3.send(new GetObjectCommand({ Bucket: cloud.info.artifactsBucket, Key }));
      const lines = ((await Body?.transformToString()) ?? '').trim().split('\n');
      const quarantined = lines.map((line) => JSON.parse(line) as QuarantinedRow);
      const spoilt = dirty.summary.lines.flatMap(({ line, kind }) =>
        kind === 'duplicate' ? [] : [{ line, rule: RULES[kind], value: expect.stringMatching(/./) }],
      );
      expect(quarantined.filter(({ rule }) => rule !== 'duplicate')).toEqual(
        spoilt.map((row) => expect.objectContaining(row)),
      );
      expect(quarantined.filter(({ rule }) => rule === 'duplicate')).toHaveLength(
        dirty.summary.dirt.duplicates,
      );
      expect(dataset.quarantined).toBe(spoilt.length);
    });

    it('answers live requests with the digit that was written, mostly', async () => {
      const client = new SageMakerRuntimeClient(cloud.sageMaker);
      const answers = await Promise.all(rows.map(({ csv }) => predict(client, ENDPOINT, csv)));
      client.destroy();
      const right = answers.filter(({ text }, at) => Number(text) === rows[at]?.label).length;
      expect(right).toBeGreaterThan(rows.length / 2);
      expect(new Set(answers.map(({ variant }) => variant))).toEqual(new Set([first.model]));
    });

    it(
      'promotes a challenger that live requests have proved',
      async () => {
        const live = startLiveRequests(
          cloud,
          ENDPOINT,
          rows.map(({ csv }) => csv),
        );
        try {
          await cloud.drop('incoming/digits/second.csv', digitsCsv({ from: 2_000, count: 300 }));
          second = await story.reaches(2, 'promoted', 120);
          const { champion } = await story.servesOnly(second.model as string, 60);
          expect(champion).toBe(second.model);
        } finally {
          await live.stop();
        }
        expect(live.failures).toEqual([]);
        expect([...live.answered.keys()].sort()).toEqual([first.model, second.model].sort());
        expect(live.answered.get(second.model as string)).toBeGreaterThanOrEqual(30);
        expect(await story.phases(second.runId)).toEqual(WAY_THROUGH_CANARY);
        // The drop was added to what was there.
        const { dataset } = await cloud.api.get<{ dataset: { rows: Record<string, number> } }>(
          `/v1/runs/${second.runId}`,
        );
        expect(Object.values(dataset.rows).reduce((sum, count) => sum + count, 0)).toBe(1_300);
      },
      patient(180_000),
    );

    it('shows each model, the part that it plays, and why', async () => {
      const { models } = await cloud.api.get<{ models: ModelView[] }>('/v1/pipelines/digits/models');
      expect(models.map(({ name, role }) => ({ name, role }))).toEqual([
        { name: second.model, role: 'champion' },
        { name: first.model, role: 'former champion' },
      ]);
      expect(await cloud.api.get(`/v1/models/${second.model}/why`)).toMatchObject({
        runId: second.runId,
        phase: 'promoted',
        offline: { candidate: expect.anything(), champion: expect.anything() },
        online: {
          weight: 0.5,
          champion: { name: first.model },
          decision: { verdict: 'promote', reason: expect.stringContaining('requests') },
        },
      });
    });

    it('tells its whole story to a user who listens on the bus', async () => {
      await bus.hear('ModelPromoted.v1', ({ runId }) => runId === first.runId, 10);
      const promoted = await bus.hear('ModelPromoted.v1', ({ runId }) => runId === second.runId, 10);
      expect(promoted).toMatchObject({ pipeline: 'digits', model: second.model, replaced: first.model });
      const told = [
        'DatasetReceived.v1',
        'DatasetPrepared.v1',
        'TrainingStarted.v1',
        'ModelTrained.v1',
        'EvaluationStarted.v1',
        'ModelApproved.v1',
        'ModelPromoted.v1',
      ];
      // Whether a hundred rows look like drift hangs on how many requests fell into a window.
      const heard = (run: RunView) =>
        new Set(bus.of(run.runId).filter((name) => name !== 'DriftDetected.v1'));
      expect(heard(first)).toEqual(new Set(told));
      expect(heard(second)).toEqual(new Set([...told, 'CanaryStarted.v1']));
    });
  });
}
