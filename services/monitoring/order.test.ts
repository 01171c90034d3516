/** Events are hints: at-least-once, unordered, late. However captures and ground truth arrive, the end is the same. */
import type { ItemStore } from '../../shared/aws/item-store.ts';
import { Conflict } from '../../shared/aws/item-store.ts';
import type { Monitor } from './monitor.ts';
import { created, namesOf, trafficOf } from './testing/traffic.ts';
import { champion, createWorld, type Handlers, pipeline, type World } from './testing/world.ts';
import { placesOf } from './window.ts';

type Message = (world: World, handlers?: Handlers) => Promise<void>;

const traffic = [
  trafficOf({ name: 'a', count: 120, shift: 0.5, wrong: 30 }),
  trafficOf({ name: 'b', count: 120, shift: 0.5, wrong: 30 }),
];
const retrain = { automatic: true, minimumLabels: 1_000, coolDown: '6 hours', rejections: 2 };

/** Both objects lie in S3; the messages tell of them. */
async function prepared(races?: (store: ItemStore) => ItemStore): Promise<World> {
  const world = await createWorld(
    { drift: { falseDiscoveryRate: 0.05, effect: 0.15, features: 0.05, windows: 1 }, retrain },
    races,
  );
  return world;
}

const captured =
  (i: number): Message =>
  async (world, handlers = world) => {
    const { key, text } = traffic[i]!.capture;
    world.objects.put({ bucket: 'artifacts', key }, text);
    await handlers.onCapture(created('artifacts', key));
  };
const labelled =
  (i: number): Message =>
  async (world, handlers = world) => {
    const { key, text } = traffic[i]!.labels;
    world.objects.put({ bucket: 'drop', key }, text);
    await handlers.onGroundTruth(created('drop', key));
  };

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

/** The state without the traces of how it came about: times, report names, the order and cut of labelled parts. */
async function essence(world: World) {
  const { episode, windows, groundTruth, labelled: rows }: Monitor = await world.monitor();
  const lines = rows.parts.flatMap(({ name }) =>
    world.objects
      .text({ bucket: 'artifacts', key: `datasets/${pipeline}/labelled/${name}.csv` })
      .trim()
      .split('\n')
      .slice(1),
  );
  const events = namesOf(world).filter((name) => name !== 'GroundTruthReceived.v1');
  const report = await world.objects.json({
    bucket: 'artifacts',
    key: `reports/${pipeline}/windows/${champion}-w1.json`,
  });
  return {
    verdicts: episode?.verdicts,
    drift: episode?.drift?.features,
    quality: episode?.quality,
    degraded: episode?.degraded?.value,
    windows: {
      count: windows.count,
      open: Object.values(windows.open).map(placesOf),
      closing: windows.closing,
    },
    report,
    groundTruth: groundTruth
      .map(({ id, matched, unmatched, tryAt }) => ({ id, matched, unmatched, tryAt }))
      .sort((x, y) => (x.id < y.id ? -1 : 1)),
    rows: lines.sort(),
    events: [...events].sort(),
  };
}

const messages = [captured(0), captured(1), labelled(0), labelled(1)];

describe('order, repetition and races', () => {
  it('given every permutation of the messages, each doubled, then the end is the same', async () => {
    const ends = [];
    for (const order of permutations(messages)) {
      const world = await prepared();
      for (const message of [...order, ...order]) await message(world);
      ends.push(await essence(world));
    }
    expect(ends).toHaveLength(24);
    expect(ends[0]).toMatchObject({
      verdicts: ['drifted'],
      drift: 3,
      quality: { labels: 240, sum: 180 },
      events: ['DriftDetected.v1', 'QualityDegraded.v1'],
    });
    expect(ends[0]?.rows).toHaveLength(240);
    for (const end of ends) expect(end).toEqual(ends[0]);
  });

  it('given all messages at once, each in a process of its own, then the end is the same', async () => {
    const quiet = await prepared();
    for (const message of messages) await message(quiet);
    for (let seed = 0; seed < 8; seed += 1) {
      const world = await prepared((store) => contested(store, seed));
      await Promise.all([...messages, ...messages].map((message) => message(world, world.another())));
      world.clock.now += 120_000;
      await world.onSweep();
      expect({ ...(await essence(world)), report: undefined }).toEqual({
        ...(await essence(quiet)),
        report: undefined,
      });
    }
  });
});

/** Every third commit loses. */
function contested(store: ItemStore, seed: number): ItemStore {
  let commits = seed;
  return {
    ...store,
    commit: async (stored, change) => {
      commits += 1;
      if (commits % 3 === 0) throw new Conflict(stored.key);
      return store.commit(stored, change);
    },
  };
}
