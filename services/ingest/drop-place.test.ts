import fc from 'fast-check';
import { dropPlace } from './drop-place.ts';

describe('the place of a dropped object', () => {
  it.each([
    ['incoming/wine/a.csv', { kind: 'data', pipeline: 'wine' }],
    ['incoming/wine/2026/11/a b+c.csv', { kind: 'data', pipeline: 'wine' }],
    ['incoming/wine/batch-1.csv', { kind: 'data', pipeline: 'wine' }],
    ['incoming/wine/batch-1/a.csv', { kind: 'waits-for-manifest', pipeline: 'wine' }],
    ['incoming/wine/batch-1/manifest.json', { kind: 'manifest', pipeline: 'wine' }],
    ['incoming/wine/manifest.json', { kind: 'manifest', pipeline: 'wine' }],
    ['incoming/wine/old-manifest.json', { kind: 'data', pipeline: 'wine' }],
    ['incoming/wine/../beer/a.csv', { kind: 'data', pipeline: 'wine' }],
    ['incoming/wine//a.csv', { kind: 'data', pipeline: 'wine' }],
    ['incoming/wine/../manifest.json', { kind: 'manifest', pipeline: 'wine' }],
    ['incoming/wine/a\nb.csv', { kind: 'data', pipeline: 'wine' }],
    [`incoming/wine/${'k'.repeat(1010)}`, { kind: 'data', pipeline: 'wine' }],
    ['incoming/wine/', { kind: 'folder' }],
    ['incoming/wine/..//', { kind: 'folder' }],
    ['/', { kind: 'folder' }],
    ['incoming/', { kind: 'folder' }],
  ])('%s', (key, place) => {
    expect(dropPlace(key)).toEqual(place);
  });

  it.each([
    'a.csv',
    'incoming/a.csv',
    'incoming//a.csv',
    'incoming/Wine/a.csv',
    'incoming/../a.csv',
    'incoming/./wine/a.csv',
    '../incoming/wine/a.csv',
    '/incoming/wine/a.csv',
    'INCOMING/wine/a.csv',
    'incoming/wine',
    'incoming/w\u200bine/a.csv',
    'incoming/ｗｉｎｅ/a.csv',
    '🦆',
    `incoming/${'w'.repeat(29)}/a.csv`,
    'ground-truth/wine/a.csv',
    'x/incoming/wine/a.csv',
  ])('%s belongs to nobody', (key) => {
    expect(dropPlace(key)).toMatchObject({
      kind: 'misplaced',
      reason: expect.stringContaining(key.slice(0, 40)),
    });
  });

  it('is known for any key, and never of an ill-named pipeline', () => {
    const keys = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((rest) => `incoming/${rest}`),
    );
    fc.assert(
      fc.property(keys, (key) => {
        const place = dropPlace(key);
        if ('pipeline' in place) expect(place.pipeline).toMatch(/^[a-z][a-z0-9-]{0,27}$/);
        if (place.kind === 'misplaced') expect(place.reason.length).toBeLessThan(300);
      }),
    );
  });
});
