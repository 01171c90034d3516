import fc from 'fast-check';
import { type Bucket, bucketIndex, statisticNamed } from './histogram.ts';

const value = fc.double({ min: -1e9, max: 1e9, noNaN: true });

describe('buckets', () => {
  it('keep the order of values', () => {
    fc.assert(fc.property(value, value, (a, b) => a > b || bucketIndex(a) <= bucketIndex(b)));
  });

  it('give percentiles within 2 % of the value of that rank', () => {
    const values = fc.array(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 99 }), (all, percent) => {
        const groups = Map.groupBy(
          all.toSorted((a, b) => a - b),
          bucketIndex,
        );
        const buckets = [...groups.values()].map(
          (group): Bucket => ({
            count: group.length,
            sum: group.reduce((a, b) => a + b),
            min: Math.min(...group),
            max: Math.max(...group),
          }),
        );
        const exact = all.toSorted((a, b) => a - b)[Math.ceil((percent / 100) * all.length) - 1]!;
        const found = statisticNamed(`p${percent}`)!(buckets);
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(0.021 * exact);
      }),
    );
  });

  it.each(['p', 'p101', 'P50', 'sum', 'p1e1', ''])('have no statistic %j', (text) => {
    expect(statisticNamed(text)).toBeUndefined();
  });
});
