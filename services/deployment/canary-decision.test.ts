import type { Canary, CanaryEvidence } from '../../shared/lifecycle/run.ts';
import { type CanaryVerdict, decide } from './canary-decision.ts';
import { type CanaryRules, observe, startEvidence } from './canary-evidence.ts';
import { growingMinutes, noon, rules as oneStep, type Variants } from './testing/canary-traffic.ts';
import { type SeededRandom, seededRandom } from './testing/seeded-random.ts';

const rules: CanaryRules = { ...oneStep, weights: [0.1, 0.3] };
const MINUTE = 60_000;
const convincing = {
  challenger: { requests: 500, errors: 0 },
  champion: { requests: 4_500, errors: 0 },
  errorBound: 0.01,
};

function canary(place: Partial<Canary>, evidence: Partial<Canary['evidence']> = {}): Canary {
  return {
    champion: {
      name: 'old',
      runId: 'digits-aaaaaaaaaa',
      artifact: 's3://a/b',
      image: 'digits',
      dataset: 'd',
    },
    step: 1,
    weight: 0.3,
    startedAt: noon,
    stepStartedAt: noon,
    extended: false,
    ...place,
    evidence: { ...startEvidence([], noon), ...evidence },
  };
}

describe('the verdict on a canary', () => {
  it('waits for the time, for the requests and for the bound, each', () => {
    const verdictWith = (evidence: Partial<Canary['evidence']>, time = MINUTE) =>
      decide(canary({}, evidence), rules, noon + time);
    expect(verdictWith(convincing)).toMatchObject({ kind: 'promote' });
    expect(verdictWith(convincing, MINUTE - 1)).toEqual({ kind: 'wait' });
    expect(verdictWith({ ...convincing, challenger: { requests: 99, errors: 0 } })).toEqual({ kind: 'wait' });
    expect(verdictWith({ ...convincing, errorBound: 0.05 })).toEqual({ kind: 'wait' });
    expect(verdictWith({ ...convincing, slowLooks: 1 })).toEqual({ kind: 'wait' });
  });

  it('goes to the next weight before the last, and promotes after it', () => {
    expect(decide(canary({ step: 0, weight: 0.1 }, convincing), rules, noon + MINUTE)).toEqual({
      kind: 'advance',
      weight: 0.3,
    });
    expect(decide(canary({ step: 1 }, convincing), rules, noon + MINUTE)).toEqual({
      kind: 'promote',
      reason: '500 requests, 0 failed; at most 1.0 % more failures than the champion',
    });
  });

  it('rolls back at odds of 20 to 1, at once and whatever else speaks for the challenger', () => {
    const failing = { challenger: { requests: 30, errors: 9 }, champion: { requests: 270, errors: 3 } };
    expect(decide(canary({}, { ...convincing, ...failing, logE: Math.log(20) }), rules, noon)).toEqual({
      kind: 'roll-back',
      reason: "The challenger fails more often: 9 of 30 requests failed, the champion's 3 of 270",
    });
    expect(decide(canary({}, { logE: Math.log(19.9) }), rules, noon)).toEqual({ kind: 'wait' });
  });

  it('rolls back a challenger that was too slow twice', () => {
    const slow = { challengerP90Ms: 120.4, championP90Ms: 9.7 };
    expect(decide(canary({}, { ...slow, slowLooks: 2 }), rules, noon)).toEqual({
      kind: 'roll-back',
      reason: "The challenger is too slow: p90 120 ms against the champion's 10 ms",
    });
  });

  it('extends once without a verdict, then ends inconclusive; time alone never promotes', () => {
    const verdictWith = (extended: boolean, minutes: number) =>
      decide(canary({ extended }), rules, noon + minutes * MINUTE);
    expect(verdictWith(false, 9.9).kind).toBe('wait');
    expect(verdictWith(false, 10).kind).toBe('extend');
    expect(verdictWith(true, 10).kind).toBe('wait');
    expect(verdictWith(true, 19.9).kind).toBe('wait');
    expect(verdictWith(true, 20)).toEqual({
      kind: 'inconclusive',
      reason: 'No verdict within 10 minutes, twice: 0 of 100 requests seen, bound 100.0 % against 5.0 %',
    });
    expect(verdictWith(false, 999).kind).toBe('extend');
  });

  it('counts the time of the step, not of the canary', () => {
    const late = canary({ startedAt: noon, stepStartedAt: noon + 30 * MINUTE }, convincing);
    expect(decide(late, rules, noon + 30 * MINUTE + 1)).toEqual({ kind: 'wait' });
    expect(decide(late, rules, noon + 31 * MINUTE).kind).toBe('promote');
  });
});

/** A canary of one weight from its start to its end, looked at every second. */
function play(
  random: SeededRandom,
  variants: Variants,
  requestsASecond: number,
): CanaryVerdict & { second: number } {
  const minutes = growingMinutes(random, variants, requestsASecond, noon);
  let evidence: CanaryEvidence = startEvidence([], noon);
  for (let second = 1; ; second += 1) {
    const now = minutes.tick();
    evidence = observe(evidence, minutes.blocks(now), oneStep);
    const verdict = decide(
      canary({ step: 0, weight: variants.weight, extended: true }, evidence),
      oneStep,
      now,
    );
    if (verdict.kind !== 'wait') return { ...verdict, second };
  }
}

describe('whole canaries, looked at every second', () => {
  const kinds = (runs: number, seed: number, [challenger, champion]: [number, number]): string[] => {
    const random = seededRandom(seed);
    const variants = { weight: 0.1, challenger: () => challenger, champion: () => champion };
    return Array.from({ length: runs }, () => play(random, variants, 50).kind);
  };
  const share = (found: readonly string[], kind: string): number =>
    found.filter((each) => each === kind).length / found.length;

  it('promote an equal model and roll it back in 5 of 100 runs at most', () => {
    const found = kinds(60, 1, [0.01, 0.01]);
    expect(share(found, 'roll-back')).toBeLessThanOrEqual(0.05);
    expect(share(found, 'promote')).toBeGreaterThanOrEqual(0.9);
  });

  it('roll back a model that fails ten times as often, and never promote it', () => {
    const found = kinds(60, 2, [0.2, 0.02]);
    expect(share(found, 'roll-back')).toBe(1);
  });

  it('hardly ever promote a model that is worse by just the margin', () => {
    const found = kinds(60, 3, [0.07, 0.02]);
    expect(share(found, 'promote')).toBeLessThanOrEqual(0.05);
  });
});
