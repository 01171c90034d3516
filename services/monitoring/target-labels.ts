/** Labels of a pipeline's target: as ground truth writes them, as the number that a model learns, and as a dropped file
 * has them. Pure. */
import { fold, spellingsOf } from '../../shared/contracts/canonical-text.ts';
import { categoriesOf, layOut } from '../../shared/contracts/data-layout.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';

export interface TargetLabels {
  /** Undefined for what is no label of the target. */
  read(text: string): number | undefined;
  write(label: number): string | undefined;
  /** What a label has to be, for people. */
  readonly expected: string;
}

const numbers: TargetLabels = {
  read: (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : undefined;
  },
  write: String,
  expected: 'number',
};

/** A text target's labels are its canonical names, in any of their spellings, or their positions from 0. */
export function targetLabels(data: DataSpecification): TargetLabels {
  const { columns, target } = layOut(data);
  const { column, blanks } = columns[target]!;
  const isBlank = (text: string) => blanks.includes(text.trim());
  if (column.type !== 'text')
    return { ...numbers, read: (text) => (isBlank(text) ? undefined : numbers.read(text)) };
  const names = categoriesOf(column);
  const spellings = spellingsOf(column);
  return {
    read: (text) => {
      if (isBlank(text)) return undefined;
      const spelled = spellings.get(fold(text));
      if (spelled !== undefined) return spelled;
      const position = numbers.read(text);
      return position !== undefined && names[position] !== undefined ? position : undefined;
    },
    write: (label) => names[label],
    expected: 'value of the target',
  };
}
