import fc from 'fast-check';
import { createDecisions, FAULTS, type Fault } from './decisions.ts';

const faults = Object.keys(FAULTS) as Fault[];
const seeds = fc.integer({ min: 0, max: 1_000 });
const schedule = (seed: number, fault: Fault, length: number) => {
  const decisions = createDecisions(seed);
  return Array.from({ length }, () => decisions.strike(fault));
};

describe('decisions of an adversary', () => {
  it('about a fault follow from the seed, whatever else is asked in between', () => {
    const asked = fc.array(fc.constantFrom(...faults), { maxLength: 200 });
    fc.assert(
      fc.property(seeds, asked, (seed, questions) => {
        const decisions = createDecisions(seed);
        const answers = questions.map((fault) => ({ fault, strength: decisions.strike(fault) }));
        for (const fault of faults) {
          const own = answers.filter((answer) => answer.fault === fault).map(({ strength }) => strength);
          expect(own).toEqual(schedule(seed, fault, own.length));
        }
      }),
    );
  });

  it('let a fault rest after it struck, and count what struck', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...faults), (seed, fault) => {
        const decisions = createDecisions(seed);
        const struck = Array.from({ length: 300 }, () => decisions.strike(fault) !== undefined);
        const { rest } = FAULTS[fault];
        expect(struck.some((is, at) => is && struck.slice(at + 1, at + 1 + rest).includes(true))).toBe(false);
        expect(decisions.counts[fault]).toBe(struck.filter(Boolean).length);
      }),
    );
  });

  it('are others with another seed', () => {
    expect(schedule(1, 'call throttled', 200)).not.toEqual(schedule(2, 'call throttled', 200));
  });

  it.each(faults)('take about the declared share of the occasions of: %s', (fault) => {
    const occasions = 20_000;
    const struck = schedule(7, fault, occasions).filter((strength) => strength !== undefined);
    const { chance, rest } = FAULTS[fault];
    const expected = chance / (1 + rest * chance);
    expect(struck.length / occasions).toBeCloseTo(expected, 1.7);
    expect(struck.every((strength) => strength >= 0 && strength < 1)).toBe(true);
  });
});
