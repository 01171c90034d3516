import { itemStoreSpec } from './item-store.spec-of.ts';
import { createMemoryItemStore } from './memory-item-store.ts';

describe('an item store in memory', () => {
  itemStoreSpec(createMemoryItemStore);

  it('gives away copies: what a reader changes stays with the reader', async () => {
    const store = createMemoryItemStore({ owner: 'ingest', now: () => 0 });
    const key = { pk: 'PIPELINE#digits', sk: 'RUN#one' };
    await store.create(key, { state: { parts: ['a'] } });
    const read = await store.load<{ parts: string[] }>(key);
    read?.state.parts.push('b');
    expect((await store.load<{ parts: string[] }>(key))?.state.parts).toEqual(['a']);
  });
});
