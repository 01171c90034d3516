import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import type { LabelledRow } from './join.ts';
import { labelledContent, labelWriter } from './labelled-rows.ts';

const columns = { names: ['country', 'needed', 'note'], target: 1 };
const row = (cells: readonly string[], label: number): LabelledRow => ({
  model: 'm',
  record: { kind: 'cells', cells },
  prediction: undefined,
  label,
});

describe('labelled rows', () => {
  it('become raw CSV like what is dropped, the target first', () => {
    const rows = [row(['U.S.', 'a, "b"\nc'], 1), row(['', ''], 0)];
    expect(labelledContent(columns, String, rows)).toMatchObject({
      part: { rows: 2 },
      lines: ['needed,country,note', '1,U.S.,"a, ""b""\nc"', '0,,'],
    });
  });

  it('are left out when their record could not be read, or their label stands for nothing', () => {
    const problem = { rule: 'torn-line', column: null, value: '', reason: 'torn' };
    const torn: LabelledRow = { ...row([], 1), record: { kind: 'problem', problem } };
    expect(labelledContent(columns, String, [torn])).toBeUndefined();
    expect(labelledContent(columns, () => undefined, [row(['US', ''], 7)])).toBeUndefined();
  });

  it('have the canonical name of a text target in place of its position', () => {
    const { data } = specificationOf({
      data: {
        columns: [
          { name: 'y', type: 'text', canonical: { no: ['0'], yes: ['1'] } },
          { name: 'a', type: 'number' },
        ],
      },
    });
    const write = labelWriter(data);
    expect([0, 1, 2].map(write)).toEqual(['no', 'yes', undefined]);
    expect(labelWriter(specificationOf().data)(3)).toBe('3');
  });
});
