import { modelOf, runIn } from '../../shared/lifecycle/testing/example-runs.ts';
import { misfit, ordersOf, predictionsOf } from './evaluation.ts';

const settings = {
  stage: 'test',
  account: '123456789012',
  region: 'us-east-1',
  artifactsBucket: 'artifacts',
};
const raw = { features: 's3://artifacts/datasets/wine/d1/features.tar.gz', asks: 'one' };

describe('what the gate asks models with', () => {
  const run = runIn('evaluating');

  it('is what applications will send: raw records, or features', () => {
    const champion = modelOf(0);
    const evaluation = { ...run.evaluation, champion };
    const orders = ordersOf({ ...run, model: { ...run.model, ...raw }, evaluation }, settings);
    expect(orders.map(({ input }) => input)).toEqual([
      `${run.dataset.prefix}test/records.csv`,
      `${run.dataset.prefix}test/features.csv`,
    ]);
    expect(orders.map(predictionsOf)).toEqual([
      expect.stringMatching(/\/records\.csv\.out$/),
      expect.stringMatching(/\/features\.csv\.out$/),
    ]);
  });
});

describe('a candidate beside the champion', () => {
  const [candidate, champion] = [modelOf(1), modelOf(0)];

  it.each<[what: string, candidate: object, champion: object]>([
    ['another form of records', raw, {}],
    ['other columns', raw, { ...raw, asks: 'two' }],
  ])('cannot share its requests when it wants %s', (_, ofCandidate, ofChampion) => {
    const reason = misfit({ ...candidate, ...ofCandidate }, { ...champion, ...ofChampion });
    expect(reason).toContain('under another name');
  });

  it('can when both want the same, or an older one says nothing, or there is none', () => {
    expect(misfit({ ...candidate, ...raw }, { ...champion, ...raw })).toBeUndefined();
    expect(misfit({ ...candidate, asks: 'one' }, champion)).toBeUndefined();
    expect(misfit({ ...candidate, ...raw }, undefined)).toBeUndefined();
  });
});
