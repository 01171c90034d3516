/** On which side of a split by hash the rows of a sample fall (docs/data.md), so that no side is left without rows
 * where a table has few different ones. Pure. */
import { createHash } from 'node:crypto';
import { fold, spellingsOf } from '../../shared/contracts/canonical-text.ts';
import { categoriesOf } from '../../shared/contracts/data-layout.ts';
import { dateOf } from '../../shared/contracts/date-text.ts';
import type { WrittenColumn } from './draft.ts';

export interface Shares {
  readonly test: number;
  readonly validation: number;
}

/** One declared column with its cells. */
export interface HashedColumn {
  readonly column: WrittenColumn;
  readonly cells: readonly string[];
}

/** With more different rows than this, chance leaves no side empty. */
const MANY = 400;
/** Shares of the rows that each side must really get. */
const LEAST = { test: 0.06, validation: 0.03, train: 0.4 };

/** `wanted`, or shares by which every side gets enough of the rows. */
export function sharesFor(columns: readonly HashedColumn[], rows: number, wanted: Shares): Shares {
  const seen = new Set<string>();
  for (let row = 0; row < rows; row++) {
    seen.add(JSON.stringify(columns.map(({ cells }) => cells[row])));
    if (seen.size > MANY) return wanted;
  }
  const places = placesOf(columns, rows);
  return isEnough(places, wanted) ? wanted : (cutBetween(places, wanted) ?? wanted);
}

/** Shares that lie between the places where rows really are, next to those wanted. Of two different rows one is tested and
 * none watched; undefined where there is one only. */
function cutBetween(places: readonly number[], wanted: Shares): Shares | undefined {
  const sorted = [...places].sort((a, b) => a - b);
  const different = [...new Set(sorted)];
  const cuts = different.slice(1).map((place, at) => (place + different[at]!) / 2);
  const [first, second] = cuts;
  if (first === undefined) return undefined;
  if (second === undefined) return { test: rounded(first), validation: 0 };
  const below = (cut: number): number => places.filter((place) => place < cut).length / places.length;
  const nearest = (share: number, from: readonly number[]): number =>
    [...from].sort((a, b) => Math.abs(below(a) - share) - Math.abs(below(b) - share))[0]!;
  const test = nearest(wanted.test, cuts.slice(0, -1));
  const beyond = cuts.filter((cut) => cut > test);
  const both = nearest(below(test) + wanted.validation, beyond);
  return { test: rounded(test), validation: rounded(both - test) };
}

const rounded = (share: number): number => Number(share.toFixed(4));

function isEnough(places: readonly number[], { test, validation }: Shares): boolean {
  const tested = places.filter((place) => place < test).length / places.length;
  const watched = places.filter((place) => place < test + validation).length / places.length - tested;
  return tested >= LEAST.test && watched >= LEAST.validation && 1 - tested - watched >= LEAST.train;
}

/** From 0 to 1, row by row: `columns` are all that are declared but the target, in order. */
export function placesOf(columns: readonly HashedColumn[], rows: number): readonly number[] {
  const texts = columns.map(({ column, cells }) => {
    const textOf = identity(column);
    return cells.map(textOf);
  });
  return Array.from({ length: rows }, (_, row) => {
    const joined = texts.map((column) => `${column[row]!.length}:${column[row]!}`).join('');
    return Number.parseInt(createHash('md5').update(joined).digest('hex').slice(0, 13), 16) / 2 ** 52;
  });
}

function identity(column: WrittenColumn): (cell: string) => string {
  if (column.type === 'date') return (cell) => bandText(dateOf(cell, column.formats ?? ['YYYY-MM-DD']));
  if (column.type !== 'text') return (cell) => (cell === '' ? '' : bandText(Number(cell)));
  const [names, spellings] = [categoriesOf(column), spellingsOf(column)];
  return (cell) => names[spellings.get(fold(cell)) ?? -1] ?? cell.normalize('NFC');
}

/** Exact in every engine: the floor of a multiple of the number by a power of two, as a decimal integer. */
export function bandText(x: number): string {
  if (Number.isNaN(x)) return '';
  const size = Math.abs(x);
  if (size < 2 ** 10) return `a${floored(x * 2 ** 52)}`;
  if (size < 2 ** 31) return `b${floored(x * 2 ** 31)}`;
  return size < 2 ** 62 ? `c${floored(x)}` : `d${floored(x * 2 ** -66)}`;
}

const floored = (value: number): string => BigInt(Math.floor(value)).toString();
