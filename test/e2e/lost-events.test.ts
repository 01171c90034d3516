/** No event arrives anywhere, neither S3's, nor SageMaker's, nor Ratchet's own: the sweeps alone turn the loop. */
import { endpointName } from '../../shared/contracts/names.ts';
import { startLiveRequests } from './support/live-requests.ts';
import { WAY_THROUGH_CANARY } from './support/phases.ts';
import { points, pointsCsv } from './support/specifications.ts';
import { createStory, type Story } from './support/story.ts';
import { STAGE, startTestCloud, type TestCloud } from './support/test-cloud.ts';

describe('a loop of which every event is lost', () => {
  const lost = new Set<string>();
  let losing = false;
  let cloud: TestCloud;
  let story: Story;

  beforeAll(async () => {
    cloud = await startTestCloud({
      // Nothing but sweeps happens here: they come twice a second.
      scale: 120,
      disturb: ({ source, detailType }) => {
        if (!losing) return [0];
        lost.add(`${source} ${detailType}`);
        return [];
      },
    });
    story = createStory(cloud.api, 'points');
    await cloud.api.send('PUT', '/v1/pipelines/points', JSON.stringify(points()));
    await cloud.drop('incoming/points/first.csv', pointsCsv(300, 1));
    const first = await story.reaches(1, 'promoted', 120);
    await story.servesOnly(first.model as string, 60);
  }, 240_000);

  afterAll(() => cloud?.close());

  it('ends all the same: good data through the canary in a champion, bad data rejected', async () => {
    losing = true;
    const live = startLiveRequests(cloud, endpointName(STAGE, 'points'), ['0.2,0.8', '0.8,0.2']);
    try {
      await cloud.drop('incoming/points/second.csv', pointsCsv(300, 2));
      const second = await story.reaches(2, 'promoted', 120);
      await story.servesOnly(second.model as string, 60);
      expect(await story.phases(second.runId)).toEqual(WAY_THROUGH_CANARY);
      expect((await story.endpoint()).champion).toBe(second.model);
    } finally {
      await live.stop();
    }
    expect(live.failures).toEqual([]);
  }, 240_000);

  it('did lose the events of every source', () => {
    expect([...lost]).toEqual(
      expect.arrayContaining([
        'aws.s3 Object Created',
        'aws.sagemaker SageMaker Training Job State Change',
        'aws.sagemaker SageMaker Transform Job State Change',
        'aws.sagemaker SageMaker Endpoint State Change',
        'ratchet.ingest DatasetReceived.v1',
        'ratchet.ingest DatasetPrepared.v1',
        'ratchet.training ModelTrained.v1',
        'ratchet.deployment ModelApproved.v1',
      ]),
    );
  });
});
