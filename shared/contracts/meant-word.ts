import { didYouMean } from './did-you-mean.ts';

/** What other programs call our types of columns. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  number: ['float', 'float32', 'float64', 'double', 'real', 'decimal', 'numeric'],
  integer: ['int', 'int32', 'int64', 'long', 'bigint', 'smallint'],
  text: ['string', 'str', 'varchar', 'char', 'category', 'categorical', 'object', 'enum', 'bool', 'boolean'],
  date: ['datetime', 'timestamp', 'time'],
};

/** A hint to the one of `words` that `found` stands for elsewhere, or is a likely misspelling of; else the empty text. */
export function meantWord(found: string, words: readonly string[]): string {
  const same = words.find((word) => ELSEWHERE[word]?.includes(found.toLowerCase()));
  return same === undefined ? didYouMean(found, words) : ` (here that is "${same}")`;
}
