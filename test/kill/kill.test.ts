/** kill -9 at random moments of a running loop, again and again: each time a new cloud on the same folder is back soon,
 * has everything that was acknowledged, and brings every run to the end that it would have had. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { createRandom } from '../../containers/numeric/random.ts';
import { isTerminal } from '../../shared/lifecycle/moves.ts';
import type { Phase } from '../../shared/lifecycle/run.ts';
import { type LiveRequests, predict } from '../e2e/support/live-requests.ts';
import { WAY_THROUGH_CANARY, WAY_TO_FIRST_CHAMPION } from '../e2e/support/phases.ts';
import { createStory, type RunView, type Story } from '../e2e/support/story.ts';
import { patient } from '../e2e/support/target.ts';
import { createLedger, type Turn } from './ledger.ts';
import { KINDS } from './ledger-calls.ts';
import { type MortalCloud, orphansOf, startMortalCloud, workersIn } from './mortal-cloud.ts';
import type { KillReport } from './report.ts';
import { ask, createRunningLoop, ENDPOINT, keyOf, specification } from './running-loop.ts';
import { settings } from './settings.ts';

const { count, seed } = settings;
const MOST_RECOVERY_MS = 10_000;
/** Where a kill aims: a run in this phase, or any moment. */
const AIMS: readonly (Phase | undefined)[] = [
  undefined,
  undefined,
  'preparing',
  'training',
  'training',
  'evaluating',
  'approved',
  'canary',
  'canary',
];
/** How long it waits for such a run, and how long at most it lets it go on. */
const PATIENCE_MS = 6_000;
const LATEST_MS = 600;
/** Of the kills, those that strike the cloud's own process alone: its children have to notice. */
const ALONE = 0.2;
const SECONDS_ON_THE_WAY = 30;
const ORPHAN_SECONDS = 20;
/** No run takes longer, however often it is interrupted: it takes ten seconds in peace. */
const LONGEST_RUN_MS = 300_000;

const tally = (record: Record<string, number>, name: string): void => {
  record[name] = (record[name] ?? 0) + 1;
};

