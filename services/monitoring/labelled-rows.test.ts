import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import type { LabelledRow } from './join.ts';
import { labelledContent } from './labelled-rows.ts';
import { targetLabels } from './target-labels.ts';

const columns = { names: ['country', 'needed', 'note'], target: 1 };
const numbers = targetLabels(specificationOf().data);
const row = (cells: readonly string[], label: number): LabelledRow => ({
  model: 'm',
  record: { kind: 'cells', cells },
  prediction: undefined,
  label,
});

describe('labelled rows', () => {
  it('become raw CSV like what is dropped, the target first', () => {
    const rows = [row(['U.S.', 'a, "b"\nc'], 1), row(['', ''], 0)];
    expect(labelledContent(columns, numbers, rows)).toMatchObject({
      part: { rows: 2 },
      lines: ['needed,country,note', '1,U.S.,"a, ""b""\nc"', '0,,'],
    });
  });

  it('are left out when their record could not be read, or their label stands for nothing', () => {
    const problem = { rule: 'torn-line', column: null, value: '', reason: 'torn' };
    const torn: LabelledRow = { ...row([], 1), record: { kind: 'problem', problem } };
    expect(labelledContent(columns, numbers, [torn])).toBeUndefined();
    expect(
      labelledContent(columns, { ...numbers, write: () => undefined }, [row(['US', ''], 7)]),
    ).toBeUndefined();
  });
});
