import fc from 'fast-check';
import type { SourceState } from '../../shared/lifecycle/source.ts';
import { BeyondLimits } from '../../shared/sources/problem.ts';
import { functionLimits, jobFolder, jobFor, MOST_SOURCE_BYTES, orderOf, pullRequest } from './source-job.ts';
import { settings } from './testing/world.ts';

const GIB = 1024 ** 3;
const SINCE = '2026-01-01T12:00:00.000Z';
const state: SourceState = { name: 'table', url: 'https://example.org/a.csv', drops: 3, failures: 0 };
const beyond = (bytes?: number) => new BeyondLimits('too much', bytes);
const job = jobFor('wine', state, beyond(3 * GIB), SINCE, settings);

describe('the job of a source', () => {
  it('has one name for one decision, and another for every other', () => {
    const named = (pipeline: string, own: Partial<SourceState>, since = SINCE) =>
      jobFor(pipeline, { ...state, ...own }, beyond(), since, settings).name;
    expect(named('wine', { failures: 2, drops: 9 })).toBe(job.name);
    const others = [
      named('mead', {}),
      named('wine', { name: 'other' }),
      named('wine', { url: 'https://example.org/b.csv' }),
      named('wine', { jobs: 1 }),
      named('wine', {}, '2026-01-01T12:00:01.000Z'),
    ];
    expect(new Set([job.name, ...others]).size).toBe(6);
  });

  it('has a name that SageMaker takes, and a folder of its own', () => {
    const stage = 's'.repeat(10);
    const { name } = jobFor('wine', { ...state, jobs: 10 ** 10 }, beyond(), SINCE, { stage });
    expect(name).toMatch(/^ratchet-s{10}-source-[0-9a-f]{24}-10000000001$/);
    expect(name.length).toBeLessThanOrEqual(63);
    expect(jobFolder('wine', state, job)).toBe(`sources/wine/table/${job.name}/`);
  });

  it('has disk for what is told and some more; for the most where nothing is told', () => {
    const told = fc.integer({ min: 0, max: MOST_SOURCE_BYTES });
    const volume = (bytes?: number) =>
      orderOf('f/', jobFor('wine', state, beyond(bytes), SINCE, settings), settings).volumeGb;
    fc.assert(
      fc.property(told, (bytes) => {
        expect(volume(bytes) * GIB - bytes).toBeGreaterThanOrEqual(10 * GIB);
        expect(volume(bytes)).toBeLessThanOrEqual(volume());
      }),
    );
    expect([volume(3 * GIB), volume()]).toEqual([13, 266]);
  });

  it('is none for what a job cannot bear either', () => {
    expect(() => jobFor('wine', state, beyond(MOST_SOURCE_BYTES + 1), SINCE, settings)).toThrow(
      'https://example.org/a.csv has more than 274,877,906,944 bytes, the most that can be pulled',
    );
  });

  it('is told what the function knows, and has hours where that has minutes', () => {
    const last = { key: 'k', bytes: 9, sha256: 'aa', etag: '"1"', lastModified: 'yesterday', at: SINCE };
    const { limits, ...request } = pullRequest({ ...state, last }, settings);
    expect(request).toEqual({
      url: state.url,
      known: { etag: '"1"', lastModified: 'yesterday' },
      networks: settings.sourceNetworks,
      authorities: settings.sourceAuthorities,
    });
    const { maximumSeconds } = orderOf('f/', job, settings);
    expect(limits.timeoutMs).toBeGreaterThan(functionLimits(9).timeoutMs);
    expect(limits.timeoutMs).toBeLessThan(maximumSeconds * 1000);
  });
});
