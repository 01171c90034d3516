import fc from 'fast-check';
import { createBooster } from '../../containers/xgboost/booster.ts';
import { predictTable } from '../../containers/xgboost/ensemble.ts';
import { parseXgboostHyperparameters } from '../../containers/xgboost/hyperparameters.ts';
import { COUNTRY_SPELLINGS, type DeicingRecord, deicingCsv, deicingRecords } from './data.ts';
import { dewPoint, frostPoint, icing, surfaceTemperature } from './physics.ts';

describe('the physics', () => {
  it('has the dew and frost points of the tables', () => {
    expect(dewPoint(20, 50)).toBeCloseTo(9.3, 1);
    expect(dewPoint(-10, 80)).toBeCloseTo(-12.8, 1);
    expect(frostPoint(-10, 80)).toBeCloseTo(-11.4, 1);
    fc.assert(
      fc.property(
        fc.double({ min: -40, max: -0.5, noNaN: true }),
        fc.integer({ min: 10, max: 100 }),
        (t, rh) => {
          expect(dewPoint(t, 100)).toBeCloseTo(t, 6);
          expect(frostPoint(t, rh)).toBeGreaterThan(dewPoint(t, rh));
        },
      ),
    );
  });

  it('cools a wing under a clear calm night only', () => {
    const night = { temperature: 2, humidity: 90, precipitation: 0, windSpeed: 0, sunshine: 0 };
    expect(surfaceTemperature(night)).toBe(-3);
    expect(surfaceTemperature({ ...night, windSpeed: 12 })).toBe(1);
    expect(surfaceTemperature({ ...night, precipitation: 1 })).toBe(2);
    expect(surfaceTemperature({ ...night, sunshine: 1 })).toBe(5);
  });

  it.each([
    [{ temperature: 2, humidity: 95, precipitation: 0, windSpeed: 0, sunshine: 0 }, 'frost'],
    [{ temperature: 2, humidity: 40, precipitation: 0, windSpeed: 0, sunshine: 0 }, undefined],
    [
      { temperature: -8, humidity: 80, precipitation: 1, windSpeed: 5, sunshine: 0 },
      'freezing-precipitation',
    ],
    [{ temperature: 4, humidity: 95, precipitation: 1, windSpeed: 5, sunshine: 0 }, undefined],
    [{ temperature: 20, humidity: 95, precipitation: 0, windSpeed: 0, sunshine: 0 }, undefined],
  ])('decides %j: %s', (weather, reason) => {
    expect(icing(weather)).toBe(reason);
  });
});

describe('deicingCsv', () => {
  it('gives the same text for the same options and another for another seed', () => {
    const options = { count: 200, seed: 4, dirt: { missing: 5, outOfRange: 6, duplicates: 7 } };
    const { csv, summary } = deicingCsv(options);
    expect(deicingCsv(options)).toEqual({ csv, summary });
    expect(deicingCsv({ ...options, seed: 5 }).csv).not.toBe(csv);
    expect(summary).toMatchObject({ rows: 218, clean: 200 });
    const rows = csv
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    expect(rows).toHaveLength(218);
    expect(rows.filter((cells) => cells.includes(''))).toHaveLength(5);
    const impossible = ([, , , t, h, , w]: string[]) => Number(t) > 60 || Number(h) > 100 || Number(w) < 0;
    expect(rows.filter((cells) => impossible(cells))).toHaveLength(6);
    const lines = rows.map((cells) => cells.join(','));
    expect(lines.length - new Set(lines).size).toBe(7);
  });

  it('spells countries in known ways only and keeps readings possible', () => {
    const known = new Set(Object.values(COUNTRY_SPELLINGS).flat());
    for (const record of deicingRecords({ count: 500, seed: 2 })) {
      expect(known.has(record.country)).toBe(true);
      expect(new Date(record.observed_at).toISOString()).toBe(record.observed_at);
      expect(record.humidity).toBeGreaterThanOrEqual(5);
      expect(record.humidity).toBeLessThanOrEqual(100);
    }
  });

  it('knows winter from summer and a warmer climate', () => {
    const share = (options: object) => deicingCsv({ count: 3000, ...options }).summary.deicedShare;
    const winter = share({});
    expect(winter).toBeGreaterThan(0.15);
    expect(winter).toBeLessThan(0.6);
    expect(share({ from: '2025-06-01', days: 90 })).toBeLessThan(0.05);
    expect(share({ shift: { temperature: 5 } })).toBeLessThan(0.8 * winter);
  });

  it('can be learnt: boosted trees err far less than always saying no', () => {
    const toMatrix = (records: readonly DeicingRecord[]) => ({
      labels: Float32Array.from(records, (record) => record.deicing_needed),
      table: {
        values: Float32Array.from(
          records.flatMap((r) => [
            r.temperature,
            r.humidity,
            r.precipitation,
            r.wind_speed,
            Number(r.observed_at.slice(11, 13)),
          ]),
        ),
        rows: records.length,
        columns: 5,
      },
    });
    const booster = createBooster(
      toMatrix(deicingRecords({ count: 4000, seed: 1 })),
      parseXgboostHyperparameters({
        num_round: '40',
        objective: 'binary:logistic',
        max_depth: '5',
        eta: '0.2',
      }),
    );
    for (let round = 0; round < 40; round++) booster.boost();
    const unseen = toMatrix(deicingRecords({ count: 1000, seed: 2 }));
    const scores = predictTable(booster.toEnsemble(40), unseen.table) as number[];
    const errors = scores.filter((score, row) => (score > 0.5 ? 1 : 0) !== unseen.labels[row]).length;
    const yes = unseen.labels.filter((label) => label === 1).length;
    expect(errors / 1000).toBeLessThan(0.1);
    expect(errors).toBeLessThan(yes / 2);
  });
});
