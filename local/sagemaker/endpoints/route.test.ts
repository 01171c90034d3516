import fc from 'fast-check';
import type { VariantState } from './record.ts';
import { pickVariant } from './route.ts';

const state = (CurrentWeight: number): VariantState => ({
  CurrentWeight,
  DesiredWeight: CurrentWeight,
  CurrentInstanceCount: 1,
  DesiredInstanceCount: 1,
});

describe('pickVariant', () => {
  it('gives each variant its share of the draws, and none to a weight of 0', () => {
    const weights = fc
      .array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 5 })
      .filter((all) => all.some((each) => each > 0));
    fc.assert(
      fc.property(weights, (all) => {
        const states = Object.fromEntries(all.map((weight, index) => [`v${index}`, state(weight)]));
        const total = all.reduce((a, b) => a + b);
        const drawn = Array.from({ length: total }, (_, index) =>
          pickVariant(states, undefined, (index + 0.5) / total),
        );
        all.forEach((weight, index) => {
          expect(drawn.filter((name) => name === `v${index}`)).toHaveLength(weight);
        });
      }),
    );
  });

  it('takes the variant that is named, even without weight, and refuses one that is not there', () => {
    expect(pickVariant({ a: state(1), b: state(0) }, 'b', 0)).toBe('b');
    expect(() => pickVariant({ a: state(1) }, 'constructor', 0)).toThrow('Variant constructor is not found.');
  });
});
