import { capturingLog } from '../../shared/runtime/testing/captured-log.ts';
import { createWorld, jobOf, type World } from './testing/world.ts';

const namesOf = (world: World, runId: string): string[] =>
  world.published.filter(({ detail }) => detail.runId === runId).map(({ name }) => name);

describe('a run in training', () => {
  let world: World;
  let first: string;
  beforeEach(async () => {
    world = await createWorld();
    first = await world.prepare(1);
  });

  it('takes the slot, orders its job, and gives the slot back with its model', async () => {
    await world.datasetPrepared(first);
    expect(await world.run(first)).toMatchObject({
      phase: 'training',
      training: { attempt: 1, job: jobOf(first) },
    });
    expect((await world.pipeline()).trainingSlot.holder?.runId).toBe(first);
    expect(world.jobs.names()).toEqual([jobOf(first)]);

    world.jobs.complete(jobOf(first));
    await world.jobMoved(jobOf(first));
    expect(await world.run(first)).toMatchObject({
      phase: 'trained',
      model: { name: `ratchet-test-${first}` },
    });
    expect((await world.pipeline()).trainingSlot).toEqual({});
    expect(namesOf(world, first)).toEqual(['TrainingStarted.v1', 'ModelTrained.v1']);
  });

  it('ends without a single event, by sweeps alone', async () => {
    await world.untilRest();
    expect(await world.phases()).toEqual(['trained']);
  });

  it('adopts the job that it ordered right before its process died', async () => {
    // Writes: the slot, the run, its event, the event's removal, the order.
    world.mortal.dieAfter(5);
    await expect(world.datasetPrepared(first)).rejects.toThrow('The process is dead');
    world.mortal.revive();
    expect([await world.phases(), world.jobs.names()]).toEqual([['training'], [jobOf(first)]]);
    await world.sweep();
    expect((await world.run(first)).phase).toBe('training');
    await world.untilRest();
    expect([await world.phases(), world.jobs.names()]).toEqual([['trained'], [jobOf(first)]]);
  });

  it('takes a taken name for its own only after it has read the tag', async () => {
    // The job appears between the look and the order.
    const { describe, start } = world.jobs;
    expect(await describe(jobOf(first))).toBeUndefined();
    world.jobs.foreign(jobOf(first), first);
    expect(await start({ name: jobOf(first) } as never)).toEqual({ kind: 'name-taken' });
    await world.untilRest();
    expect(await world.phases()).toEqual(['trained']);
  });

  it('fails for a foreign job of its name, touches nothing of it, and frees the slot', async () => {
    world.jobs.foreign(jobOf(first), 'beer-aaaaaaaaaa');
    await world.datasetPrepared(first);
    expect(await world.run(first, 'failed')).toMatchObject({
      stage: 'training',
      reason: expect.stringContaining('not ours'),
    });
    expect(world.jobs.jobs.get(jobOf(first))?.state.status).toBe('running');
    expect((await world.pipeline()).trainingSlot).toEqual({});
  });

  it('tries a lack of capacity again on the fallback instance, and says so', async () => {
    world.jobs.answers.push({ kind: 'refused', reason: 'ResourceLimitExceeded', retryable: true });
    await world.datasetPrepared(first);
    expect(await world.run(first)).toMatchObject({
      phase: 'training',
      training: { attempt: 2, instance: 'ml.m5.xlarge' },
    });
    expect(world.jobs.names()).toEqual([jobOf(first, 2)]);
    world.jobs.fail(jobOf(first, 2), 'CapacityError');
    await world.jobMoved(jobOf(first, 2));
    world.jobs.fail(jobOf(first, 3), 'CapacityError');
    await world.jobMoved(jobOf(first, 3));
    expect(await world.run(first, 'failed')).toMatchObject({ reason: 'CapacityError (after 3 attempts)' });
    expect(world.jobs.names()).toEqual([jobOf(first, 2), jobOf(first, 3)]);
    expect(namesOf(world, first)).toEqual([
      'TrainingStarted.v1',
      'TrainingFailed.v1',
      'TrainingStarted.v1',
      'TrainingFailed.v1',
      'TrainingStarted.v1',
      'TrainingFailed.v1',
      'RunFailed.v1',
    ]);
  });

  it('orders one job, however many handlers look at it at once', async () => {
    await Promise.all([world.datasetPrepared(first), world.datasetPrepared(first), world.sweep()]);
    expect(world.jobs.names()).toEqual([jobOf(first)]);
    expect((await world.run(first)).phase).toBe('training');
    expect(namesOf(world, first)).toEqual(['TrainingStarted.v1']);
  });

  it('is left alone by the state of a job that names no run', async () => {
    world.jobs.foreign('ratchet-test-somebody');
    const { lines } = await capturingLog(() => world.jobMoved('ratchet-test-somebody'));
    expect(lines[0]).toContain('names no run');
    expect((await world.run(first)).phase).toBe('prepared');
  });
});

