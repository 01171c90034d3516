import { DUPLICATE, faultCode, faultOf } from './fault.ts';

describe('a fault as a number', () => {
  it('is read back: column, rule, and where it was found', () => {
    for (const column of [0, 1, 9_999]) {
      for (const late of [false, true]) {
        for (const rule of ['missing', 'not-a-number', 'outlier', 'not-finite', 'control-character'] as const)
          expect(faultOf(faultCode(column, rule, late))).toEqual({ column, rule, late, dropped: false });
        expect(faultOf(faultCode(column, 'dropped', late))).toEqual({
          column,
          rule: 'missing',
          late,
          dropped: true,
        });
      }
    }
  });

  it('of a duplicate has no column', () => {
    expect(faultOf(DUPLICATE)).toMatchObject({ rule: 'duplicate', column: undefined });
  });
});
