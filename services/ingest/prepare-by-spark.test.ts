import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { MOST_FUNCTION_BYTES, sparkPlan, textBytes } from './spark-job.ts';
import { createWorld, rows, settings, type World } from './testing/world.ts';

const part = (key: string, size: number) => ({
  part: { bucket: 'drop', key, versionId: 'v1', size },
  fresh: true,
});

async function dropped(world: World, name: string, content: string): Promise<string> {
  await world.drop(`incoming/wine/${name}`, content);
  return (await world.listed())[0]!.runId;
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
    await world.processing.complete(three!.name);
    await world.jobMoved(three!.name);
    const { dataset } = await world.run(second, 'prepared');
    const { train, validation, test } = dataset.rows;
    expect(train + validation + test).toBe(120);
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

describe('what goes to Spark', () => {
  it('is judged by bytes of text: packed files count for what they become', () => {
    expect(textBytes([part('a.csv', 100), part('b.CSV.GZ', 100), part('c.parquet', 100)])).toBe(1300);
    expect(textBytes([part('a.csv', MOST_FUNCTION_BYTES)])).toBe(MOST_FUNCTION_BYTES);
  });

  it('gets a disk that bears it', async () => {
    const world = await createWorld();
    const runId = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(runId);
    const run = { ...(await world.run(runId)), phase: 'preparing' } as never;
    const volume = (size: number) => sparkPlan(run, [part('a.csv', size)], settings).order(1).volumeGb;
    expect([1, 20 * 1024 ** 3, 1e15].map(volume)).toEqual([30, 100, 16_384]);
  });
});
