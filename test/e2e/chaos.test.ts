/** The cloud at its worst: events late and doubled, calls throttled, replies lost, handlers killed, no capacity, spot
 * instances taken away, updates rolled back in silence. The loop ends as it would have without. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULTS_FILE } from '../../local/chaos/adversary.ts';
import { endpointName } from '../../shared/contracts/names.ts';
import { ask } from '../kill/running-loop.ts';
import type { LiveRequests } from './support/live-requests.ts';
import { WAY_THROUGH_CANARY, WAY_TO_FIRST_CHAMPION } from './support/phases.ts';
import { points, pointsCsv } from './support/specifications.ts';
import { createStory, type RunView, type Story } from './support/story.ts';
import { STAGE, startTestCloud, type TestCloud } from './support/test-cloud.ts';

const SEED = 20_261_124;
const ENDPOINT = endpointName(STAGE, 'points');

/** On spot instances, so that they can be taken away; training takes a moment. */
const specification = () => {
  const { train, ...rest } = points();
  const hyperparameters = { ...train.hyperparameters, num_round: 40 };
  return { ...rest, train: { ...train, spot: true, hyperparameters } };
};

describe(`a loop under an adversary (seed ${SEED})`, () => {
  let cloud: TestCloud;
  let story: Story;
  let live: LiveRequests | undefined;
  const runs: RunView[] = [];

  const faults = (): Record<string, number> =>
    JSON.parse(readFileSync(join(cloud.dir, FAULTS_FILE), 'utf8')) as Record<string, number>;

  beforeAll(async () => {
    cloud = await startTestCloud({ chaos: SEED });
    story = createStory(cloud.api, 'points');
    await cloud.api.send('PUT', '/v1/pipelines/points', JSON.stringify(specification()));
    await cloud.drop('incoming/points/first.csv', pointsCsv(300, 1));
    runs.push(await story.reaches(1, 'promoted', 180));
    await story.servesOnly(runs[0]?.model as string, 60);
    live = ask(cloud, ENDPOINT, SEED);
    await cloud.drop('incoming/points/bad.csv', 'x\nnothing\n');
    runs.push(await story.reaches(2, 'rejected', 180));
    await cloud.drop('incoming/points/second.csv', pointsCsv(300, 2));
    runs.push(await story.reaches(3, 'promoted', 180));
    await story.servesOnly(runs[2]?.model as string, 60);
  }, 600_000);

  afterAll(async () => {
    await live?.stop();
    await cloud?.close();
  });

  it('ends each run as it must, along the usual way, and makes nothing of one twice', async () => {
    // A question that found no capacity is put again: the way passes through one phase several times.
    const way = async (at: number) => [...new Set(await story.phases(runs[at]?.runId as string))];
    expect(await way(0)).toEqual(WAY_TO_FIRST_CHAMPION);
    expect(runs[1]?.reason).toMatch(/bad\.csv.*lacks the columns/);
    expect(await way(2)).toEqual(WAY_THROUGH_CANARY);
    expect((await story.runs()).map(({ number }) => number).sort()).toEqual([1, 2, 3]);
  });

  it('has one champion, which the endpoint serves alone, and has answered every live request', async () => {
    const { champion, serving } = await story.endpoint();
    expect(champion).toBe(runs[2]?.model);
    expect(serving?.variants).toEqual([expect.objectContaining({ model: champion })]);
    expect(live?.failures).toEqual([]);
  });

  it('did meet the faults', () => {
    const met = Object.entries(faults()).filter(([, count]) => count > 0);
    expect(met.map(([fault]) => fault)).toEqual(
      expect.arrayContaining([
        'event delivered twice',
        'event late, others overtake it',
        'call throttled',
        'reply lost after the effect',
        'handler killed half-way',
        'state change told twice',
      ]),
    );
  });
});
