import { runIdOf } from '../../shared/contracts/names.ts';
import { parseS3Uri } from '../../shared/contracts/s3-uri.ts';
import type { Phase } from '../../shared/lifecycle/run.ts';
import { drop, flush, namesOf, trafficOf } from './testing/traffic.ts';
import { createWorld, pipeline, type World } from './testing/world.ts';

const HOURS = 3_600_000;
const requests = (world: World) =>
  world.published.flatMap((event) => (event.name === 'RetrainingRequested.v1' ? [event.detail] : []));
const suppressed = (world: World) =>
  world.published.flatMap((event) => (event.name === 'RetrainingSuppressed.v1' ? [event.detail.reason] : []));

/** Two drifted windows, labelled in two objects. */
async function drifted(world: World, turn = ''): Promise<void> {
  const all = [
    trafficOf({ name: `a${turn}`, count: 200, shift: 0.5 }),
    trafficOf({ name: `b${turn}`, count: 200, shift: 0.5 }),
  ];
  for (const traffic of all) await flush(world, traffic);
  for (const traffic of all) await drop(world, traffic);
}

async function ended(world: World, phase: Phase): Promise<void> {
  await world.run(requests(world).at(-1)?.runId ?? '', phase);
  world.clock.now += 60_000;
  await world.onSweep();
}

