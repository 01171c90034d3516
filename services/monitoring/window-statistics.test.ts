import { binOf } from './drift-statistics.ts';
import { observerOf } from './observer.ts';
import type { Reference } from './reference.ts';
import { seededRandom } from './testing/seeded-random.ts';
import { specificationOf } from './testing/world.ts';
import { type DriftSpecification, WindowHistograms } from './window-statistics.ts';

const anyDiscovery: DriftSpecification = { falseDiscoveryRate: 0.05, effect: 0, features: 0, windows: 1 };
const edges = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

function referenceOf(random: () => number, rows: number, features: number): Reference {
  return {
    formatVersion: 1,
    rows,
    columns: Array.from({ length: features }, (_, i) => {
      const counts = new Array<number>(edges.length + 1).fill(0);
      for (let row = 0; row < rows; row += 1) counts[binOf(edges, random())]! += 1;
      return { name: `x${i}`, edges, counts, missing: 0 };
    }),
  };
}

/** A row of values that lie in the middle of the bins. */
const cells = [...edges, 1].map((edge) => String(edge - 0.025));
const binnedRow = (random: () => number, features: number): string => {
  const row = new Array<string>(features);
  for (let i = 0; i < features; i += 1) row[i] = cells[~~(random() * cells.length)] as string;
  return row.join(',');
};

const rowOf = (random: () => number, features: number, shift = (x: number, _feature: number) => x): string =>
  Array.from({ length: features }, (_, i) => shift(random(), i).toFixed(6)).join(',');

function judge(reference: Reference, rows: readonly string[], specification = anyDiscovery) {
  const observer = observerOf(
    specificationOf(
      undefined,
      reference.columns.map(({ name }) => name),
    ),
  );
  const histograms = new WindowHistograms(reference, observer);
  for (const row of rows) histograms.add({ kind: 'cells', cells: row.split(',') });
  return histograms.judge(specification);
}

describe('a window against its reference', () => {
  it('given 30 features that did not change, when 300 windows are judged, then at most 8 % alarm', () => {
    const random = seededRandom(20_261_123);
    let alarms = 0;
    for (let window = 0; window < 300; window += 1) {
      const reference = referenceOf(random, 500, 30);
      const rows = Array.from({ length: 200 }, () => binnedRow(random, 30));
      if (judge(reference, rows).verdict === 'drifted') alarms += 1;
    }
    expect(alarms).toBeLessThanOrEqual(24);
  });

  it('given two of 30 features that moved, then exactly these have drifted', () => {
    const random = seededRandom(7);
    const reference = referenceOf(random, 1_000, 30);
    const rows = Array.from({ length: 300 }, () =>
      rowOf(random, 30, (x, i) => (i === 4 || i === 9 ? x / 2 + 0.5 : x)),
    );
    const statistics = judge(reference, rows, { ...anyDiscovery, effect: 0.15, features: 0.05 });
    expect(statistics.features.filter(({ drifted }) => drifted).map(({ name }) => name)).toEqual([
      'x4',
      'x9',
    ]);
    expect(statistics).toMatchObject({ verdict: 'drifted', drifted: 2, rows: 300 });
  });

  it('given a change below the effect floor, then it is calm however sure the change is', () => {
    const random = seededRandom(8);
    const reference = referenceOf(random, 20_000, 2);
    const rows = Array.from({ length: 20_000 }, () => rowOf(random, 2, (x) => x * 0.9 + 0.1));
    const sure = judge(reference, rows);
    expect(sure.verdict).toBe('drifted');
    expect(judge(reference, rows, { ...anyDiscovery, effect: 0.15 }).verdict).toBe('calm');
  });

  it('given too small a share of drifted features, then it is calm', () => {
    const random = seededRandom(9);
    const reference = referenceOf(random, 1_000, 30);
    const rows = Array.from({ length: 300 }, () => rowOf(random, 30, (x, i) => (i === 0 ? x + 1 : x)));
    expect(judge(reference, rows, { ...anyDiscovery, features: 0.05 })).toMatchObject({
      verdict: 'calm',
      drifted: 1,
    });
  });

  it('given a feature that is suddenly missing, then it has drifted', () => {
    const random = seededRandom(10);
    const reference = referenceOf(random, 1_000, 3);
    const rows = Array.from({ length: 300 }, () => rowOf(random, 2).concat(','));
    const { features } = judge(reference, rows, { ...anyDiscovery, effect: 0.15 });
    expect(features[2]).toMatchObject({ distance: 1, missing: 300, drifted: true });
  });

  it('given fewer than 200 usable records, then there is no verdict', () => {
    const random = seededRandom(11);
    const reference = referenceOf(random, 1_000, 3);
    const rows = Array.from({ length: 199 }, () => rowOf(random, 3, (x) => x + 5));
    const wide = Array.from({ length: 50 }, () => rowOf(random, 4));
    expect(judge(reference, [...rows, ...wide])).toMatchObject({
      verdict: 'inconclusive',
      rows: 199,
      unusable: 50,
    });
  });

  it('given columns that requests do not have, then they are left out, and without any there is no verdict', () => {
    const random = seededRandom(12);
    const reference = referenceOf(random, 1_000, 3);
    const observer = observerOf(specificationOf(undefined, ['other', 'x1']));
    const histograms = new WindowHistograms(reference, observer);
    for (let row = 0; row < 300; row += 1)
      histograms.add({ kind: 'cells', cells: ['7', random().toFixed(4)] });
    expect(histograms.judge(anyDiscovery).features.map(({ name }) => name)).toEqual(['x1']);
    const blind = new WindowHistograms({ ...reference, columns: [] }, observer);
    expect(blind.judge(anyDiscovery)).toMatchObject({ verdict: 'inconclusive', share: 0 });
  });
});
