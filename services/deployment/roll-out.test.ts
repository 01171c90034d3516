import { modelOf, specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { CHANGE_MS } from './testing/fake-endpoint.ts';
import { createWorld, runId, type World } from './testing/world.ts';

const namesOf = (world: World, number: number): string[] =>
  world.published.filter(({ detail }) => detail.runId === runId(number)).map(({ name }) => name);
const model = (number: number): string => modelOf(number).name;

describe('the first model', () => {
  it('is measured, put on a new endpoint alone, and becomes champion without a canary', async () => {
    const world = await createWorld();
    const first = await world.train(1);
    await world.reconcile(first);
    expect(await world.run(first)).toMatchObject({ phase: 'evaluating', evaluation: { round: 1 } });
    await world.untilRest();

    const run = await world.run(first, 'promoted');
    expect(run.gate).toMatchObject({ metric: 'accuracy', rows: 400, candidate: 0.95 });
    expect(run.replaced).toBeUndefined();
    expect(await world.pipeline()).toMatchObject({
      champion: modelOf(1),
      canarySlot: {},
      desired: { variants: [{ weight: 1 }], settled: 1, revision: 1 },
    });
    expect(world.endpoint.served).toEqual([{ [model(1)]: 1 }]);
    expect(namesOf(world, 1)).toEqual(['EvaluationStarted.v1', 'ModelApproved.v1', 'ModelPromoted.v1']);
  });

  it('is not champion before the endpoint serves it', async () => {
    const world = await createWorld();
    const first = await world.train(1);
    await world.until(first, 'approved');
    await world.fulfilWishes();
    expect((await world.endpoint.describe(''))?.status).toBe('busy');
    await world.reconcile(first);
    expect((await world.run(first)).phase).toBe('approved');
    world.clock.now += CHANGE_MS;
    await world.reconcile(first);
    expect((await world.run(first)).phase).toBe('promoted');
  });

  it('below what is required is rejected, and never serves', async () => {
    const world = await createWorld();
    const first = await world.train(1);
    world.predictions.wrong.set(model(1), 100);
    await world.untilRest();
    expect(await world.run(first, 'rejected')).toMatchObject({
      stage: 'model',
      reason: 'accuracy is 0.75; the gate wants at least 0.8',
      gate: { candidate: 0.75, report: `s3://artifacts/reports/wine/${first}/gate-1.json` },
    });
    expect(
      JSON.parse(world.files.get(`s3://artifacts/reports/wine/${first}/gate-1.json`) ?? ''),
    ).toMatchObject({
      verdict: 'rejected',
      dataset: 'd1',
      predictions: [expect.stringContaining('/features.csv.out')],
    });
    expect(world.endpoint.served).toEqual([]);
    expect((await world.pipeline()).desired).toBeUndefined();
  });

  it('whose endpoint fails to come up fails its run, and the pipeline stays without a wish', async () => {
    const world = await createWorld();
    const first = await world.train(1);
    world.endpoint.sick.add(model(1));
    await world.untilRest();
    expect(await world.run(first, 'failed')).toMatchObject({
      stage: 'deployment',
      reason: 'The endpoint has failed and must be deleted by a person: The container did not answer /ping',
    });
    const { champion, desired, canarySlot } = await world.pipeline();
    expect([champion, desired, canarySlot]).toEqual([undefined, undefined, {}]);
  });
});

describe('an evaluation', () => {
  it.each<[string, (world: World) => void, string]>([
    ['whose job fails', (world) => world.predictions.failing.add(model(1)), 'AlgorithmError'],
    [
      'that answers too few rows',
      (world) => world.predictions.nonsense.set(model(1), '1\n1\n'),
      'line 3 is missing',
    ],
    [
      'that answers what is no number',
      (world) => world.predictions.nonsense.set(model(1), 'yes\n'.repeat(400)),
      'Line 1',
    ],
    [
      'that SageMaker refuses',
      (world) => {
        world.predictions.refusal = 'ValidationException: no such instance';
      },
      'no such instance',
    ],
  ])('%s ends its run with the reason', async (_, upset, reason) => {
    const world = await createWorld();
    const first = await world.train(1);
    upset(world);
    await world.untilRest();
    expect(await world.run(first, 'failed')).toMatchObject({
      stage: 'evaluation',
      reason: expect.stringContaining(reason),
    });
  });

  it('for which there is no capacity is put again, with jobs of new names, and ends as if nothing had been', async () => {
    const world = await createWorld();
    const first = await world.train(1);
    world.predictions.scarce = 2;
    await world.untilRest();
    const run = await world.run(first, 'promoted');
    expect(run.evaluation).toMatchObject({ round: 3, starved: 2 });
    expect(run.gate?.candidate).toBe(0.95);
    expect([...world.predictions.jobs.keys()].map((name) => name.slice(-3))).toEqual(['-e1', '-e2', '-e3']);
  });

  it('for which there is no capacity is put three times, then its run ends with the reason', async () => {
    const world = await createWorld();
    const first = await world.train(1);
    world.predictions.scarce = 3;
    await world.untilRest();
    expect(await world.run(first, 'failed')).toMatchObject({
      stage: 'evaluation',
      reason: expect.stringContaining('CapacityError'),
    });
    expect(world.predictions.jobs.size).toBe(3);
  });

  it('measures candidate and champion once each, whoever asks and how often', async () => {
    const world = await createWorld();
    await world.enthrone(1);
    const before = world.predictions.jobs.size;
    const second = await world.train(2);
    await Promise.all([world.reconcile(second), world.reconcile(second), world.sweep()]);
    for (let count = 0; count < 3; count += 1) await world.reconcile(second);
    expect([...world.predictions.jobs.values()].slice(before).map(({ order }) => order.model.name)).toEqual([
      model(2),
      model(1),
    ]);
  });

  it('rejects a candidate that is worse than the champion beyond the margin', async () => {
    const world = await createWorld();
    await world.enthrone(1);
    const second = await world.train(2);
    world.predictions.wrong.set(model(2), 60);
    await world.untilRest();
    expect(await world.run(second, 'rejected')).toMatchObject({
      stage: 'model',
      reason: expect.stringContaining("against the champion's 0.95"),
    });
    expect(world.endpoint.served).toEqual([{ [model(1)]: 1 }]);
  });
});

describe('a canary', () => {
  let world: World;
  let second: string;

  beforeEach(async () => {
    world = await createWorld();
    await world.enthrone(1);
    second = await world.train(2);
  });

  it('promotes a challenger that proves itself, and the endpoint ends with it alone', async () => {
    await world.until(second, 'canary');
    expect(world.endpoint.weights()).toEqual({ [model(1)]: 0.9, [model(2)]: 0.1 });
    expect((await world.pipeline()).canarySlot.holder?.runId).toBe(second);
    await world.untilRest();

    const run = await world.run(second, 'promoted');
    expect(run.replaced).toBe(model(1));
    expect(run.canary).toMatchObject({ decision: { verdict: 'promote' } });
    expect(run.canary?.evidence.challenger.requests).toBeGreaterThanOrEqual(100);
    expect(await world.pipeline()).toMatchObject({ champion: modelOf(2), canarySlot: {} });
    expect(world.endpoint.served).toEqual([
      { [model(1)]: 1 },
      { [model(1)]: 0.9, [model(2)]: 0.1 },
      { [model(1)]: 0, [model(2)]: 1 },
      { [model(2)]: 1 },
    ]);
    expect(namesOf(world, 2)).toEqual([
      'EvaluationStarted.v1',
      'ModelApproved.v1',
      'CanaryStarted.v1',
      'ModelPromoted.v1',
    ]);
  });

  it('takes the weights one after the other where there are several', async () => {
    const { canary } = specificationOf().deploy;
    world = await createWorld(specificationOf({ deploy: { canary: { ...canary, weights: [0.1, 0.3] } } }));
    await world.enthrone(1);
    second = await world.train(2);
    await world.untilRest();
    await world.run(second, 'promoted');
    expect(world.endpoint.served.map((weights) => weights[model(2)])).toEqual([undefined, 0.1, 0.3, 1, 1]);
    expect(namesOf(world, 2)).toContain('CanaryAdvanced.v1');
  });

  it.each<[string, Partial<World['traffic']['challenger']>, string]>([
    ['fails more often', { failing: 0.3 }, 'The challenger fails more often'],
    ['is too slow', { p90Ms: 90 }, 'The challenger is too slow: p90 90 ms'],
  ])('rolls a challenger back that %s', async (_, traffic, reason) => {
    Object.assign(world.traffic.challenger, traffic);
    await world.untilRest();
    expect(await world.run(second, 'rolled-back')).toMatchObject({
      reason: expect.stringContaining(reason),
      canary: { decision: { verdict: 'roll-back' } },
    });
    expect(await world.pipeline()).toMatchObject({ champion: modelOf(1), canarySlot: {} });
    expect(world.endpoint.weights()).toEqual({ [model(1)]: 1 });
    expect(world.endpoint.served.map((weights) => weights[model(2)])).toEqual([undefined, 0.1, 0, undefined]);
    expect(namesOf(world, 2).at(-1)).toBe('CanaryRolledBack.v1');
  });

  it('without traffic is extended once, then rolled back as inconclusive', async () => {
    world.traffic.challenger.perMinute = 0;
    await world.until(second, 'canary');
    const { stepStartedAt } = (await world.run(second, 'canary')).canary;
    await world.untilRest(600);
    expect(await world.run(second, 'rolled-back')).toMatchObject({
      canary: { extended: true, decision: { verdict: 'inconclusive' } },
      reason: expect.stringContaining('No verdict within 10 minutes, twice'),
    });
    expect(world.clock.now - stepStartedAt).toBeGreaterThanOrEqual(20 * 60_000);
    expect(world.endpoint.weights()).toEqual({ [model(1)]: 1 });
  });

  it('whose fleet does not come up (a silent rollback) fails its run after three tries', async () => {
    world.endpoint.sick.add(model(2));
    await world.untilRest();
    expect(await world.run(second, 'failed')).toMatchObject({
      stage: 'deployment',
      reason: expect.stringMatching(/^After 3 updates the endpoint still serves ratchet-test-wine-/),
    });
    expect(await world.pipeline()).toMatchObject({ champion: modelOf(1), canarySlot: {} });
    expect(world.endpoint.served).toEqual([{ [model(1)]: 1 }]);
  });

  it('goes on when a late order has taken it off the endpoint after it had come up', async () => {
    await world.until(second, 'canary');
    world.endpoint.install({ [model(1)]: 1 });
    await world.untilRest();
    await world.run(second, 'promoted');
    expect(world.endpoint.weights()).toEqual({ [model(2)]: 1 });
  });

  it('does not mind one change that SageMaker refuses', async () => {
    world.endpoint.refusal = 'ThrottledByLimits: later';
    await world.untilRest();
    expect((await world.run(second)).phase).toBe('promoted');
  });

  it('whose fleet fails at the last step ends with the champion alone', async () => {
    await world.until(second, 'canary');
    // From now on no new fleet of the challenger comes up; weights can no longer be moved.
    world.endpoint.sick.add(model(2));
    await world.untilRest();
    expect((await world.run(second)).phase).toBe('rolled-back');
    expect((await world.pipeline()).champion).toEqual(modelOf(1));
    expect(world.endpoint.weights()).toEqual({ [model(1)]: 1 });
  });
});

describe('several runs', () => {
  it('go on canary one after the other, and each is measured against the champion of then', async () => {
    const world = await createWorld();
    await world.enthrone(1);
    const [second, third] = [await world.train(2), await world.train(3)];
    await world.until(second, 'canary');
    expect((await world.run(third)).phase).toBe('approved');
    expect((await world.pipeline()).canarySlot.waiting?.runId).toBe(third);
    await world.untilRest();

    await world.run(second, 'promoted');
    const last = await world.run(third, 'promoted');
    expect(last).toMatchObject({ evaluation: { round: 2, champion: modelOf(2) }, replaced: model(2) });
    expect(namesOf(world, 3).filter((name) => name === 'EvaluationStarted.v1')).toHaveLength(2);
    expect((await world.pipeline()).champion).toEqual(modelOf(3));
    expect(world.endpoint.weights()).toEqual({ [model(3)]: 1 });
  });

  it('of those who wait only the newest goes on; the others are superseded', async () => {
    const world = await createWorld();
    await world.enthrone(1);
    const ids = [await world.train(2), await world.train(3), await world.train(4)] as const;
    await world.untilRest();
    const phases = await Promise.all(ids.map(async (id) => (await world.run(id)).phase));
    expect(phases).toEqual(['promoted', 'superseded', 'promoted']);
    expect((await world.pipeline()).champion).toEqual(modelOf(4));
  });

  it('that both would be the first champion do not overwrite each other', async () => {
    const world = await createWorld();
    const [first, second] = [await world.train(1), await world.train(2)];
    await world.untilRest();
    await world.run(first, 'promoted');
    expect(await world.run(second, 'promoted')).toMatchObject({
      evaluation: { round: 2 },
      replaced: model(1),
    });
  });
});
