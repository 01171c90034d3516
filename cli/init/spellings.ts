/** Texts that fold together: one value, spelt in several ways. Pure. */
import { fold } from '../../shared/contracts/canonical-text.ts';

export interface Spelt {
  /** The most frequent spelling. */
  readonly name: string;
  /** The other spellings, most frequent first. */
  readonly others: readonly string[];
  readonly count: number;
}

/** Most frequent first; of equally frequent ones by code points. */
export function speltTogether(cells: readonly string[]): readonly Spelt[] {
  const groups = new Map<string, Map<string, number>>();
  for (const cell of cells) {
    const text = cell.normalize('NFC');
    const folded = fold(text);
    const group = groups.get(folded) ?? new Map<string, number>();
    groups.set(folded, group);
    group.set(text, (group.get(text) ?? 0) + 1);
  }
  return [...groups.values()].map(speltOf).sort(byCount);
}

function speltOf(group: ReadonlyMap<string, number>): Spelt {
  const spellings = [...group].map(([name, count]) => ({ name, count })).sort(byCount);
  const [first, ...others] = spellings;
  return {
    name: first!.name,
    others: others.slice(0, MOST_OTHERS).map(({ name }) => name),
    count: spellings.reduce((sum, { count }) => sum + count, 0),
  };
}

/** Case and blanks fold by themselves: a few examples are enough. */
const MOST_OTHERS = 3;

const byCount = (a: { name: string; count: number }, b: { name: string; count: number }): number =>
  b.count - a.count || (a.name < b.name ? -1 : Number(a.name > b.name));

/** `canonical` of a specification; its keys come in the order that encodings follow. */
export const canonicalOf = (values: readonly Spelt[]): Record<string, string[]> =>
  Object.fromEntries(values.map(({ name, others }) => [name, [...others]]));
