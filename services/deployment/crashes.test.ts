/** A process may die between any two of its writes: the sweep of the next one must come to the same end. */
import { modelOf, specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { capturingLog } from '../../shared/runtime/testing/captured-log.ts';
import { createWorld, type World } from './testing/world.ts';

interface Story {
  readonly number: number;
  /** What is different in this story's world. */
  upset?(world: World): void;
}

const { canary } = specificationOf().deploy;
const impatient = specificationOf({ deploy: { canary: { ...canary, minimumTime: '10 seconds' } } });
const challenger = modelOf(2).name;

const stories: Readonly<Record<string, Story>> = {
  'the first champion': { number: 1 },
  'a rejected candidate': { number: 2, upset: (world) => world.predictions.wrong.set(challenger, 100) },
  'a promoted challenger': { number: 2 },
  'a candidate for whose evaluation there is no capacity at first': {
    number: 2,
    upset: (world) => {
      world.predictions.scarce = 1;
    },
  },
  'a challenger that fails': {
    number: 2,
    upset: (world) => {
      world.traffic.challenger.failing = 0.3;
    },
  },
  'a challenger that does not come up': { number: 2, upset: (world) => world.endpoint.sick.add(challenger) },
};

/** Plays a story; the process dies right after its `death`-th write of the watched run's time. */
async function play({ upset, number }: Story, death?: number) {
  const world = await createWorld(impatient, number > 1 ? modelOf(1) : undefined);
  world.traffic.challenger.perMinute = 3_000;
  world.traffic.champion.perMinute = 27_000;
  upset?.(world);
  const before = world.mortal.writes;
  const runId = await world.train(number);
  if (death !== undefined) world.mortal.dieAfter(death);
  await world.untilRest(600);
  const run = await world.run(runId);
  const told = world.published.filter(({ detail }) => detail.runId === runId);
  const { champion, desired } = await world.pipeline();
  return {
    writes: world.mortal.writes - before,
    end: {
      phase: run.phase,
      champion: champion?.name,
      desired: desired?.variants,
      weights: world.endpoint.weights(),
      transitions: run.history.map(({ cause }) => cause),
      announced: [...new Set(told.map(({ name }) => name))].sort(),
    },
    /** Versions that were announced, against those that the history has. */
    unknownVersions: told.filter(({ detail }) => detail.version > run.version),
    jobs: world.predictions.jobs.size,
    served: new Set(world.endpoint.served.flatMap((weights) => Object.keys(weights))),
  };
}

describe.each(Object.entries(stories))('%s', (_, story) => {
  it('ends the same after a death between any two writes', async () => {
    await capturingLog(async () => {
      const undisturbed = await play(story);
      expect(undisturbed.writes).toBeGreaterThan(5);
      for (let death = 1; death <= undisturbed.writes; death += 1) {
        const disturbed = await play(story, death);
        expect({ death, ...disturbed.end }).toEqual({ death, ...undisturbed.end });
        expect(disturbed.unknownVersions).toEqual([]);
        expect(disturbed.jobs).toBe(undisturbed.jobs);
        expect(disturbed.served).toEqual(undisturbed.served);
      }
    });
  });
});
