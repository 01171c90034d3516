import type { Api } from '../api.ts';
import { findDataset, parseDatasetName } from './find-dataset.ts';

const NEWEST = '0f3a9c51d27be4886a1c0d9e77b2f431';
const OLDER = '0f3a9c5999999999999999999999aaaa';

const dataset = (version: string) => ({
  version,
  prefix: `s3://artifacts/${version}/`,
  runId: `run-${version}`,
});
const datasets: Record<string, readonly ReturnType<typeof dataset>[]> = {
  wine: [dataset(NEWEST), dataset(OLDER)],
  empty: [],
};

/** One item a page, so that every page is asked for. */
const api = {
  get: async (path: string) => {
    const { pathname, searchParams } = new URL(path, 'http://api');
    const at = Number(searchParams.get('next') ?? 0);
    const [key, all] = pathname.endsWith('/datasets')
      ? ['datasets', datasets[pathname.split('/')[3]!] ?? []]
      : ['pipelines', Object.keys(datasets).map((name) => ({ name }))];
    const next = at + 1 < all.length ? String(at + 1) : undefined;
    return { [key as string]: all.slice(at, at + 1), ...(next ? { next } : {}) };
  },
} as unknown as Api;

const find = (name: string) => findDataset(api, parseDatasetName(name));

describe('a dataset is found', () => {
  it.each([
    ['by its pipeline, the newest', 'wine', NEWEST],
    ['by pipeline and version', `wine@${OLDER}`, OLDER],
    ['by the beginning of its version', 'wine@0f3a9c59', OLDER],
    ['by its version alone', OLDER, OLDER],
    ['by the beginning of a version alone', '0f3a9c51', NEWEST],
  ])('%s', async (_, name, version) => {
    await expect(find(name)).resolves.toMatchObject({ pipeline: 'wine', version });
  });

  it.each([
    ['a pipeline without data', 'empty', 'has no dataset yet. Make one with: ratchet drop empty FILE'],
    ['a version that is not there', 'wine@aaaaaaaa', 'no dataset version aaaaaaaa of wine'],
    ['a beginning of two', 'wine@0f3a9c5', `several: wine@${NEWEST}, wine@${OLDER}`],
    ['what is no version', 'wine@newest', 'names no dataset: write PIPELINE'],
    ['two of them', 'wine@aaaaaaaa@b', 'names no dataset'],
    ['nothing', '@aaaaaaaa', 'names no dataset'],
  ])('not by %s', async (_, name, message) => {
    await expect((async () => find(name))()).rejects.toThrow(message);
  });

  it('but a name of letters alone is a pipeline', () => {
    expect(parseDatasetName('abcdefabcdef')).toEqual({ pipeline: 'abcdefabcdef' });
  });
});
