import fc from 'fast-check';
import type { Part } from '../../shared/lifecycle/run.ts';
import { datasetPrefix, datasetVersion, keptWhenReplaced, unite } from './dataset-version.ts';

const hashes = fc.array(
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 }),
);
const part = (key: string, versionId: string): Part => ({
  bucket: 'drop',
  key,
  versionId,
  size: 1,
});
const parts = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat({ max: 9 })), {
    selector: ([key]) => key,
  })
  .map((all) => all.map(([key, version]) => part(key, `v${version}`)));

describe('the name of a dataset version', () => {
  it('does not depend on the order of its parts, nor on how often one comes', () => {
    fc.assert(
      fc.property(hashes, fc.string(), (all, preparation) => {
        const version = datasetVersion(all, preparation);
        expect(version).toMatch(/^[0-9a-f]{32}$/);
        expect(datasetVersion([...all].reverse(), preparation)).toBe(version);
        expect(datasetVersion([...all, ...all], preparation)).toBe(version);
      }),
    );
  });

  it('is another with another part or another preparation', () => {
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
    const names = [
      datasetVersion([], 'p'),
      datasetVersion([a], 'p'),
      datasetVersion([a, b], 'p'),
      datasetVersion([a], 'q'),
    ];
    expect(new Set(names).size).toBe(4);
  });

  it('is where the dataset lies', () => {
    expect(datasetPrefix('wine', 'abc')).toBe('datasets/wine/abc/');
  });
});

describe('united parts', () => {
  const keysOf = (all: readonly Part[]) => all.map(({ key }) => key);

  it('are those of before and those that are added, each key once, the added version first', () => {
    fc.assert(
      fc.property(parts, parts, (before, added) => {
        const united = unite(before, added);
        const keys = united.map(({ part: { key } }) => key);
        expect(keys).toEqual([...new Set([...keysOf(before), ...keysOf(added)])].sort());
        for (const { part, fresh } of united) {
          expect(fresh).toBe(keysOf(added).includes(part.key));
          expect((fresh ? added : before).includes(part)).toBe(true);
        }
      }),
    );
  });

  it('are the same when the same parts are added again', () => {
    fc.assert(
      fc.property(parts, parts, (before, added) => {
        const once = unite(before, added).map(({ part }) => part);
        expect(unite(once, added).map(({ part }) => part)).toEqual(once);
      }),
    );
  });
});

describe('a dataset whose files are replaced', () => {
  const from = (source: string, key: string): Part => ({
    ...part(key, 'v1'),
    origin: { source, url: `https://example.org/${source}`, sha256: key, fetchedAt: '2026-01-01' },
  });
  const before = [from('a', 'a1'), from('b', 'b1'), from('gone', 'c1'), part('dropped', 'v1')];
  const kept = (...added: readonly Part[]) =>
    keptWhenReplaced(before, added, ['a', 'b']).map(({ key }) => key);

  it('keeps the files of the other sources that are still declared', () => {
    expect(kept(from('a', 'a2'))).toEqual(['b1']);
    expect(kept(from('a', 'a2'), from('b', 'b2'))).toEqual([]);
  });

  it('keeps nothing when a person drops a file', () => {
    expect(kept(part('new', 'v1'))).toEqual([]);
    expect(kept(from('a', 'a2'), part('new', 'v1'))).toEqual([]);
  });
});
