/** kill -9 in the middle of the loop: a new cloud on the same folder brings every run to the end that it would have
 * had, and loses no drop that was acknowledged. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../containers/numeric/random.ts';
import { digitsCsv, digitsRows } from '../../examples/digits/data.ts';
import { endpointName } from '../../shared/contracts/names.ts';
import type { Phase } from '../../shared/lifecycle/run.ts';
import { type LiveRequests, startLiveRequests } from '../e2e/support/live-requests.ts';
import { WAY_THROUGH_CANARY, WAY_TO_FIRST_CHAMPION } from '../e2e/support/phases.ts';
import { digits } from '../e2e/support/specifications.ts';
import { createStory, type RunView, type Story } from '../e2e/support/story.ts';
import { STAGE } from '../e2e/support/test-cloud.ts';
import { type MortalCloud, orphansOf, startMortalCloud, workersIn } from './mortal-cloud.ts';

const SEED = 20_261_123;
/** The kill comes at most so long after a phase was seen to have begun. */
const LATEST_MS = 600;
const BAD_DROPS = 3;
const ENDPOINT = endpointName(STAGE, 'digits');
const rows = digitsRows({ from: 60_000, count: 100 }).map(({ csv }) => csv);

/** Training takes a second or two, and the canary wants a minute's worth of requests: there is time to strike. */
const specification = () => {
  const { train, deploy, ...rest } = digits();
  return {
    ...rest,
    train: { ...train, hyperparameters: { ...train.hyperparameters, epochs: 20, hidden: 64 } },
    deploy: { canary: { ...deploy.canary, minimumTime: '4 seconds' } },
  };
};

describe(`a cloud that is killed again and again (seed ${SEED})`, () => {
  const random = createRandom(SEED);
  const dir = mkdtempSync(join(tmpdir(), 'ratchet-kill-'));
  const dropped: string[] = [];
  let cloud: MortalCloud;
  let story: Story;
  let live: LiveRequests | undefined;

  const start = async (): Promise<void> => {
    cloud = await startMortalCloud(dir);
    story = createStory(cloud.api, 'digits');
  };

  beforeAll(async () => {
    await start();
    await cloud.api.send('PUT', '/v1/pipelines/digits', JSON.stringify(specification()));
  }, 240_000);

  afterAll(async () => {
    await live?.stop();
    await cloud?.killAll();
    rmSync(dir, { recursive: true, force: true });
  });

  const runNumber = (number: number) => async (): Promise<RunView | undefined> =>
    (await story.runs()).find((run) => run.number === number);

  /** Waits until the run is in `phase`, drops files, and kills everything as soon as they are acknowledged. */
  async function strike(number: number, phase: Phase): Promise<string> {
    const run = await story.until(`run ${number} to be ${phase}`, 120, async () => {
      const found = await runNumber(number)();
      return found?.phase === phase ? found : undefined;
    });
    await sleep(random() * LATEST_MS);
    for (let count = 0; count < BAD_DROPS; count += 1) {
      const key = `incoming/digits/bad-${dropped.length}.csv`;
      await cloud.drop(key, 'label\nnothing\n');
      dropped.push(key);
    }
    const killedAt = new Date().toISOString();
    expect(await cloud.killAll()).toBeGreaterThan(1);
    expect(await orphansOf(dir, 20)).toEqual([]);
    await live?.stop();
    await start();
    const before = (await story.history(run.runId)).filter(({ at }) => at < killedAt);
    expect(before.at(-1)?.phase).toBe(phase);
    return run.runId;
  }

  const promoted = async (runId: string): Promise<RunView> => {
    const run = await story.until(`${runId} to be promoted`, 120, async () =>
      (await story.runs()).find((one) => one.runId === runId && one.phase === 'promoted'),
    );
    await story.servesOnly(run.model as string, 60);
    return run;
  };

  it('ends a run that was struck while it trained', async () => {
    await cloud.drop('incoming/digits/first.csv', digitsCsv({ from: 0, count: 1_500 }));
    const runId = await strike(1, 'training');
    await promoted(runId);
    expect(await story.phases(runId)).toEqual(WAY_TO_FIRST_CHAMPION);
  }, 300_000);

  it('ends a run that was struck while it was evaluated, and again on its canary', async () => {
    const first = await story.endpoint();
    await cloud.drop('incoming/digits/second.csv', digitsCsv({ from: 2_000, count: 500 }));
    const number = (
      await story.until('the second run', 120, async () => {
        const good = (await story.runs()).filter(({ phase }) => phase !== 'rejected');
        return good.length === 2 ? good : undefined;
      })
    ).reduce((most, run) => Math.max(most, run.number), 0);
    const runId = await strike(number, 'evaluating');
    expect((await story.endpoint()).champion).toBe(first.champion);
    live = startLiveRequests(cloud, ENDPOINT, rows);
    await strike(number, 'canary');
    live = startLiveRequests(cloud, ENDPOINT, rows);
    await promoted(runId);
    await live.stop();
    expect(await story.phases(runId)).toEqual(WAY_THROUGH_CANARY);
  }, 300_000);

  it('has lost no drop that was acknowledged, and made nothing of one twice', async () => {
    const rejected = await story.until('every bad drop to be rejected', 120, async () => {
      const runs = (await story.runs()).filter(({ phase }) => phase === 'rejected');
      return runs.length >= dropped.length ? runs : undefined;
    });
    const keys = rejected.map(({ reason }) => dropped.find((key) => reason?.includes(key)));
    expect(keys.sort()).toEqual([...dropped].sort());
    expect(await story.runs()).toHaveLength(dropped.length + 2);
  }, 180_000);

  it('leaves no process behind when its own alone is killed', async () => {
    const beginning = await story.runs();
    await cloud.drop('incoming/digits/third.csv', digitsCsv({ from: 4_000, count: 200 }));
    await story.until('a third run to train', 120, async () => {
      const run = (await story.runs()).find(({ runId }) => beginning.every((one) => one.runId !== runId));
      return run?.phase === 'training' ? run : undefined;
    });
    expect(workersIn(dir).length).toBeGreaterThan(1);
    await cloud.killAlone();
    expect(await orphansOf(dir, 20)).toEqual([]);
    await start();
    expect(await cloud.api.get('/v1/health')).toEqual({ status: 'ok' });
  }, 240_000);

  it('ends with all its processes when it is asked to', async () => {
    expect(await cloud.stop()).toBe(0);
    expect(await orphansOf(dir, 20)).toEqual([]);
  }, 60_000);
});