describe(`a cloud that is killed ${count} times (seed ${seed})`, () => {
  const random = createRandom(seed);
  const dir = mkdtempSync(join(tmpdir(), 'ratchet-kill-'));
  const ledger = createLedger();
  const loop = createRunningLoop();
  const lost = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<string, number>;
  const figures = { survived: 0, recoveriesMs: [] as number[], servingAgainMs: [] as number[] };
  const phases: Record<string, number> = {};
  const ends: Record<string, number> = {};
  let kills = 0;
  let turns = 0;
  let cloud: MortalCloud;
  let story: Story;
  let writing: Turn | undefined;
  let looping: ReturnType<typeof loop.run> | undefined;
  let live: LiveRequests | undefined;
  /** When each run that has not ended was seen first. */
  const underWay = new Map<string, number>();
  let failed = false;
  let hasEnded = false;

  /** Begins everything that goes on between two kills. */
  function goOn(): void {
    turns += 1;
    story = createStory(cloud.api, 'points');
    writing = ledger.write(cloud, turns);
    looping = loop.run(cloud);
    live = ask(cloud, ENDPOINT, turns);
  }

  /** From here on nothing is promised any more; throws when something failed before. */
  async function endTurn(): Promise<void> {
    await Promise.all([looping?.stop(), writing?.ended, live?.stop()]);
  }

  function noneStands(runs: readonly RunView[]): void {
    for (const { runId, phase } of runs) {
      if (isTerminal(phase)) underWay.delete(runId);
      else if (!underWay.has(runId)) underWay.set(runId, Date.now());
    }
    const standing = [...underWay].filter(([, since]) => Date.now() - since > patient(LONGEST_RUN_MS));
    expect(standing.map(([runId]) => runId)).toEqual([]);
  }

  async function isServing(): Promise<void> {
    const client = new SageMakerRuntimeClient(cloud.client);
    await story
      .until(`${ENDPOINT} to answer`, 30, async () => {
        const answer = await predict(client, ENDPOINT, '0.2,0.8').catch(() => undefined);
        return answer?.variant;
      })
      .finally(() => client.destroy());
  }

  beforeAll(async () => {
    cloud = await startMortalCloud(dir);
    await ledger.prepare(cloud);
    await cloud.api.send('PUT', '/v1/pipelines/points', JSON.stringify(specification()));
    goOn();
  }, 240_000);

  afterAll(async () => {
    writing?.end();
    await endTurn().catch(() => undefined);
    // Unless it has ended already, as it should at the end.
    await cloud?.killAll().catch(() => undefined);
    if (hasEnded) rmSync(dir, { recursive: true, force: true });
    else process.stderr.write(`What the failed run has left is kept in ${dir}\n`);
    const writes = KINDS.map((kind) => ({
      kind,
      acknowledged: ledger.acknowledged(kind),
      lost: lost[kind] as number,
    }));
    const report: KillReport = { seed, kills, ...figures, phases, writes, ends };
    if (settings.report) writeFileSync(settings.report, JSON.stringify(report));
  });

  /** Waits for the moment to strike. */
  async function aim(): Promise<void> {
    const phase = AIMS[Math.floor(random() * AIMS.length)];
    const until = Date.now() + (phase ? PATIENCE_MS : random() * PATIENCE_MS);
    const latest = random() * LATEST_MS;
    while (Date.now() < until && !(phase && loop.isIn(phase))) await sleep(20);
    await sleep(latest);
  }

  /** Of a run that was under way at `time`: its phase then. */
  async function phaseAt(time: string): Promise<string> {
    for (const { runId, phase, updatedAt } of await story.runs()) {
      if (isTerminal(phase) && updatedAt < time) continue;
      const before = (await story.history(runId)).filter(({ at }) => at < time).at(-1);
      if (before && !isTerminal(before.phase)) return before.phase;
    }
    return 'no run';
  }

  it.each(Array.from({ length: count }, (_, at) => at + 1))(
    'kill %i: it is back in time, with all that was acknowledged',
    async () => {
      // What an earlier kill has left would only be covered up by further ones.
      if (failed) throw new Error('Not tried: an earlier kill was not survived');
      failed = true;
      await aim();
      const isAlone = random() < ALONE;
      const shown = new Map(loop.shown);
      const served = (await cloud.api.get<{ champion?: string }>('/v1/pipelines/points')).champion;
      kills += 1;
      writing?.end();
      const ended = endTurn();
      const killedAt = new Date().toISOString();
      if (isAlone) await cloud.killAlone();
      else expect(await cloud.killAll()).toBeGreaterThan(1);
      await ended;
      expect(await orphansOf(dir, ORPHAN_SECONDS)).toEqual([]);

      const start = performance.now();
      cloud = await startMortalCloud(dir);
      expect(await cloud.api.get('/v1/health')).toEqual({ status: 'ok' });
      const recoveryMs = performance.now() - start;
      figures.recoveriesMs.push(recoveryMs);
      const turn = turns;
      goOn();
      if (served) {
        await isServing();
        figures.servingAgainMs.push(performance.now() - start);
      }
      tally(phases, await phaseAt(killedAt));

      const missing = await ledger.missing(cloud, SECONDS_ON_THE_WAY, turn);
      for (const kind of KINDS) lost[kind] = (lost[kind] ?? 0) + missing[kind].length;
      expect(missing).toEqual({ object: [], item: [], event: [], message: [], job: [] });
      const runs = await story.runs();
      noneStands(runs);
      const now = new Map(runs.map(({ runId, updatedAt }) => [runId, updatedAt]));
      for (const [runId, updatedAt] of shown) expect((now.get(runId) ?? '') >= updatedAt).toBe(true);
      failed = false;
      expect(recoveryMs).toBeLessThan(MOST_RECOVERY_MS);
      figures.survived += 1;
    },
    120_000,
  );

  describe('and is then left in peace', () => {
    let runs: readonly RunView[];

    beforeAll(async () => {
      if (failed) throw new Error('A kill was not survived: there is no peace');
      await looping?.stop();
      runs = await story.until('every run to end', 150, async () => {
        const all = await story.runs();
        const ended = new Set(all.filter(({ phase }) => isTerminal(phase)).map(keyOf));
        const isDone = all.length === ended.size && [...loop.due.keys()].every((key) => ended.has(key));
        return isDone ? all : undefined;
      });
      for (const { phase } of runs) tally(ends, phase);
    }, 180_000);

    it('makes one run of each acknowledged file, with the end that it must have', () => {
      const found = Object.fromEntries(runs.map((run) => [keyOf(run), run.phase]));
      expect(found).toMatchObject(Object.fromEntries(loop.due));
      expect(new Set(runs.map(keyOf)).size).toBe(runs.length);
    });

    it('leads every promoted run along the usual way', async () => {
      for (const { runId, number } of runs.filter(({ phase }) => phase === 'promoted')) {
        const way = number === 1 ? WAY_TO_FIRST_CHAMPION : WAY_THROUGH_CANARY;
        expect([...new Set(await story.phases(runId))]).toEqual(way);
      }
    });

    it('serves its champion, and nothing else', async () => {
      const promoted = runs.filter(({ phase }) => phase === 'promoted');
      const newest = promoted.reduce((a, b) => (a.updatedAt > b.updatedAt ? a : b));
      const { champion } = await story.servesOnly(newest.model as string, 60);
      expect(champion).toBe(newest.model);
    }, 90_000);

    it('still has everything that was ever acknowledged, and has ended every job', async () => {
      writing?.end();
      await writing?.ended;
      const missing = await ledger.missing(cloud, SECONDS_ON_THE_WAY);
      for (const kind of KINDS) lost[kind] = Math.max(lost[kind] ?? 0, missing[kind].length);
      expect(missing).toEqual({ object: [], item: [], event: [], message: [], job: [] });
      const jobs = await story.until('every job to end', 120, async () => {
        const all = Object.values(await ledger.jobs(cloud));
        return all.includes('InProgress') ? undefined : all;
      });
      expect(new Set(jobs)).toEqual(new Set(['Completed']));
    }, 240_000);

    it('ends with all its processes when it is asked to', async () => {
      await live?.stop();
      expect(workersIn(dir).length).toBeGreaterThan(1);
      expect(await cloud.stop()).toBe(0);
      expect(await orphansOf(dir, ORPHAN_SECONDS)).toEqual([]);
      hasEnded = !failed;
    }, 60_000);
  });
});
