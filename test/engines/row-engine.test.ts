import fc from 'fast-check';
import { cases } from './arbitrary-case.ts';
import { reference } from './reference.ts';
import { rowEngineDifferences } from './row-engine.ts';

describe('the row engine', () => {
  it('does with each record what the contract does with all of them', () => {
    fc.assert(
      fc.property(cases, ({ data, parts }) => {
        expect(rowEngineDifferences(data, parts, reference(data, parts))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
