import { gather } from './gather.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('calls with one key', () => {
  it('that come while others work are worked on together, afterwards', async () => {
    const groups: string[] = [];
    const releases: (() => void)[] = [];
    const call = gather<string>(async (key, items) => {
      groups.push(`${key}: ${items.join(' ')}`);
      await new Promise<void>((resolve) => releases.push(resolve));
    });
    const first = [call('k', 'a'), call('k', 'b')];
    await turn();
    const second = [call('k', 'c'), call('k', 'd'), call('k', 'e')];
    const other = call('other', 'z');
    await turn();
    expect(groups).toEqual(['k: a b', 'other: z']);
    releases[0]?.();
    await Promise.all(first);
    await turn();
    expect(groups).toEqual(['k: a b', 'other: z', 'k: c d e']);
    for (const release of releases) release();
    await Promise.all([...second, other]);
  });

  it('fail with those of their group, and with no other', async () => {
    const call = gather<string>(async (_, items) => {
      await turn();
      if (items.includes('bad')) throw new Error('bad');
    });
    const first = Promise.allSettled([call('k', 'bad'), call('k', 'b')]);
    await turn();
    const second = Promise.allSettled([call('k', 'c')]);
    expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await second).map(({ status }) => status)).toEqual(['fulfilled']);
  });
});
