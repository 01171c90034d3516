import type { ColumnSpecification } from './pipeline-specification.ts';

/** Case, blanks and Unicode composition folded: ` u.s.  a ` and `U.S. A` are one spelling. */
export const fold = (text: string): string =>
  text.normalize('NFC').trim().replace(/\s+/gu, ' ').toLowerCase();

/** Every spelling that `column.canonical` knows, folded, with the position of its canonical name. A canonical name
 * is a spelling of itself. */
export function spellingsOf(column: Pick<ColumnSpecification, 'canonical'>): ReadonlyMap<string, number> {
  const spellings = new Map<string, number>();
  Object.entries(column.canonical ?? {}).forEach(([name, others], at) => {
    for (const spelling of [name, ...others]) spellings.set(fold(spelling), at);
  });
  return spellings;
}