describe('several runs of a pipeline', () => {
  it('train one at a time: the slot goes to the one that waits', async () => {
    const world = await createWorld();
    const [first, second] = [await world.prepare(1), await world.prepare(2)];
    await world.datasetPrepared(first);
    await world.datasetPrepared(second);
    expect(await world.phases()).toEqual(['training', 'prepared']);
    expect(world.jobs.names()).toEqual([jobOf(first)]);
    world.jobs.complete(jobOf(first));
    await world.jobMoved(jobOf(first));
    expect(await world.phases()).toEqual(['trained', 'training']);
    expect(world.jobs.names()).toEqual([jobOf(first), jobOf(second)]);
  });

  it('are superseded in the middle: the newest waits, at once and not only by the sweep', async () => {
    const world = await createWorld();
    const ids = [await world.prepare(1), await world.prepare(2), await world.prepare(3)] as const;
    for (const runId of ids) await world.datasetPrepared(runId);
    expect(await world.phases()).toEqual(['training', 'superseded', 'prepared']);
    expect(await world.run(ids[1], 'superseded')).toMatchObject({ by: ids[2] });
    await world.untilRest();
    expect(await world.phases()).toEqual(['trained', 'superseded', 'trained']);
    expect(world.jobs.names()).toEqual([jobOf(ids[0]), jobOf(ids[2])]);
  });

  it('an older one that comes late does not train after the newer', async () => {
    const world = await createWorld();
    const [first, second] = [await world.prepare(1), await world.prepare(2)];
    await world.datasetPrepared(second);
    await world.datasetPrepared(first);
    expect(await world.run(first, 'superseded')).toMatchObject({ by: second });
  });

  it('the slot of a failed run goes on', async () => {
    const world = await createWorld();
    const [first, second] = [await world.prepare(1), await world.prepare(2)];
    world.jobs.foreign(jobOf(first));
    await world.datasetPrepared(first);
    await world.datasetPrepared(second);
    expect(await world.phases()).toEqual(['failed', 'training']);
  });
});

function* permutations<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length === 0) yield [];
  for (const [i, item] of items.entries()) {
    for (const rest of permutations(items.toSpliced(i, 1))) yield [item, ...rest];
  }
}

describe('events that come twice, late and in any order', () => {
  it('of one run lead to the same state', async () => {
    type Step = (world: World, runId: string) => Promise<void>;
    const prepared: Step = (world, runId) => world.datasetPrepared(runId);
    const moved: Step = async (world, runId) => {
      await capturingLog(() => world.jobMoved(jobOf(runId)));
    };
    const completes: Step = async (world, runId) => {
      if (world.jobs.names().includes(jobOf(runId))) world.jobs.complete(jobOf(runId));
    };
    const ends = new Set<string>();
    for (const order of permutations<Step>([prepared, prepared, moved, moved, completes])) {
      const world = await createWorld();
      const runId = await world.prepare(1);
      for (const step of order) await step(world, runId);
      await world.untilRest();
      const run = await world.run(runId);
      ends.add(
        JSON.stringify({
          phase: run.phase,
          version: run.version,
          causes: run.history.map(({ cause }) => cause),
          slot: (await world.pipeline()).trainingSlot,
          jobs: world.jobs.names(),
          told: namesOf(world, runId),
        }),
      );
    }
    expect([...ends]).toHaveLength(1);
    expect(JSON.parse([...ends][0] ?? '')).toMatchObject({
      phase: 'trained',
      slot: {},
      told: ['TrainingStarted.v1', 'ModelTrained.v1'],
    });
  });

  it('of three runs always train the newest, and never two at once', async () => {
    for (const order of permutations([1, 2, 3])) {
      const world = await createWorld();
      const ids = new Map<number, string>();
      for (const number of [1, 2, 3]) ids.set(number, await world.prepare(number));
      for (const number of [...order, ...order]) {
        await world.datasetPrepared(ids.get(number) ?? '');
        const active = (await world.phases()).filter((phase) => phase === 'training');
        expect(active.length).toBeLessThanOrEqual(1);
      }
      await world.untilRest();
      const phases = await world.phases();
      expect(phases.at(-1)).toBe('trained');
      expect(phases.every((phase) => ['trained', 'superseded'].includes(phase))).toBe(true);
    }
  });
});

describe('a process that dies between any two writes', () => {
  async function play(death?: number) {
    const world = await createWorld();
    const [first, second] = [await world.prepare(1), await world.prepare(2)];
    world.jobs.scarce.add(jobOf(first));
    if (death !== undefined) world.mortal.dieAfter(death);
    const survived = async (work: Promise<void>): Promise<void> => {
      await work.catch((error: unknown) => {
        if (!world.mortal.isDead) throw error;
      });
      if (world.mortal.isDead) world.mortal.revive();
    };
    await survived(world.datasetPrepared(first));
    await survived(world.datasetPrepared(second));
    for (let count = 0; count < 10; count += 1) {
      world.clock.now += 10_000;
      await survived(world.sweep());
      for (const name of world.jobs.names()) world.jobs.complete(name);
    }
    return {
      writes: world.mortal.writes,
      end: {
        phases: await world.phases(),
        told: [
          ...new Set(world.published.map(({ name, detail }) => `${detail.runId} ${detail.version} ${name}`)),
        ].sort(),
        jobs: world.jobs.names().sort(),
      },
    };
  }

  it('is followed by one that comes to the same end, with the same jobs and announcements', async () => {
    await capturingLog(async () => {
      const undisturbed = await play();
      expect(undisturbed.end.phases).toEqual(['trained', 'trained']);
      for (let death = 1; death <= undisturbed.writes; death += 1) {
        expect({ death, ...(await play(death)).end }).toEqual({ death, ...undisturbed.end });
      }
    });
  });
});
