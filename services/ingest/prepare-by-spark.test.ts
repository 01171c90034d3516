import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { DEFAULT_LIMITS } from './prepare/read/rejection.ts';
import { JOB_LIMITS, MOST_FUNCTION_BYTES, mayBeTooLarge, sparkPlan, textBytes } from './spark-job.ts';
import { createWorld, rows, settings, type World } from './testing/world.ts';

const part = (key: string, size: number) => ({
  part: { bucket: 'drop', key, versionId: 'v1', size },
  fresh: true,
});

async function dropped(world: World, name: string, content: string): Promise<string> {
  await world.drop(`incoming/wine/${name}`, content);
  return (await world.listed())[0]!.runId;
}

/** Rows of the run's dataset once its job has ended. */
async function rowsMadeBy(world: World, { name }: { name: string }, runId: string): Promise<number> {
  await world.processing.complete(name);
  await world.jobMoved(name);
  const { train, validation, test } = (await world.run(runId, 'prepared')).dataset.rows;
  return train + validation + test;
}

describe('data that a function cannot hold', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld(specificationOf(), { sparkAboveBytes: 300 });
  });

  it('is prepared by a job, for which its run waits', async () => {
    const runId = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(runId);

    await world.run(runId, 'preparing');
    const [order] = world.processing.orders;
    expect(order).toMatchObject({ runId, instance: 'ml.m5.4xlarge', volumeGb: 30 });
    expect(order!.name.length).toBeLessThanOrEqual(63);

    await world.processing.complete(order!.name);
    await world.jobMoved(order!.name);
    const { dataset } = await world.run(runId, 'prepared');
    const folder = `datasets/wine/${dataset.version}/`;
    const { train, validation, test } = dataset.rows;
    expect(train + validation + test).toBe(60);
    const lines = world.storage.text('artifacts', `${folder}train/data.csv`)!.trim().split('\n');
    expect(lines).toHaveLength(train);
    expect(world.storage.keys('artifacts')).toEqual(
      expect.arrayContaining(
        ['statistics.json', 'reference.json', 'features.tar.gz', 'profile.html', 'manifest.json'].map(
          (name) => folder + name,
        ),
      ),
    );
  });

  it('is the same dataset version that a function would have made', async () => {
    const runId = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(runId);
    await world.processing.complete(world.processing.orders[0]!.name);
    await world.jobMoved(world.processing.orders[0]!.name);
    const small = await createWorld();
    const other = await dropped(small, 'a.csv', rows(0, 60));
    await small.received(other);
    expect((await world.run(runId, 'prepared')).dataset).toEqual(
      (await small.run(other, 'prepared')).dataset,
    );
  });

  it('begins one job, however often its run is looked at, and goes on by the sweep when the event is lost', async () => {
    const runId = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(runId);
    await world.received(runId);
    world.clock.now += 3_600_000;
    await world.sweep();
    expect(world.processing.orders).toHaveLength(1);

    await world.processing.complete(world.processing.orders[0]!.name);
    world.clock.now += 3_600_000;
    await world.sweep();
    await world.run(runId, 'prepared');
  });

  it('is prepared anew when the dataset has changed meanwhile', async () => {
    const first = await dropped(world, 'a.csv', rows(0, 60));
    const second = await dropped(world, 'b.csv', rows(100, 60));
    for (const runId of [first, second]) await world.received(runId);
    const [one, two] = world.processing.orders;
    for (const { name } of [one!, two!]) {
      await world.processing.complete(name);
      await world.jobMoved(name);
    }
    await world.run(second, 'preparing');
    const [, , three] = world.processing.orders;
    expect(await rowsMadeBy(world, three!, second)).toBe(120);
  });

  it('is rejected for its reason, with its quarantine', async () => {
    const runId = await dropped(world, 'a.csv', `y,a,b\n${'1,x,2\n'.repeat(60)}`);
    await world.received(runId);
    await world.processing.complete(world.processing.orders[0]!.name);
    await world.jobMoved(world.processing.orders[0]!.name);
    const { reason } = await world.run(runId, 'rejected');
    expect(reason).toMatch(/no row is clean/);
    expect(world.storage.text('artifacts', `datasets/wine/rejected/${runId}/quarantine.jsonl`)).toMatch(
      /"rule":"not-a-number"/,
    );
  });

  it('gets another job where there was no capacity, three times', async () => {
    const runId = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(runId);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(world.processing.orders).toHaveLength(attempt + 1);
      const { name } = world.processing.orders[attempt]!;
      world.processing.fail(name, 'CapacityError: none', { again: true });
      await world.jobMoved(name);
    }
    expect(await world.run(runId, 'failed')).toMatchObject({
      reason: expect.stringMatching(/CapacityError/),
    });
  });

  it('fails its run when the program fails', async () => {
    const runId = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(runId);
    const { name } = world.processing.orders[0]!;
    world.processing.fail(name, 'This Python lacks pyspark', { told: true });
    await world.jobMoved(name);
    await world.run(runId, 'failed');
    expect(world.processing.orders).toHaveLength(1);
  });
});

