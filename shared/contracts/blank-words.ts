/** Texts that mean "no value": docs/data.md, "Cells". */
import { fold } from './canonical-text.ts';
import type { ColumnSpecification, DataSpecification } from './pipeline-specification.ts';
import type { Finding } from './yaml-source.ts';

/** The blank words of a column: its own, else those of all columns. */
export const blanksOf = (
  data: Pick<DataSpecification, 'blanks'>,
  column: Pick<ColumnSpecification, 'blanks'>,
): readonly string[] => column.blanks ?? data.blanks ?? [];

/** Blank words that stand twice, or that are what a column needs as a value. */
export function blankFindings(data: DataSpecification): readonly Finding[] {
  return [
    ...repeated(data.blanks ?? [], ['data', 'blanks']),
    ...data.columns.flatMap((column, at) => {
      const path = ['data', 'columns', at];
      const words = blanksOf(data, column);
      const elsewhere = column.blanks ? '' : ', or give this column "blanks" of its own';
      return [
        ...repeated(column.blanks ?? [], [...path, 'blanks']),
        ...spelt(column, words, elsewhere, path),
        ...constant(column, words, elsewhere, path),
      ];
    }),
  ];
}

function repeated(words: readonly string[], path: Finding['path']): readonly Finding[] {
  return words.flatMap((word, at) =>
    words.indexOf(word) < at ? [{ path: [...path, at], message: `"${word}" stands here twice` }] : [],
  );
}

/** A cell that is blank never comes to be looked up among the spellings. */
function spelt(
  { canonical = {} }: ColumnSpecification,
  words: readonly string[],
  elsewhere: string,
  path: Finding['path'],
): readonly Finding[] {
  const folded = new Map(words.map((word) => [fold(word), word]));
  return Object.entries(canonical).flatMap(([name, others]) =>
    [name, ...others].flatMap((spelling): readonly Finding[] => {
      const word = folded.get(fold(spelling));
      if (word === undefined) return [];
      const message = `the spelling "${spelling}" cannot mean "${name}": "${word}" is one of the "blanks", which mean "no value"; take it out there or here${elsewhere}`;
      return [{ path: [...path, 'canonical', name], at: 'key', message }];
    }),
  );
}

function constant(
  { missing }: ColumnSpecification,
  words: readonly string[],
  elsewhere: string,
  path: Finding['path'],
): readonly Finding[] {
  if (typeof missing !== 'object') return [];
  const text = String(missing.constant).trim();
  if (!words.includes(text)) return [];
  const message = `"${text}" is one of the "blanks", which mean "no value", and cannot fill in for one; choose another, or "allow"${elsewhere}`;
  return [{ path: [...path, 'missing', 'constant'], message }];
}
