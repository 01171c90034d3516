import type { Run } from '../../shared/lifecycle/run.ts';
import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { capturingLog } from '../../shared/runtime/testing/captured-log.ts';
import { buildPartsOfRun } from './run-parts.ts';
import { createWorld, rows, type World } from './testing/world.ts';

const sealing = (seal: string) => createWorld(specificationOf({ data: { ...specificationOf().data, seal } }));
const keysOf = (run: { parts: readonly { key: string }[] } | undefined) => run?.parts.map(({ key }) => key);

describe('a drop, where each file begins a run', () => {
  let world: World;
  beforeEach(async () => {
    world = await sealing('each');
  });

  it('begins a run with that file', async () => {
    const { versionId } = await world.drop('incoming/wine/a.csv', rows(0, 10));
    expect(await world.listed()).toMatchObject([
      {
        phase: 'received',
        cause: { kind: 'data', batch: `drop/incoming/wine/a.csv@${versionId}` },
        parts: [{ bucket: 'drop', key: 'incoming/wine/a.csv', versionId }],
      },
    ]);
  });

  it('begins one run however often it is told of, and another for a new version of the file', async () => {
    const object = await world.drop('incoming/wine/a.csv', rows(0, 10));
    await Promise.all([world.told(object), world.told(object)]);
    expect(await world.listed()).toHaveLength(1);
    await world.drop('incoming/wine/a.csv', rows(0, 20));
    expect(await world.listed()).toHaveLength(2);
  });

  it("in no pipeline's folder is refused, and seen", async () => {
    await capturingLog(() => world.drop('incoming/No Pipeline/a.csv', 'x'));
    expect(await world.listed()).toEqual([]);
    expect(await world.listed('unknown')).toMatchObject([
      { phase: 'rejected', stage: 'data', reason: expect.stringContaining("is in no pipeline's folder") },
    ]);
    expect(world.published).toMatchObject([{ name: 'DatasetRejected.v1' }]);
  });

  it('for a pipeline that nobody declared is refused, and seen under its name; a second word changes nothing', async () => {
    const object = await world.drop('incoming/beer/a.csv', 'x');
    await world.told(object);
    expect(await world.listed('beer')).toMatchObject([
      { phase: 'rejected', reason: expect.stringContaining('There is no pipeline "beer"') },
    ]);
    expect(world.published).toHaveLength(1);
    world.clock.now += 60_000;
    expect(await world.runs.dueKeys('ingest', 10)).toEqual([]);
  });

  it('of a folder marker begins nothing', async () => {
    const { lines } = await capturingLog(() => world.drop('incoming/wine/', ''));
    expect(lines[0]).toContain('folder');
    expect(await world.listed()).toEqual([]);
  });

  it('of an empty file begins a run that is rejected with the reason', async () => {
    await world.drop('incoming/wine/empty.csv', '');
    const [run] = await world.listed();
    await world.received(run?.runId ?? '');
    expect((await world.listed())[0]).toMatchObject({
      phase: 'rejected',
      reason: expect.stringMatching(/empty/i),
    });
  });

  it('that is gone by the time its event comes begins nothing', async () => {
    const object = world.storage.put('drop', 'incoming/wine/a.csv', rows(0, 10));
    const { lines } = await capturingLog(() => world.told({ ...object, versionId: 'gone' }));
    expect(lines[0]).toContain('no longer there');
    expect(await world.listed()).toEqual([]);
  });
});

