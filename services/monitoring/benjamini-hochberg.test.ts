import fc from 'fast-check';
import { discoveries } from './benjamini-hochberg.ts';

/** By the definition: the largest k with p(k) ≤ k·q/m; the k smallest are discoveries. */
function byDefinition(pValues: readonly number[], rate: number): number {
  const sorted = [...pValues].sort((a, b) => a - b);
  const ranks = sorted
    .map((_, i) => i + 1)
    .filter((k) => (sorted[k - 1] as number) <= (k * rate) / sorted.length);
  return Math.max(0, ...ranks);
}

describe('discoveries', () => {
  it('given the fifteen p-values of Benjamini and Hochberg (1995), then at 5 % the four smallest are discoveries', () => {
    const published = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
      0.759, 1,
    ];
    expect(discoveries(published, 0.05).map(Number)).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('finds as many as the definition, and the smallest ones', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.uniqueArray(p, { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        (pValues, rate) => {
          const found = discoveries(pValues, rate);
          const chosen = pValues.filter((_, i) => found[i]);
          const left = pValues.filter((_, i) => !found[i]);
          expect(chosen).toHaveLength(byDefinition(pValues, rate));
          if (chosen.length > 0 && left.length > 0)
            expect(Math.max(...chosen)).toBeLessThan(Math.min(...left));
        },
      ),
    );
  });

  it('does not depend on the order', () => {
    const p = fc.double({ min: 0, max: 0.2, noNaN: true });
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 20 }), (pValues) => {
        expect(discoveries([...pValues].reverse(), 0.05)).toEqual([...discoveries(pValues, 0.05)].reverse());
      }),
    );
  });
});
