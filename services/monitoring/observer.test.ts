import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { observerOf } from './observer.ts';

const data = {
  columns: [
    { name: 'y', type: 'integer' },
    { name: 'country', type: 'text', canonical: { Norway: ['NO'], Canada: ['CA'] }, encode: 'one-hot' },
    { name: 'note', type: 'text', missing: 'allow' },
    { name: 'temperature', type: 'number', maximum: 60, missing: 'mean', scale: 'standard' },
  ],
  target: 'y',
};

describe('what is observed of a record', () => {
  it('is its raw columns after cleaning: numbers, and texts as positions, before fills and scales', () => {
    const observer = observerOf(specificationOf({ data }));
    expect(observer.names).toEqual(['country', 'temperature']);
    expect([...(observer.observe([' ca ', 'x', '-3.5']) ?? [])]).toEqual([1, -3.5]);
    expect([...(observer.observe(['Sweden', '', '']) ?? [])]).toEqual([Number.NaN, Number.NaN]);
    expect(observer.observe(['CA', 'x', '999'])).toBeUndefined();
  });

  it('is every number, also one that batch would put aside, where the model is sent them as they are', () => {
    const observer = observerOf(specificationOf({ deploy: { records: 'features' } }));
    expect(observer.names).toEqual(['a', 'b']);
    expect([...(observer.observe(['1e9', '']) ?? [])]).toEqual([1e9, Number.NaN]);
    expect(observer.observe(['1'])).toBeUndefined();
    // An object with other names than those of the columns.
    expect(observer.observe(['', ''])).toBeUndefined();
  });
});