describe('retraining', () => {
  it('given drift and enough new labels, then one run is asked for with all of them in one object', async () => {
    const world = await createWorld();
    await drifted(world);
    const [request, ...more] = requests(world);
    expect(more).toEqual([]);
    const { inFlight } = (await world.monitor()).retraining;
    expect(request).toMatchObject({
      pipeline,
      runId: runIdOf(pipeline, `retraining:${inFlight?.request}`),
      reason: 'drift: 3 features differ from what the champion learned from',
    });
    const lines = world.objects
      .text(parseS3Uri(request?.part ?? ''))
      .trim()
      .split('\n');
    expect(lines).toHaveLength((request?.labelled ?? 0) + 1);
    expect(lines.filter((line) => line.startsWith('y,'))).toEqual(['y,x0,x1,x2']);
  });

  it('given several labelled objects when drift is found, then their rows are united under one header', async () => {
    const world = await createWorld();
    const all = ['a', 'b'].map((name) => trafficOf({ name, count: 200, shift: 0.5 }));
    for (const name of ['c', 'd']) {
      const calm = trafficOf({ name, count: 60 });
      await flush(world, calm);
      await drop(world, calm);
    }
    await flush(world, all[0]!);
    await flush(world, all[1]!);
    await flush(world, trafficOf({ name: 'e', count: 200, shift: 0.5 }));
    const [request] = requests(world);
    expect(request?.labelled).toBe(120);
    const lines = world.objects
      .text(parseS3Uri(request?.part ?? ''))
      .trim()
      .split('\n');
    expect(lines).toHaveLength(121);
    expect(new Set(lines).size).toBe(121);
  });

  it('given degraded quality without drift, then a run is asked for on that account', async () => {
    const world = await createWorld();
    const traffic = trafficOf({ name: 'a', count: 150, wrong: 60 });
    await flush(world, traffic);
    await drop(world, traffic);
    expect(requests(world)).toMatchObject([
      { reason: 'quality: accuracy is 0.6 on live requests, 0.95 at the gate', labelled: 150 },
    ]);
  });

  it.each([
    [
      'too few labels',
      { retrain: { automatic: true, minimumLabels: 500, coolDown: '6 hours', rejections: 2 } },
    ],
    [
      'a pipeline that shall not retrain by itself',
      { retrain: { automatic: false, minimumLabels: 1, coolDown: '6 hours', rejections: 2 } },
    ],
  ])('given %s, then drift is announced and nothing is asked for', async (_, monitor) => {
    const world = await createWorld(monitor);
    await drifted(world);
    expect(namesOf(world)).toEqual(['DriftDetected.v1', 'GroundTruthReceived.v1', 'GroundTruthReceived.v1']);
  });

  it('given a request that is not taken up, then it is asked for again with the same run', async () => {
    const world = await createWorld();
    await drifted(world);
    world.clock.now += 119_000;
    await world.onSweep();
    expect(requests(world)).toHaveLength(1);
    world.clock.now += 2_000;
    await world.onSweep();
    expect(requests(world)).toHaveLength(2);
    expect(new Set(requests(world).map(({ runId, part }) => `${runId} ${part}`)).size).toBe(1);
    await world.run(requests(world)[0]?.runId ?? '', 'training');
    world.clock.now += 10 * 60_000;
    await world.onSweep();
    expect(requests(world)).toHaveLength(2);
  });

  it('given a retraining in flight, then no other is asked for, however many labels come', async () => {
    const world = await createWorld({
      retrain: { automatic: true, minimumLabels: 100, coolDown: '0 seconds', rejections: 9 },
    });
    await drifted(world);
    await world.run(requests(world)[0]?.runId ?? '', 'training');
    await drifted(world, '2');
    world.clock.now += HOURS;
    await world.onSweep();
    expect(requests(world)).toHaveLength(1);
    await ended(world, 'rejected');
    expect(requests(world)).toHaveLength(2);
    expect(requests(world)[1]?.runId).not.toBe(requests(world)[0]?.runId);
  });

  it('given a retraining that is promoted, then the episode is over and its labels are used', async () => {
    const world = await createWorld();
    await drifted(world);
    const runId = requests(world)[0]?.runId ?? '';
    await world.promote(runId, 'drift');
    world.clock.now += 60_000;
    await world.onSweep();
    const { episode, retraining, labelled } = await world.monitor();
    expect(episode).toMatchObject({ runId, verdicts: [] });
    expect(episode?.drift).toBeUndefined();
    expect(retraining).toMatchObject({ rejections: 0 });
    expect(retraining.inFlight).toBeUndefined();
    expect(labelled.parts.reduce((rows, part) => rows + part.rows, 0)).toBe(200);
  });

  it('given a run that is promoted before the pipeline names its champion, then the request stays until it does', async () => {
    const world = await createWorld({
      retrain: { automatic: true, minimumLabels: 100, coolDown: '0 seconds', rejections: 2 },
    });
    await drifted(world);
    const runId = requests(world)[0]?.runId ?? '';
    await ended(world, 'promoted');
    expect(requests(world)).toHaveLength(1);
    expect((await world.monitor()).retraining.inFlight).toMatchObject({ runId });
    await world.promote(runId, 'drift');
    world.clock.now += 60_000;
    await world.onSweep();
    expect((await world.monitor()).retraining.inFlight).toBeUndefined();
    expect(requests(world)).toHaveLength(1);
  });

  it('given drift within the cool-down, then it is suppressed once with the reason, and asked for when it is over', async () => {
    const world = await createWorld();
    await drifted(world);
    await ended(world, 'rejected');
    await drifted(world, '2');
    await drifted(world, '3');
    expect(suppressed(world)).toEqual(['the last retraining was asked for less than 6 hours ago']);
    expect(requests(world)).toHaveLength(1);
    world.clock.now += 6 * HOURS;
    await world.onSweep();
    expect(requests(world)).toHaveLength(2);
  });

  it('given two rejected retrainings in a row, then a person has to bring one through', async () => {
    const world = await createWorld({
      retrain: { automatic: true, minimumLabels: 100, coolDown: '0 seconds', rejections: 2 },
    });
    await drifted(world);
    await ended(world, 'rejected');
    await drifted(world, '2');
    await ended(world, 'rolled-back');
    for (const turn of ['3', '4']) await drifted(world, turn);
    expect(requests(world)).toHaveLength(2);
    expect(suppressed(world)).toEqual([
      expect.stringMatching(/2 retrainings in a row were rejected or rolled back/),
    ]);
    await world.promote(`${pipeline}-dddddddddd`, 'data');
    await world.reconcile(pipeline);
    expect((await world.monitor()).retraining.rejections).toBe(2);
    await world.promote(`${pipeline}-eeeeeeeeee`, 'person');
    await world.reconcile(pipeline);
    expect((await world.monitor()).retraining.rejections).toBe(0);
  });

  it.each(['failed', 'cancelled', 'superseded'] as const)(
    'given a run that %s, then its labels serve the next one',
    async (phase) => {
      const world = await createWorld();
      await drifted(world);
      const [first] = requests(world);
      await ended(world, phase);
      world.clock.now += 7 * HOURS;
      await world.onSweep();
      const second = requests(world)[1];
      expect(second?.runId).not.toBe(first?.runId);
      const lines = new Set(world.objects.text(parseS3Uri(second?.part ?? '')).split('\n'));
      const old = world.objects.text(parseS3Uri(first?.part ?? '')).split('\n');
      expect(old.every((line) => lines.has(line))).toBe(true);
      expect((await world.monitor()).retraining.rejections).toBe(0);
    },
  );

  it('given a bus that does not answer, then the sweep publishes what was committed', async () => {
    const world = await createWorld();
    await flush(world, trafficOf({ name: 'a', count: 200, shift: 0.5 }));
    world.clock.busDown = true;
    await expect(flush(world, trafficOf({ name: 'b', count: 200, shift: 0.5 }))).rejects.toThrow(
      'does not answer',
    );
    expect(world.published).toEqual([]);
    world.clock.busDown = false;
    world.clock.now += 60_000;
    await world.onSweep();
    expect(namesOf(world)).toEqual(['DriftDetected.v1']);
    world.clock.now += 60_000;
    await world.onSweep();
    expect(namesOf(world)).toEqual(['DriftDetected.v1']);
    expect((await world.stored()).due).toBeUndefined();
  });
});