describe('what a job works with', () => {
  const worked = (world: World) =>
    world.storage.keys('artifacts').filter((key) => key.startsWith('datasets/wine/work/'));
  let world: World;
  let runId: string;
  let job: string;
  beforeEach(async () => {
    world = await createWorld(specificationOf(), { sparkAboveBytes: 300 });
    runId = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(runId);
    job = world.processing.orders[0]!.name;
  });

  it('is there until the dataset has been made, then gone', async () => {
    expect(worked(world)).toEqual([expect.stringMatching(`/work/${runId}/[0-9a-f]+/request/request.json$`)]);
    await world.processing.complete(job);
    expect(worked(world).length).toBeGreaterThan(1);
    await world.jobMoved(job);
    await world.run(runId, 'prepared');
    expect(worked(world)).toEqual([]);
  });

  it('is gone when the event was lost and the sweep has found the job', async () => {
    await world.processing.complete(job);
    world.clock.now += 3_600_000;
    await world.sweep();
    await world.run(runId, 'prepared');
    expect(worked(world)).toEqual([]);
  });

  it('is gone when the dataset was refused, or the job has failed', async () => {
    world.processing.fail(job, 'no space left on device', {});
    await world.jobMoved(job);
    await world.run(runId, 'failed');
    expect(worked(world)).toEqual([]);

    const other = await dropped(world, 'b.csv', `y,a,b\n${'1,x,2\n'.repeat(60)}`);
    await world.received(other);
    const { name } = world.processing.orders[1]!;
    await world.processing.complete(name);
    await world.jobMoved(name);
    await world.run(other, 'rejected');
    expect(worked(world)).toEqual([]);
  });

  it('goes with the next event when whoever made the dataset died before', async () => {
    await world.processing.complete(job);
    for (let writes = 0; (await world.run(runId)).phase === 'preparing'; writes += 1) {
      world.mortal.dieAfter(writes);
      await world.jobMoved(job).catch(() => undefined);
      world.mortal.revive();
    }
    await world.run(runId, 'prepared');
    await world.jobMoved(job);
    expect(worked(world)).toEqual([]);
    await world.jobMoved(job);
  });

  it('stays while another run of the pipeline is still at work with it', async () => {
    const second = await dropped(world, 'b.csv', rows(100, 60));
    await world.received(second);
    await world.processing.complete(job);
    await world.jobMoved(job);
    await world.run(runId, 'prepared');
    expect(worked(world)).toEqual([expect.stringContaining(`/work/${second}/`)]);
  });
});

describe('data that a function finds too large only when it reads it', () => {
  const withMost = (mostRows: number) =>
    createWorld(specificationOf(), { sparkAboveBytes: 3000 }, undefined, { rows: mostRows });

  it('goes to a job, and is not tried again while that is at it', async () => {
    const world = await withMost(40);
    const runId = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(runId);
    const [order] = world.processing.orders;
    await world.received(runId);
    expect(world.processing.orders).toEqual([order]);

    expect(await rowsMadeBy(world, order!, runId)).toBe(60);
  });

  it('stays with the function where it fits', async () => {
    const world = await withMost(60);
    const runId = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(runId);
    await world.run(runId, 'prepared');
    expect(world.processing.orders).toEqual([]);
  });

  it('is refused by the function for what a larger machine would refuse, too', async () => {
    const world = await withMost(60);
    const runId = await dropped(world, 'a.csv', rows(0, 60).replace('y,a,b', 'y,a,c'));
    await world.received(runId);
    expect((await world.run(runId, 'rejected')).reason).toMatch(/lacks the column b/);
    expect(world.processing.orders).toEqual([]);
  });
});

describe('what goes to Spark', () => {
  it('is judged by bytes of text: packed files count for what they become', () => {
    expect(textBytes([part('a.csv', 100), part('b.CSV.GZ', 100), part('c.parquet', 100)])).toBe(1300);
    expect(textBytes([part('a.csv', MOST_FUNCTION_BYTES)])).toBe(MOST_FUNCTION_BYTES);
  });

  it('may turn out so: packed files unpack further than is the rule, some rows take long', () => {
    const limit = 200 * 16 * 100;
    expect(mayBeTooLarge([part('a.csv.gz', 1001)], limit)).toBe(true);
    expect(mayBeTooLarge([part('a.csv.gz', 50), part('b.csv', 100)], limit)).toBe(false);
    expect(mayBeTooLarge([part('a.csv', limit / 16 + 1)], limit)).toBe(true);
  });

  it('may be one part that is far larger than what a function takes', async () => {
    const world = await createWorld();
    const runId = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(runId);
    const run = { ...(await world.run(runId)), phase: 'preparing' } as never;
    const large = part('a.csv', 10 * 1024 ** 3);
    expect(sparkPlan(run, [large], settings).request).toMatchObject({ limits: JOB_LIMITS });
    expect(JOB_LIMITS.partBytes).toBeGreaterThan(3 * large.part.size);
    expect(JOB_LIMITS.unpackedBytes).toBeGreaterThan(DEFAULT_LIMITS.unpackedBytes);
  });

  it('gets a disk that bears it', async () => {
    const world = await createWorld();
    const runId = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(runId);
    const run = { ...(await world.run(runId)), phase: 'preparing' } as never;
    const volume = (...parts: ReturnType<typeof part>[]) => sparkPlan(run, parts, settings).order(1).volumeGb;
    const large = part('a.csv', 20 * 1024 ** 3);
    expect(volume(part('a.csv', 1))).toBe(30);
    expect(volume(large)).toBe(240);
    expect(volume(part('a.csv.gz', 1024 ** 3))).toBe(240);
    expect(volume(...Array(100).fill(large))).toBe(16_384);
  });
});
