import fc from 'fast-check';
import { logGamma, lowerRate, upperRate } from './confidence.ts';
import { seededRandom } from './testing/seeded-random.ts';

const counts = fc
  .integer({ min: 1, max: 100_000 })
  .chain((requests) => fc.tuple(fc.integer({ min: 0, max: requests }), fc.constant(requests)));

describe('logGamma', () => {
  it('agrees with factorials and with Γ(½) = √π', () => {
    let logFactorial = 0;
    for (let n = 1; n <= 60; n += 1) {
      logFactorial += Math.log(n);
      expect(logGamma(n + 1)).toBeCloseTo(logFactorial, 9);
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 12);
    expect(logGamma(100_000.5) - logGamma(99_999.5)).toBeCloseTo(Math.log(99_999.5), 6);
  });
});

describe('bounds on a failure rate', () => {
  it('enclose the observed rate', () => {
    fc.assert(
      fc.property(counts, fc.constantFrom(0.05, 0.025, 0.001), ([errors, requests], alpha) => {
        const [low, high] = [lowerRate(errors, requests, alpha), upperRate(errors, requests, alpha)];
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(errors / requests);
        expect(high).toBeGreaterThanOrEqual(errors / requests);
        expect(lowerRate(requests - errors, requests, alpha)).toBeCloseTo(1 - high, 6);
      }),
    );
  });

  it('narrow with more of the same, and widen with a stricter level', () => {
    fc.assert(
      fc.property(counts, ([errors, requests]) => {
        const high = upperRate(errors, requests, 0.05);
        expect(upperRate(errors * 10, requests * 10, 0.05)).toBeLessThanOrEqual(high);
        expect(upperRate(errors, requests, 0.01)).toBeGreaterThanOrEqual(high);
      }),
    );
  });

  it('know nothing without requests', () => {
    expect([lowerRate(0, 0, 0.05), upperRate(0, 0, 0.05)]).toEqual([0, 1]);
  });

  it('refute exactly the rates whose mixture evidence is 1/alpha', () => {
    // Without failures the mixture's likelihood is B(½, n + ½) / B(½, ½).
    const [requests, alpha] = [400, 0.025];
    const bound = upperRate(0, requests, alpha);
    const logMixture = logGamma(requests + 0.5) + logGamma(0.5) - logGamma(requests + 1) - Math.log(Math.PI);
    expect(logMixture - requests * Math.log1p(-bound)).toBeCloseTo(Math.log(1 / alpha), 9);
    expect(bound).toBeLessThan(0.02);
  });

  it.each([0.005, 0.05, 0.4])('hold at every look of 95 of 100 sequences at once (rate %d)', (rate) => {
    const random = seededRandom(rate * 1_000);
    const sequences = 300;
    const isAlwaysInside = (): boolean => {
      let errors = 0;
      for (let requests = 1; requests <= 1_500; requests += 1) {
        if (random.chance(rate)) errors += 1;
        const isLook = requests < 20 || requests % 25 === 0;
        if (
          isLook &&
          (upperRate(errors, requests, 0.025) < rate || lowerRate(errors, requests, 0.025) > rate)
        ) {
          return false;
        }
      }
      return true;
    };
    const inside = Array.from({ length: sequences }, isAlwaysInside).filter(Boolean).length;
    expect(inside / sequences).toBeGreaterThanOrEqual(0.95);
  });
});