describe('a drop, where quiet seals', () => {
  let world: World;
  beforeEach(async () => {
    world = await sealing('quiet 1 minute');
  });

  it('waits for others; all that came by the quiet are one run', async () => {
    await world.drop('incoming/wine/b.csv', rows(0, 10));
    world.clock.now += 30_000;
    await world.drop('incoming/wine/a.csv', rows(10, 10));
    world.clock.now += 59_000;
    await world.sweep();
    expect(await world.listed()).toEqual([]);
    world.clock.now += 1_000;
    await world.sweep();
    const [run, ...others] = await world.listed();
    expect([keysOf(run), others]).toEqual([['incoming/wine/a.csv', 'incoming/wine/b.csv'], []]);
  });

  it('that is told of twice, also after its batch was sealed, is in one run', async () => {
    const object = await world.drop('incoming/wine/a.csv', rows(0, 10));
    await world.told(object);
    world.clock.now += 60_000;
    await world.sweep();
    await world.told(object);
    world.clock.now += 120_000;
    await world.sweep();
    expect((await world.listed()).map(keysOf)).toEqual([['incoming/wine/a.csv']]);
  });

  it('that comes to its batch just after the batch was read is in the next one', async () => {
    await world.drop('incoming/wine/a.csv', rows(0, 10));
    world.clock.now += 60_000;
    // The writer has seen the open batch; before it writes, another process seals.
    let sealed = false;
    const { items } = world.ports;
    const late = world.storage.put('drop', 'incoming/wine/late.csv', rows(10, 10));
    const slow = {
      ...items,
      create: (async (key, change, place) => {
        if (key.sk.startsWith('DROP#') && !sealed) {
          sealed = true;
          await world.sweep();
        }
        return items.create(key, change, place);
      }) as typeof items.create,
    };
    await world.dropBy({ ...world.ports, items: slow }, late);
    world.clock.now += 120_000;
    await world.sweep();
    expect((await world.listed()).map(keysOf)).toEqual([['incoming/wine/late.csv'], ['incoming/wine/a.csv']]);
  });

  it('in a batch so large that its list lies in S3 is in one run, also when it is told of again', async () => {
    const objects = Array.from({ length: 120 }, (_, i) =>
      world.storage.put('drop', `incoming/wine/${i}.csv`, rows(i, 1)),
    );
    for (const object of objects) await world.told(object);
    world.clock.now += 60_000;
    await world.sweep();
    for (const object of objects.slice(0, 5)) await world.told(object);
    world.clock.now += 120_000;
    await world.sweep();
    const [run, ...others] = await world.listed();
    expect([others, run?.parts, run?.partsAt]).toEqual([[], [], expect.stringContaining('/inputs/')]);
    expect(
      JSON.parse(world.storage.text('artifacts', run?.partsAt?.split('artifacts/')[1] ?? '') ?? ''),
    ).toHaveLength(120);
  });

  it('keeps a storm: every file is in the batch once, and none had to come again', async () => {
    const files = Array.from({ length: 120 }, (_, i) => `incoming/wine/${i}.csv`);
    await Promise.all(files.map((file, i) => world.drop(file, rows(i, 1))));
    world.clock.now += 60_000;
    await world.sweep();
    const [run, ...others] = await world.listed();
    const parts = await buildPartsOfRun(world)(run as Run);
    expect([keysOf({ parts }), others]).toEqual([files.sort(), []]);
  });
});

describe('a drop with a manifest', () => {
  let world: World;
  beforeEach(async () => {
    world = await sealing('manifest');
    await world.drop('incoming/wine/batch-1/a.csv', rows(0, 10));
    await world.drop('incoming/wine/batch-1/b.csv', rows(10, 10));
  });

  const manifest = (text: unknown) =>
    world.drop('incoming/wine/batch-1/manifest.json', typeof text === 'string' ? text : JSON.stringify(text));

  it('begins one run with what the manifest names', async () => {
    expect(await world.listed()).toEqual([]);
    const object = await manifest({
      parts: [{ key: 'incoming/wine/batch-1/a.csv' }, { key: 'incoming/wine/batch-1/b.csv' }],
    });
    await world.told(object);
    expect((await world.listed()).map(keysOf)).toEqual([
      ['incoming/wine/batch-1/a.csv', 'incoming/wine/batch-1/b.csv'],
    ]);
  });

  it('takes the version that the manifest names', async () => {
    const first = await world.storage.head('drop', 'incoming/wine/batch-1/a.csv');
    await world.drop('incoming/wine/batch-1/a.csv', rows(90, 5));
    await manifest({ parts: [{ key: 'incoming/wine/batch-1/a.csv', versionId: first?.versionId }] });
    expect((await world.listed())[0]?.parts[0]?.versionId).toBe(first?.versionId);
  });

  it.each<[string, unknown, string]>([
    [
      'names what is not there',
      { parts: [{ key: 'incoming/wine/batch-1/c.csv' }] },
      'it names what is not there: incoming/wine/batch-1/c.csv',
    ],
    ['is no JSON', '{ parts', 'it is not JSON'],
    ['is empty', '{"parts": []}', 'cannot be used'],
    ['has no parts', '{}', 'cannot be used'],
  ])('that %s is refused with the reason', async (_, text, reason) => {
    await manifest(text);
    expect(await world.listed()).toMatchObject([
      { phase: 'rejected', stage: 'data', reason: expect.stringContaining(reason) },
    ]);
  });
});
