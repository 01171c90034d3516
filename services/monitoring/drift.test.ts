import { windowList } from '../../shared/aws/keys.ts';
import { modelName } from '../../shared/contracts/names.ts';
import type { ClosedWindow } from './closed-window.ts';
import { created, drop, flush, namesOf, trafficOf } from './testing/traffic.ts';
import { champion, championRun, createWorld, pipeline, settings, type World } from './testing/world.ts';

const windowsOf = async (world: World) =>
  (await world.items.list<ClosedWindow>(windowList(pipeline), { limit: 20, oldestFirst: true })).items;

/** One capture object that fills a window. */
async function window(world: World, name: string, shift: number, model = champion): Promise<void> {
  world.clock.now += 60_000;
  await flush(world, trafficOf({ name, count: 200, shift, model }));
}

describe('windows and drift', () => {
  it('given requests like the training data, then each window is calm and nothing is announced', async () => {
    const world = await createWorld();
    for (const name of ['a', 'b', 'c']) await window(world, name, 0);
    expect((await windowsOf(world)).map(({ verdict, rows }) => [verdict, rows])).toEqual([
      ['calm', 200],
      ['calm', 200],
      ['calm', 200],
    ]);
    expect(world.published).toEqual([]);
  });

  it('given two drifted windows among the last three, then drift is announced once', async () => {
    const world = await createWorld();
    await window(world, 'a', 0.5);
    expect(namesOf(world)).toEqual([]);
    for (const name of ['b', 'c', 'd']) await window(world, name, 0.5);
    const [event] = world.published;
    const version = event?.detail.version ?? 0;
    expect(world.published).toEqual([
      {
        name: 'DriftDetected.v1',
        detail: {
          pipeline,
          runId: championRun,
          version,
          model: champion,
          features: 3,
          report: `s3://artifacts/reports/${pipeline}/windows/${champion}-w2.json`,
        },
      },
    ]);
    expect(version).toBeGreaterThanOrEqual(1);
    expect((await world.monitor()).episode).toMatchObject({
      verdicts: ['drifted', 'drifted', 'drifted'],
      drift: { features: 3 },
    });
  });

  it('given a calm window, then the episode of drift is over and a new one is announced again', async () => {
    const world = await createWorld();
    for (const [name, shift] of [
      ['a', 0.5],
      ['b', 0.5],
      ['c', 0],
    ] as const)
      await window(world, name, shift);
    expect((await world.monitor()).episode?.drift).toBeUndefined();
    await window(world, 'd', 0.5);
    expect(namesOf(world)).toEqual(['DriftDetected.v1', 'DriftDetected.v1']);
  });

  it('given a report, then it holds every feature and the captures it was made of', async () => {
    const world = await createWorld();
    await window(world, 'a', 0.5);
    const [closed] = await windowsOf(world);
    expect(closed).toMatchObject({
      id: `${champion}-w1`,
      model: champion,
      features: 3,
      drifted: 3,
      share: 1,
      objects: 1,
    });
    const report = await world.objects.json({
      bucket: 'artifacts',
      key: `reports/${pipeline}/windows/${champion}-w1.json`,
    });
    expect(report).toMatchObject({
      verdict: 'drifted',
      captures: ['2026/11/23/10/a.jsonl'],
      statistics: [{ name: 'x0', drifted: true }, {}, {}],
    });
  });

  it('given the same capture again, also after its window has closed, then nothing changes', async () => {
    const world = await createWorld();
    await flush(world, trafficOf({ name: 'a', count: 150 }));
    await flush(world, trafficOf({ name: 'a', count: 150 }));
    expect((await world.monitor()).windows.open[champion]).toMatchObject({ inferences: 150, objects: 1 });
    await flush(world, trafficOf({ name: 'b', count: 50 }));
    const { version } = await world.stored();
    await flush(world, trafficOf({ name: 'b', count: 50 }));
    expect(await world.stored()).toMatchObject({ version, state: { windows: { count: 1, open: {} } } });
  });

  it('given replayed inferences, then they are in no window', async () => {
    const world = await createWorld();
    await flush(world, trafficOf({ name: 'a', count: 500, shift: 0.5, prefix: 'replay-' }));
    expect((await world.monitor()).windows).toMatchObject({ count: 0, open: {} });
  });

  it('given the windows of a challenger, then they are judged and do not count towards drift', async () => {
    const world = await createWorld();
    const challenger = modelName(settings.stage, `${pipeline}-bbbbbbbbbb`);
    await world.run(`${pipeline}-bbbbbbbbbb`, 'canary');
    const stored = await world.items.load<object>({
      pk: `PIPELINE#${pipeline}`,
      sk: 'PIPELINE',
    });
    if (!stored) throw new Error('no pipeline');
    const variants = [{ model: { name: challenger }, weight: 0.1 }];
    await world.items.commit(stored, { state: { ...stored.state, desired: { variants } } });
    for (const name of ['a', 'b', 'c']) await window(world, name, 0.5, challenger);
    expect((await windowsOf(world)).map(({ model, verdict }) => [model, verdict])).toEqual(
      new Array(3).fill([challenger, 'drifted']),
    );
    expect(world.published).toEqual([]);
  });

  it('given captures of a model that no longer serves, then they are passed over', async () => {
    const world = await createWorld();
    await window(world, 'a', 0.5, modelName(settings.stage, `${pipeline}-cccccccccc`));
    expect(await windowsOf(world)).toEqual([]);
  });

  it('given a promotion, then windows, drift and quality start anew', async () => {
    const world = await createWorld();
    for (const name of ['a', 'b']) await window(world, name, 0.5);
    await drop(world, trafficOf({ name: 'a', count: 20 }));
    await flush(world, trafficOf({ name: 'rest', count: 10 }));
    await world.promote(`${pipeline}-bbbbbbbbbb`);
    await world.reconcile(pipeline);
    const next = modelName(settings.stage, `${pipeline}-bbbbbbbbbb`);
    const { episode, windows } = await world.monitor();
    expect(episode).toMatchObject({ model: next, verdicts: [], quality: { labels: 0, sum: 0 } });
    expect(episode?.drift).toBeUndefined();
    expect(windows.open).toEqual({});
  });

  it('given a dataset without its reference, then the window says why it has no verdict', async () => {
    const world = await createWorld();
    world.objects.put(
      { bucket: 'artifacts', key: `datasets/${pipeline}/${championRun}/reference.json` },
      '{"formatVersion":2}',
    );
    await window(world, 'a', 0.5);
    expect(await windowsOf(world)).toMatchObject([
      { verdict: 'inconclusive', reason: 'reference.json has the format version 2, expected 1' },
    ]);
  });

  it.each([
    ['a key elsewhere', 'artifacts', 'reports/wine/x.json'],
    ['another stage', 'artifacts', `captures/ratchet-prod-wine/${champion}/2026/11/23/10/a.jsonl`],
    ['an unknown pipeline', 'artifacts', `captures/ratchet-test-beer/${champion}/2026/11/23/10/a.jsonl`],
    ['another bucket', 'other', `captures/ratchet-test-wine/${champion}/2026/11/23/10/a.jsonl`],
    [
      'an object that is gone',
      'artifacts',
      `captures/ratchet-test-wine/${champion}/2026/11/23/10/gone.jsonl`,
    ],
  ])('given %s, then it is passed over', async (_, bucket, key) => {
    const world = await createWorld();
    await world.onCapture(created(bucket, key));
    expect(await world.stored()).toBeUndefined();
  });

  it('given a message that is no S3 event, then it is refused as poison', async () => {
    const world = await createWorld();
    await expect(world.onCapture({ detail: { bucket: {} } })).rejects.toMatchObject({ code: 'PoisonEvent' });
  });
});
