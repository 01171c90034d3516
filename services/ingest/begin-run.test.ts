import { runIdOf } from '../../shared/contracts/names.ts';
import type { Beginning } from './begin-run.ts';
import { createWorld, type World } from './testing/world.ts';

const beginning = (batch: string): Beginning => ({
  pipeline: 'wine',
  runId: runIdOf('wine', batch),
  cause: { kind: 'data', batch },
  parts: [],
});

describe('a run begins', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });

  it('as version 1, with a number, the specification of now, and its event', async () => {
    const { runId } = beginning('b1');
    expect(await world.begin(beginning('b1'))).toEqual({ kind: 'begun', runId });
    expect(await world.run(runId)).toMatchObject({
      phase: 'received',
      number: 1,
      version: 1,
      specification: (await world.pipeline()).specification,
      history: [{ version: 1, phase: 'received', cause: 'data' }],
    });
    expect(world.published).toEqual([
      {
        name: 'DatasetReceived.v1',
        detail: { pipeline: 'wine', runId, version: 1, cause: 'data', parts: 0 },
      },
    ]);
  });

  it('once for one cause, among twenty who begin it at once', async () => {
    const begun = await Promise.allSettled(Array.from({ length: 20 }, () => world.begin(beginning('b1'))));
    const kinds = begun.map((result) => (result.status === 'fulfilled' ? result.value.kind : 'conflict'));
    expect(kinds.filter((kind) => kind === 'begun')).toHaveLength(1);
    expect(kinds).not.toContain('unknown-pipeline');
    expect(await world.listed()).toHaveLength(1);
    expect(world.published).toHaveLength(1);
    expect(await world.begin(beginning('b1'))).toMatchObject({ kind: 'there-already' });
    expect((await world.pipeline()).runCounter).toBe(1);
  });

  it('with a number of its own for each cause, in the order of their lists', async () => {
    await Promise.all(['b1', 'b2', 'b3', 'b4'].map((batch) => world.begin(beginning(batch))));
    const numbers = (await world.listed()).map(({ number }) => number);
    expect(new Set(numbers).size).toBe(4);
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
  });

  it('with numbers that leave no gap, although processes died and other runs began in between', async () => {
    const causes = ['b1', 'b2', 'b3', 'b4'];
    for (const batch of causes) {
      world.mortal.dieAfter(1);
      await world.begin(beginning(batch)).catch(() => undefined);
      world.mortal.revive();
    }
    for (const batch of causes.toReversed()) await world.begin(beginning(batch));
    expect((await world.listed()).map(({ number }) => number)).toEqual([4, 3, 2, 1]);
    expect(await world.run(runIdOf('wine', 'b1'))).toMatchObject({ number: 1 });
  });

  it('and its number is forgotten once it is there', async () => {
    for (const batch of ['b1', 'b2', 'b3']) await world.begin(beginning(batch));
    expect((await world.pipeline()).beginning).toEqual({ [runIdOf('wine', 'b3')]: 3 });
  });

  it('with what a person asked to be different, in this run alone', async () => {
    const { runId } = beginning('b1');
    await world.begin({
      ...beginning('b1'),
      adjust: (specification) => ({
        ...specification,
        train: { ...specification.train, hyperparameters: { rounds: 99 } },
      }),
    });
    expect((await world.run(runId)).specification?.train.hyperparameters).toEqual({ rounds: 99 });
    expect((await world.pipeline()).specification.train.hyperparameters).toEqual({ rounds: 10 });
  });

  it('not without its pipeline', async () => {
    const stranger = { ...beginning('b1'), pipeline: 'beer' };
    expect(await world.begin(stranger)).toMatchObject({
      kind: 'unknown-pipeline',
      reason: expect.stringContaining('"beer"'),
    });
    expect(world.published).toEqual([]);
  });

  it('although its process died in the middle: whoever begins it again ends with one run and its event', async () => {
    for (let death = 1; death <= 4; death += 1) {
      world = await createWorld();
      world.mortal.dieAfter(death);
      await world.begin(beginning('b1')).catch(() => undefined);
      world.mortal.revive();
      await world.begin(beginning('b1'));
      expect(await world.listed()).toEqual([expect.objectContaining({ number: 1 })]);
      world.clock.now += 60_000;
      await world.received(runIdOf('wine', 'b1'));
      expect(
        new Set(
          world.published
            .filter(({ name }) => name === 'DatasetReceived.v1')
            .map(({ detail }) => detail.version),
        ),
      ).toEqual(new Set([1]));
    }
  });
});
