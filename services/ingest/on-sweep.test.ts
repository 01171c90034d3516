import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { capturingLog } from '../../shared/runtime/testing/captured-log.ts';
import { buildObjectsOf } from './batch-objects.ts';
import { buildFindLostDrops } from './on-sweep.ts';
import { createWorld, rows, type World } from './testing/world.ts';

const quiet = specificationOf({ data: { ...specificationOf().data, seal: 'quiet 1 minute' } });
const keysOf = (run: { parts: readonly { key: string }[] }) => run.parts.map(({ key }) => key);
const isInBatch = async (world: World, key: string) =>
  (await buildObjectsOf(world)('wine', 1)).some((one) => one.key === key);

/** The same port; `tell` hears the name of each member that is called. */
const heard = <T extends object>(port: T, tell: (name: string) => void): T =>
  new Proxy(port, {
    get: (target, name) => {
      tell(String(name));
      return Reflect.get(target, name);
    },
  });

const parts = async (world: World) => (await world.listed()).map(keysOf);

describe('the sweep of ingest', () => {
  it('finds a drop whose event was lost', async () => {
    const world = await createWorld();
    world.storage.put('drop', 'incoming/wine/a.csv', rows(0, 10));
    world.clock.now += 60_000;
    await world.sweep();
    expect(await parts(world)).toEqual([['incoming/wine/a.csv']]);
    world.clock.now += 60_000;
    await world.sweep();
    expect(await world.listed()).toHaveLength(1);
  });

  it('leaves a young drop to its event', async () => {
    const world = await createWorld();
    world.storage.put('drop', 'incoming/wine/a.csv', rows(0, 10));
    world.clock.now += 1_000;
    await world.sweep();
    expect(await world.listed()).toEqual([]);
  });

  it('takes drops that their events have brought without a write and without looking at each', async () => {
    for (const seal of ['each', 'quiet 1 minute']) {
      const world = await createWorld(specificationOf({ data: { ...specificationOf().data, seal } }));
      for (let i = 0; i < 25; i += 1) await world.drop(`incoming/wine/${i}.csv`, rows(i, 1));
      world.clock.now += 60_000;
      const calls: string[] = [];
      const { items, storage } = world.ports;
      const ports = {
        ...world.ports,
        items: heard(items, (name) => calls.push(name)),
        storage: heard(storage, (name) => calls.push(name)),
      };
      await buildFindLostDrops({ ports, take: world.take })(await world.pipeline());
      expect([seal, calls]).toEqual([seal, ['load', 'list', 'loadAll', 'load', expect.any(String)]]);
    }
  });

  it('looks for lost drops of a batch only once the others are quiet, and then before it is sealed', async () => {
    const world = await createWorld(quiet);
    world.storage.put('drop', 'incoming/wine/lost.csv', rows(0, 10));
    for (let i = 0; i < 4; i += 1) {
      await world.drop(`incoming/wine/${i}.csv`, rows(10 + i, 1));
      world.clock.now += 50_000;
      await world.sweep();
      expect(await isInBatch(world, 'incoming/wine/lost.csv')).toBe(false);
    }
    world.clock.now += 10_000;
    await world.sweep();
    expect([await world.listed(), await isInBatch(world, 'incoming/wine/lost.csv')]).toEqual([[], true]);
    world.clock.now += 60_000;
    await world.sweep();
    expect(await parts(world)).toEqual([
      [...[0, 1, 2, 3].map((i) => `incoming/wine/${i}.csv`), 'incoming/wine/lost.csv'],
    ]);
  });

  it('looks for lost drops although others never end', async () => {
    const world = await createWorld(quiet);
    world.storage.put('drop', 'incoming/wine/lost.csv', rows(0, 10));
    for (let i = 0; i < 13; i += 1) {
      await world.drop(`incoming/wine/${i}.csv`, rows(10 + i, 1));
      world.clock.now += 50_000;
      await world.sweep();
    }
    expect(await isInBatch(world, 'incoming/wine/lost.csv')).toBe(true);
  });

  it('finds every lost drop once, whenever it came and whenever the sweeps were', async () => {
    const world = await createWorld();
    for (let i = 0; i < 8; i += 1) {
      world.storage.put('drop', `incoming/wine/${i}.csv`, rows(i * 10, 10));
      world.clock.now += 25_000 + i * 7_000;
      await world.sweep();
    }
    world.clock.now += 60_000;
    await world.sweep();
    expect((await parts(world)).flat().sort()).toEqual(
      Array.from({ length: 8 }, (_, i) => `incoming/wine/${i}.csv`),
    );
  });

  it('puts a late object into the next batch', async () => {
    const world = await createWorld(quiet);
    await world.drop('incoming/wine/a.csv', rows(0, 10));
    world.clock.now += 60_000;
    await world.sweep();
    await world.drop('incoming/wine/b.csv', rows(10, 10));
    world.clock.now += 60_000;
    await world.sweep();
    expect(await parts(world)).toEqual([['incoming/wine/b.csv'], ['incoming/wine/a.csv']]);
  });

  it('seals at once what waits in a pipeline that no longer waits', async () => {
    const world = await createWorld(quiet);
    await world.drop('incoming/wine/a.csv', rows(0, 10));
    const stored = await world.runs.loadPipeline('wine');
    if (stored) await world.runs.savePipeline(stored, { ...stored.state, specification: specificationOf() });
    world.clock.now += 1_000;
    await world.sweep();
    expect(await parts(world)).toEqual([['incoming/wine/a.csv']]);
  });

  const oneByOne = async (drops: readonly (() => Promise<void>)[]) => {
    for (const drop of drops) await drop();
  };
  const together = async (drops: readonly (() => Promise<void>)[]) => {
    await Promise.all(drops.map((drop) => drop()));
  };

  /** Two drops and some sweeps; the process dies after a write, and another goes on. */
  async function playWithDeath(death: number, drops: typeof together): Promise<string[]> {
    const world = await createWorld(quiet);
    const survived = async (work: Promise<unknown>): Promise<void> => {
      await work.catch(() => undefined);
      if (world.mortal.isDead) world.mortal.revive();
    };
    world.mortal.dieAfter(death);
    await drops(
      ['a', 'b'].map((name) => () => survived(world.drop(`incoming/wine/${name}.csv`, rows(0, 10)))),
    );
    for (let count = 0; count < 5; count += 1) {
      world.clock.now += 70_000;
      await survived(world.sweep());
    }
    return (await parts(world)).flat().sort();
  }

  it.each([
    ['one by one', oneByOne],
    ['together', together],
  ])('loses no object of those that come %s although its process dies after any write', async (_, drops) => {
    await capturingLog(async () => {
      for (let death = 1; death <= 16; death += 1) {
        expect([death, await playWithDeath(death, drops)]).toEqual([
          death,
          ['incoming/wine/a.csv', 'incoming/wine/b.csv'],
        ]);
      }
    });
  });

  it('prepares runs whose events were lost', async () => {
    const world = await createWorld();
    await world.drop('incoming/wine/a.csv', rows(0, 40));
    world.clock.now += 60_000;
    await world.sweep();
    expect((await world.listed())[0]?.phase).toBe('prepared');
  });
});
