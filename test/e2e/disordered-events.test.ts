/** Every event is delivered twice, and late events overtake early ones: nothing happens twice, and the end is the same. */
import {
  DescribeTrainingJobCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { createRandom } from '../../containers/numeric/random.ts';
import { endpointName, trainingJobName } from '../../shared/contracts/names.ts';
import type { Phase } from '../../shared/lifecycle/run.ts';
import { deadLetters } from './support/dead-letters.ts';
import { startLiveRequests } from './support/live-requests.ts';
import { WAY_THROUGH_CANARY, WAY_TO_FIRST_CHAMPION } from './support/phases.ts';
import { points, pointsCsv } from './support/specifications.ts';
import { createStory, type RunView, type Story } from './support/story.ts';
import { STAGE, startTestCloud, type TestCloud } from './support/test-cloud.ts';

const SEED = 20_261_123;
/** Longer than a phase of the run: an event of the last phase comes after those of the next. */
const LATEST_MS = 2_000;

describe(`a loop of which every event comes twice and out of order (seed ${SEED})`, () => {
  let cloud: TestCloud;
  let story: Story;
  const runs: RunView[] = [];

  beforeAll(async () => {
    const random = createRandom(SEED);
    const late = () => random() * LATEST_MS;
    cloud = await startTestCloud({ disturb: () => [late(), late()] });
    story = createStory(cloud.api, 'points');
    await cloud.api.send('PUT', '/v1/pipelines/points', JSON.stringify(points()));
    await cloud.drop('incoming/points/first.csv', pointsCsv(300, 1));
    runs.push(await story.reaches(1, 'promoted', 120));
    await story.servesOnly(runs[0]?.model as string, 60);
    const live = startLiveRequests(cloud, endpointName(STAGE, 'points'), ['0.2,0.8', '0.8,0.2']);
    await cloud.drop('incoming/points/second.csv', pointsCsv(300, 2));
    runs.push(await story.reaches(2, 'promoted', 120).finally(live.stop));
    await story.servesOnly(runs[1]?.model as string, 60);
  }, 300_000);

  afterAll(() => cloud?.close());

  it.each<[number, readonly Phase[]]>([
    [0, WAY_TO_FIRST_CHAMPION],
    [1, WAY_THROUGH_CANARY],
  ])('run %i goes the way of an undisturbed one', async (at, way) => {
    expect(await story.phases(runs[at]?.runId as string)).toEqual(way);
  });

  it('has two runs, one champion, and an endpoint that serves it', async () => {
    expect((await story.runs()).map(({ phase }) => phase)).toEqual(['promoted', 'promoted']);
    const { champion, serving } = await story.endpoint();
    expect(champion).toBe(runs[1]?.model);
    expect(serving?.variants).toEqual([expect.objectContaining({ model: champion })]);
    const { models } = await cloud.api.get<{ models: { role: string }[] }>('/v1/pipelines/points/models');
    expect(models.map(({ role }) => role)).toEqual(['champion', 'former champion']);
  });

  it('has trained each run once', async () => {
    const sagemaker = new SageMakerClient(cloud.sageMaker);
    const { TrainingJobSummaries = [] } = await sagemaker.send(new ListTrainingJobsCommand({}));
    const expected = runs.map(({ runId }) => trainingJobName(STAGE, runId, 1));
    expect(TrainingJobSummaries.map(({ TrainingJobName }) => TrainingJobName).sort()).toEqual(
      expected.sort(),
    );
    for (const TrainingJobName of expected) {
      const { TrainingJobStatus } = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
      expect(TrainingJobStatus).toBe('Completed');
    }
    sagemaker.destroy();
  });

  it('has left no event unhandled or undelivered', async () => {
    expect(await deadLetters(cloud)).toEqual({ 'failed-events': 0, 'undelivered-events': 0 });
  });
});
