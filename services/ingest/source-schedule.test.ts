import fc from 'fast-check';
import type { SourceState } from '../../shared/lifecycle/source.ts';
import { metadataOf, originOf } from './origin-metadata.ts';
import {
  brought,
  claimed,
  type DeclaredSource,
  declaredSources,
  dueAt,
  failed,
  handedOn,
  isNew,
  LEASE_MS,
  sourceFileKey,
  unchanged,
  waitAfter,
  waiting,
} from './source-schedule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 0, 1, 12);
const source: DeclaredSource = { name: 'table', url: 'https://example.org/a.csv', everyMs: HOUR };
const [sha256, other] = ['a'.repeat(64), 'b'.repeat(64)];
const fetched = { kind: 'fetched', bytes: 9, sha256, etag: '"1"' } as const;
const file = { key: 'k', bytes: 9, sha256, etag: '"1"', at: '2026-01-01T12:00:00.000Z' };
const job = { name: 'ratchet-test-source-1', since: '2026-01-01T12:00:00.000Z', bytes: 3e9 };
const fresh = claimed(source, undefined, NOON);
const known = brought(fresh, NOON, file);

describe('the sources of a specification', () => {
  it('are called as declared, or by their place', () => {
    expect(
      declaredSources([
        { url: 'https://a.org/a', every: '1 hour', name: 'a' },
        { url: 's3://b/b', every: '2 minutes' },
      ]),
    ).toEqual([
      { name: 'a', url: 'https://a.org/a', everyMs: HOUR },
      { name: '2', url: 's3://b/b', everyMs: 2 * MINUTE },
    ]);
    expect(declaredSources(undefined)).toEqual([]);
  });
});

describe('a source is due', () => {
  it.each<[string, SourceState | undefined, number]>([
    ['at once when nothing is known of it', undefined, 0],
    ['at once when its address is new', { ...known, url: 'https://example.org/b.csv' }, 0],
    ['after its time when the last look went well', known, NOON + HOUR],
    ['after its time when nothing had changed', unchanged(known, NOON + HOUR, fetched), NOON + 2 * HOUR],
    ['after a minute when the last look failed', failed(known, NOON, 'no'), NOON + MINUTE],
    ['when whoever looks at it is surely gone', fresh, NOON + LEASE_MS],
    ['at once while a job pulls it', handedOn(known, job), 0],
    [
      'when whoever looks at its job is surely gone',
      claimed(source, handedOn(known, job), NOON),
      NOON + LEASE_MS,
    ],
  ])('%s', (_, state, at) => {
    expect(dueAt(source, state)).toBe(at);
  });

  it('later after each failure, but never later than usual nor than in an hour', () => {
    const waits = (everyMs: number) =>
      [1, 2, 3, 7, 8, 100, 10_000].map((failures) => waitAfter(failures, everyMs) / MINUTE);
    expect(waits(24 * HOUR)).toEqual([1, 2, 4, 60, 60, 60, 60]);
    expect(waits(3 * MINUTE)).toEqual([1, 2, 3, 3, 3, 3, 3]);
  });
});

describe('what is remembered', () => {
  it('is when, what, and from where; a failure keeps it, and success forgets the failure', () => {
    expect(known).toEqual({
      name: 'table',
      url: source.url,
      drops: 1,
      checkedAt: NOON,
      failures: 0,
      last: file,
    });
    const twice = failed(failed(known, NOON + 1, 'no'), NOON + 2, 'still no');
    expect(twice).toMatchObject({
      drops: 1,
      failures: 2,
      last: file,
      problem: { reason: 'still no', at: '2026-01-01T12:00:00.002Z' },
    });
    expect(unchanged(twice, NOON, { kind: 'unchanged' })).toEqual(known);
  });

  it('is the job that pulls it, until it has ended one way or the other', () => {
    const { busyUntil: _, ...idle } = fresh;
    const handed = handedOn(fresh, job);
    expect(handed).toEqual({ ...idle, job, jobs: 1 });
    expect(waiting(claimed(source, handed, NOON))).toEqual(handed);
    for (const after of [
      brought(handed, NOON, file),
      unchanged(handed, NOON, fetched),
      failed(handed, NOON, 'no'),
    ]) {
      expect(after).toMatchObject({ jobs: 1 });
      expect(after).not.toHaveProperty('job');
      expect(handedOn(after, job).jobs).toBe(2);
    }
  });

  it('of another address is only how many files it brought, and how many jobs there were', () => {
    const elsewhere = { ...source, url: 's3://bucket/a.csv' };
    expect(claimed(elsewhere, failed(handedOn(known, job), NOON, 'no'), NOON)).toEqual({
      name: 'table',
      url: elsewhere.url,
      drops: 1,
      jobs: 1,
      failures: 0,
      busyUntil: NOON + LEASE_MS,
    });
  });

  it('takes the entity tag of today when only that has changed', () => {
    const next = unchanged(known, NOON, { ...fetched, etag: '"2"' });
    expect([next.last?.etag, next.drops]).toEqual(['"2"', 1]);
  });
});

describe('a file is new', () => {
  it('when its content is', () => {
    expect(isNew(fresh, fetched)).toBe(true);
    expect(isNew(known, { ...fetched, sha256: other })).toBe(true);
    expect(isNew(known, { ...fetched, etag: '"2"' })).toBe(false);
    expect(isNew(known, { kind: 'unchanged' })).toBe(false);
  });

  it('and has the key of its number and content, whoever writes it', () => {
    expect(sourceFileKey('wine', known, { sha256: other })).toBe(
      `incoming/wine/source-table/000002-${'b'.repeat(16)}.csv`,
    );
  });

  it.each([
    ['https://a.org/x/A.CSV.GZ?token=secret.parquet', '.csv.gz'],
    ['https://a.org/manifest.json', '.json'],
    ['https://a.org/x.parquet#part', '.parquet'],
    ['https://a.org/dump.zst', '.zst'],
    ['https://a.org/api?format=csv', ''],
    ['s3://b/x.exe', ''],
  ])('%s ends in "%s"', (url, ending) => {
    const key = sourceFileKey('wine', { ...known, url }, { sha256 });
    expect(key.slice(`incoming/wine/source-table/000002-${'a'.repeat(16)}`.length)).toBe(ending);
  });
});

describe('the metadata of a pulled file', () => {
  it('is ASCII and reads back as the origin that it was', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    const origins = fc.record(
      { source: text, url: text, sha256: fc.constant(sha256), fetchedAt: fc.constant(file.at), etag: text },
      { requiredKeys: ['source', 'url', 'sha256', 'fetchedAt'] },
    );
    fc.assert(
      fc.property(origins, (origin) => {
        const metadata = metadataOf(origin);
        expect(Object.values(metadata).join('')).toMatch(/^[\x21-\x7e]*$/);
        expect(originOf(metadata)).toEqual(origin);
      }),
    );
  });

  it('of other objects is no origin', () => {
    expect(originOf({})).toBeUndefined();
    expect(originOf({ 'ratchet-source': 'a' })).toBeUndefined();
    expect(
      originOf({
        'ratchet-source': '%',
        'ratchet-source-url': 'a',
        'ratchet-source-sha256': 'a',
        'ratchet-source-fetched-at': 'a',
      }),
    ).toBeUndefined();
  });
});
