import { datasetList } from '../../shared/aws/keys.ts';
import type { RunIn } from '../../shared/lifecycle/run.ts';
import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { capturingLog } from '../../shared/runtime/testing/captured-log.ts';
import type { Manifest } from './ports.ts';
import { buildPrepareRun } from './prepare-run.ts';
import { createWorld, rows, type World } from './testing/world.ts';

async function dropped(world: World, name: string, content: string): Promise<string> {
  await world.drop(`incoming/wine/${name}`, content);
  const [run] = await world.listed();
  if (!run) throw new Error('No run began');
  return run.runId;
}

async function headManifest(world: World): Promise<Manifest> {
  const { head } = await world.pipeline();
  return JSON.parse(world.storage.text('artifacts', `datasets/wine/${head?.version}/manifest.json`) ?? '');
}
const keysOf = ({ parts }: Manifest) => parts.map(({ key }) => key.split('/').at(-1));

describe('a run is prepared', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });

  it('to a dataset version with its files, manifest last, and becomes the head', async () => {
    const runId = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(runId);
    const { dataset } = await world.run(runId, 'prepared');
    expect(dataset.prefix).toBe(`s3://artifacts/datasets/wine/${dataset.version}/`);
    const { train, validation, test } = dataset.rows;
    expect(train + validation + test).toBe(60);
    expect((await world.pipeline()).head).toMatchObject({ version: dataset.version, prefix: dataset.prefix });
    expect(await headManifest(world)).toMatchObject({
      version: dataset.version,
      rows: dataset.rows,
      parts: [
        {
          key: 'incoming/wine/a.csv',
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          rows: 60,
          quarantined: 0,
        },
      ],
    });
    expect(world.storage.keys('artifacts')).toEqual(
      expect.arrayContaining([`datasets/wine/${dataset.version}/test/labels.csv`]),
    );
    expect(world.published.map(({ name }) => name)).toEqual(['DatasetReceived.v1', 'DatasetPrepared.v1']);
    expect((await world.items.list(datasetList('wine'), { limit: 10 })).items).toMatchObject([
      { version: dataset.version, runId },
    ]);
  });

  it('once, however often its event comes', async () => {
    const runId = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(runId);
    const { version } = await world.run(runId);
    await world.received(runId);
    await world.sweep();
    expect((await world.run(runId)).version).toBe(version);
  });

  it('by two at once, neither of which takes the work from the other', async () => {
    const runId = await dropped(world, 'a.csv', rows(0, 60));
    const { storage } = world.ports;
    const ahead = Promise.withResolvers<void>();
    const atManifest = Promise.withResolvers<void>();
    const slow = buildPrepareRun({
      ...world.ports,
      storage: {
        ...storage,
        writeText: async (...manifest) => {
          atManifest.resolve();
          await ahead.promise;
          return storage.writeText(...manifest);
        },
      },
    });
    const first = slow(runId);
    await atManifest.promise;
    await world.received(runId);
    const { dataset } = await world.run(runId, 'prepared');
    ahead.resolve();
    await first;
    const run = await world.run(runId, 'prepared');
    expect(run.dataset).toEqual(dataset);
    expect(run.history.map(({ cause }) => cause)).toEqual([
      'data',
      'preparation-started',
      'dataset-prepared',
    ]);
  });

  it('to the same version for the same data', async () => {
    const first = await dropped(world, 'a.csv', rows(0, 60));
    await world.received(first);
    world.clock.now += 1;
    const second = await dropped(world, 'copy-of-a.csv', rows(0, 60));
    await world.received(second);
    const versions = await Promise.all(
      [first, second].map(async (id) => (await world.run(id, 'prepared')).dataset.version),
    );
    expect(versions[0]).toBe(versions[1]);
  });

  it('together with what the dataset had', async () => {
    await world.received(await dropped(world, 'a.csv', rows(0, 60)));
    const second = await dropped(world, 'b.csv', rows(60, 40));
    await world.received(second);
    expect(keysOf(await headManifest(world))).toEqual(['a.csv', 'b.csv']);
    const { rows: counted } = (await world.run(second, 'prepared')).dataset;
    expect(counted.train + counted.validation + counted.test).toBe(100);
  });

  it('without what the dataset had, where a drop replaces it', async () => {
    const data = { ...specificationOf().data, mode: 'replace' };
    world = await createWorld(specificationOf({ data }));
    await world.received(await dropped(world, 'a.csv', rows(0, 60)));
    await world.received(await dropped(world, 'b.csv', rows(60, 40)));
    expect(keysOf(await headManifest(world))).toEqual(['b.csv']);
  });

  it('beside another at once: the loser prepares again, and the head has both', async () => {
    const first = await dropped(world, 'a.csv', rows(0, 60));
    const second = await dropped(world, 'b.csv', rows(60, 40));
    await Promise.all([world.received(first), world.received(second)]);
    expect(keysOf(await headManifest(world))).toEqual(['a.csv', 'b.csv']);
    const versions = await Promise.all(
      [first, second].map(async (id) => (await world.run(id, 'prepared')).dataset.version),
    );
    expect(versions).toContain((await world.pipeline()).head?.version);
    expect(new Set(versions).size).toBe(2);
  });

  it('not, when its data is unusable: it is rejected with the reason and its quarantine', async () => {
    const data = { ...specificationOf().data, quality: { minimumRows: 20, maximumQuarantined: 0.1 } };
    world = await createWorld(specificationOf({ data }));
    const runId = await dropped(world, 'a.csv', `${rows(0, 20)}x,1,2\ny,3,4\nz,5,6\n`);
    await world.received(runId);
    expect(await world.run(runId, 'rejected')).toMatchObject({ stage: 'data' });
    expect((await world.pipeline()).head).toBeUndefined();
    const event = world.published.at(-1);
    expect(event).toMatchObject({
      name: 'DatasetRejected.v1',
      detail: { quarantine: `s3://artifacts/datasets/wine/rejected/${runId}/quarantine.jsonl` },
    });
    expect(world.storage.text('artifacts', `datasets/wine/rejected/${runId}/quarantine.jsonl`)).toContain(
      'incoming/wine/a.csv',
    );
  });

  it('with the labelled rows that a retraining brings; the request may come twice', async () => {
    await world.received(await dropped(world, 'a.csv', rows(0, 60)));
    world.storage.put('artifacts', 'labelled/r1.csv', rows(100, 30));
    const detail = {
      pipeline: 'wine',
      runId: 'wine-rrrrrrrrrr',
      version: 1,
      reason: 'drift in 3 features',
      labelled: 30,
      part: 's3://artifacts/labelled/r1.csv',
    };
    await world.retraining(detail);
    await world.retraining(detail);
    expect(await world.listed()).toHaveLength(2);
    expect(await world.run('wine-rrrrrrrrrr')).toMatchObject({
      cause: { kind: 'drift' },
      parts: [{ bucket: 'artifacts', key: 'labelled/r1.csv' }],
    });
    await world.received('wine-rrrrrrrrrr');
    expect(keysOf(await headManifest(world)).sort()).toEqual(['a.csv', 'r1.csv']);
  });

  it('to the same end although its process dies after any write', async () => {
    async function play(death?: number) {
      const fresh = await createWorld();
      const runId = await dropped(fresh, 'a.csv', rows(0, 60));
      const before = fresh.mortal.writes;
      if (death !== undefined) fresh.mortal.dieAfter(death);
      const survived = async (work: Promise<void>): Promise<void> => {
        await work.catch((error: unknown) => {
          if (!fresh.mortal.isDead) throw error;
        });
        if (fresh.mortal.isDead) fresh.mortal.revive();
      };
      await survived(fresh.received(runId));
      for (let count = 0; count < 4; count += 1) {
        fresh.clock.now += 150_000;
        await survived(fresh.sweep());
      }
      const { dataset } = (await fresh.run(runId, 'prepared')) as RunIn<'prepared'>;
      return {
        writes: fresh.mortal.writes - before,
        end: {
          dataset,
          head: (await fresh.pipeline()).head,
          told: [...new Set(fresh.published.map(({ name }) => name))],
          files: fresh.storage.keys('artifacts'),
          listed: (await fresh.items.list(datasetList('wine'), { limit: 10 })).items.length,
        },
      };
    }
    await capturingLog(async () => {
      const undisturbed = await play();
      for (let death = 1; death <= undisturbed.writes; death += 1) {
        expect({ death, ...(await play(death)).end }).toEqual({ death, ...undisturbed.end });
      }
    });
  });
});
