/** Texts by which a table says that a value is missing. Pure. */
import { fold } from '../../shared/contracts/canonical-text.ts';
import { kindOf, meansNothing } from './cell-kinds.ts';
import type { Sample } from './sample.ts';

/** They name a class as well as any other text does. */
const NAMES = new Set(['none', 'nil', '-', '--', '.', '..']);
/** A list holds no more. */
const MOST = 64;

export interface BlankWords {
  /** Of all columns. */
  readonly all: readonly string[];
  /** Of the target where they are others. */
  readonly target?: readonly string[];
}

/** The words that a specification needs: those between the numbers and dates of a column, which can be read without
 * them, and those between labels. Texts can be read as they are: their words alone ask for nothing. */
export function blankWordsOf({ names, rows }: Sample, target: string): BlankWords {
  const found = names.map((name, at) =>
    wordsIn(
      name,
      rows.map((row) => row[at] ?? ''),
    ),
  );
  const needed = found.flatMap(({ name, words, isText }) => (isText || name === target ? [] : words));
  const folded = new Set(needed.map(fold));
  // A text must not keep a spelling that folds to a blank word.
  const alike = found.flatMap(({ words }) => words).filter((word) => folded.has(fold(word)));
  const all = listed(alike);
  const label = found.find(({ name }) => name === target);
  if (!label) return { all };
  const wanted = listed(
    label.isText ? label.words.filter((word) => !NAMES.has(word.toLowerCase())) : label.words,
  );
  const isAsAll =
    wanted.every((word) => all.includes(word)) &&
    label.words.every((word) => wanted.includes(word) || !folded.has(fold(word)));
  return isAsAll ? { all } : { all, target: wanted };
}

const listed = (words: readonly string[]): readonly string[] => [...new Set(words)].sort().slice(0, MOST);

function wordsIn(name: string, cells: readonly string[]) {
  const words = [...new Set(cells)].filter(meansNothing);
  const values = words.length === 0 ? [] : cells.filter((cell) => cell !== '' && !meansNothing(cell));
  return { name, words, isText: kindOf(name, values).kind === 'text' };
}

/** The table as an engine sees it that knows these words. */
export function withoutWords(sample: Sample, target: string, { all, target: own }: BlankWords): Sample {
  const [blank, blankLabels] = [new Set(all), new Set(own ?? all)];
  const sets = sample.names.map((name) => (name === target ? blankLabels : blank));
  const rows = sample.rows.map((row) => row.map((cell, at) => (sets[at]?.has(cell) ? '' : cell)));
  return { ...sample, rows };
}
