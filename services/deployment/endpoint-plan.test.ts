import type { DesiredEndpoint, DesiredVariant, Pipeline } from '../../shared/lifecycle/pipeline.ts';
import { modelOf, pipelineOf, specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { follows, planEndpoint } from './endpoint-plan.ts';
import type { EndpointState } from './ports.ts';
import { alone, sameVariants, shared, wishing } from './wishes.ts';

const settings = {
  stage: 'test',
  account: '123456789012',
  region: 'us-east-1',
  artifactsBucket: 'artifacts',
};
const [champion, challenger] = [modelOf(1), modelOf(2)];
const both = shared(champion, challenger, 0.1);

const desiring = (variants: readonly DesiredVariant[], rest: Partial<DesiredEndpoint> = {}): Pipeline =>
  pipelineOf(specificationOf(), { desired: { revision: 3, settled: 2, attempts: 0, variants, ...rest } });

const inService = (weights: Record<string, number>, rest: Partial<EndpointState> = {}): EndpointState => ({
  status: 'in-service',
  configName: 'c',
  reason: '',
  weights,
  ...rest,
});
const weightsOf = (variants: readonly DesiredVariant[]) =>
  Object.fromEntries(variants.map(({ model, weight }) => [model.name, weight]));

describe('the next step of an endpoint', () => {
  it('is none where nothing is wished', () => {
    expect(planEndpoint(pipelineOf(specificationOf()), undefined, settings).kind).toBe('settled');
    expect(planEndpoint(desiring([]), undefined, settings).kind).toBe('settled');
  });

  it('is to create what is not there, as the specification says', () => {
    expect(planEndpoint(desiring(alone(champion)), undefined, settings)).toMatchObject({
      kind: 'create',
      config: {
        name: expect.stringMatching(/^ratchet-test-[a-z2-7]+$/),
        variants: [{ model: champion, weight: 1 }],
        instance: 'ml.m5.large',
        instances: 1,
        capturePercent: 100,
        captureTo: 's3://artifacts/captures',
      },
    });
  });

  it('is to wait while it is changing', () => {
    expect(planEndpoint(desiring(both), inService({}, { status: 'busy' }), settings)).toEqual({
      kind: 'wait',
    });
  });

  it('is to weigh when the fleet is right, to replace when it is not', () => {
    const wrongWeights = inService({ [champion.name]: 1, [challenger.name]: 0 });
    expect(planEndpoint(desiring(both), wrongWeights, settings)).toEqual({
      kind: 'weigh',
      weights: { [champion.name]: 0.9, [challenger.name]: 0.1 },
    });
    expect(planEndpoint(desiring(both), inService({ [champion.name]: 1 }), settings).kind).toBe('replace');
    const more = inService({ ...weightsOf(both), another: 0 });
    expect(planEndpoint(desiring(both), more, settings).kind).toBe('replace');
  });

  it('is none when it serves exactly what is wished', () => {
    expect(planEndpoint(desiring(both), inService(weightsOf(both)), settings)).toEqual({ kind: 'settled' });
    const rounded = inService({ [champion.name]: Math.fround(0.9), [challenger.name]: Math.fround(0.1) });
    expect(planEndpoint(desiring(both), rounded, settings)).toEqual({ kind: 'settled' });
  });

  it('asks again after a silent rollback, three times, then gives up and says what is served', () => {
    const rolledBack = inService({ [champion.name]: 1 }, { reason: 'no ping' });
    for (const attempts of [0, 1, 2]) {
      expect(planEndpoint(desiring(both, { attempts }), rolledBack, settings).kind).toBe('replace');
    }
    expect(planEndpoint(desiring(both, { attempts: 3 }), rolledBack, settings)).toEqual({
      kind: 'give-up',
      reason: `After 3 updates the endpoint still serves ${champion.name} (no ping)`,
    });
    expect(planEndpoint(desiring(both, { attempts: 3 }), undefined, settings)).toEqual({
      kind: 'give-up',
      reason: 'After 3 updates the endpoint does not exist',
    });
  });

  it('leaves a failed endpoint to a person', () => {
    const failed = inService({}, { status: 'failed', reason: 'image not found' });
    expect(planEndpoint(desiring(both), failed, settings)).toMatchObject({
      kind: 'give-up',
      reason: expect.stringContaining('image not found'),
    });
  });

  it('names a configuration after what it holds and the wish it is for', () => {
    const nameOf = (pipeline: Pipeline): string => {
      const step = planEndpoint(pipeline, undefined, settings);
      return step.kind === 'create' ? step.config.name : '';
    };
    const name = nameOf(desiring(both));
    expect(nameOf(desiring(both))).toBe(name);
    expect(nameOf(desiring(both, { attempts: 2 }))).toBe(name);
    expect(nameOf(desiring(both, { revision: 4 }))).not.toBe(name);
    expect(nameOf(desiring(alone(champion)))).not.toBe(name);
  });
});

describe('following a wish', () => {
  it('takes an endpoint in service with the wished variants at the wished weights', () => {
    expect(follows(both, inService(weightsOf(both)))).toBe(true);
    expect(follows(both, undefined)).toBe(false);
    expect(follows(both, inService(weightsOf(both), { status: 'busy' }))).toBe(false);
    expect(follows(both, inService({ [champion.name]: 0.8, [challenger.name]: 0.2 }))).toBe(false);
    expect(follows(both, inService({ [champion.name]: 0.9 }))).toBe(false);
  });
});

describe('a wish', () => {
  it('counts up, forgets the attempts of the last one, and is not made twice', () => {
    const first = wishing(pipelineOf(specificationOf()), alone(champion));
    expect(first.desired).toEqual({ revision: 1, settled: 0, attempts: 0, variants: alone(champion) });
    expect(wishing(first, alone(champion))).toBe(first);
    const tried: Pipeline = {
      ...first,
      desired: { revision: 1, settled: 1, attempts: 3, failure: 'no', variants: alone(champion) },
    };
    expect(wishing(tried, both).desired).toEqual({ revision: 2, settled: 1, attempts: 0, variants: both });
  });

  it('shares all of the traffic, without the crumbs of binary fractions', () => {
    for (const weight of [0.1, 0.05, 0.3, 0.07, 0.5]) {
      const [a, b] = shared(champion, challenger, weight);
      expect((a?.weight ?? 0) + (b?.weight ?? 0)).toBe(1);
      expect(String(a?.weight).length).toBeLessThanOrEqual(8);
    }
  });

  it('is another when a model, a weight or the number of variants is', () => {
    expect(sameVariants(both, shared(champion, challenger, 0.1))).toBe(true);
    expect(sameVariants(both, shared(champion, challenger, 0.2))).toBe(false);
    expect(sameVariants(both, shared(champion, modelOf(3), 0.1))).toBe(false);
    expect(sameVariants(both, alone(champion))).toBe(false);
  });
});
