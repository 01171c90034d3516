/** What cleaning asks of each column, worked out once. */
import { fold, spellingsOf } from '../contracts/canonical-text.ts';
import { categoriesOf, type RawColumn } from '../contracts/data-layout.ts';
import type { DateFormat } from '../contracts/data-schema.ts';
import { dateOf } from '../contracts/date-text.ts';
import type { ColumnSpecification } from '../contracts/pipeline-specification.ts';
import { LARGEST } from './number-text.ts';

interface Reader {
  readonly name: string;
  /** Position among the declared columns. */
  readonly at: number;
  readonly missing: MissingRule;
  /** Texts that mean "no value"; undefined where there are none. */
  readonly blanks: ReadonlySet<string> | undefined;
}

/** What a missing value becomes: its row goes, or it stays missing until something fills it, or this value. */
export type MissingRule = 'quarantine' | 'drop' | 'stay' | { readonly constant: number | string };

export interface ValueReader extends Reader {
  readonly kind: 'number' | 'integer' | 'date';
  readonly formats: readonly DateFormat[];
  /** Of the type: beyond it nothing can be clipped. */
  readonly largest: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly outside: 'quarantine' | 'clip' | 'null';
}

export interface TextReader extends Reader {
  readonly kind: 'text';
  readonly categories: readonly string[];
  /** Position of the canonical name by folded spelling. */
  readonly spellings: ReadonlyMap<string, number>;
  readonly unknown: 'keep' | 'null' | 'quarantine';
}

export type ColumnReader = ValueReader | TextReader;

export function columnReader(raw: RawColumn, at: number): ColumnReader {
  return raw.column.type === 'text' ? textReader(raw, at) : valueReader(raw, at);
}

const wordsOf = ({ blanks }: RawColumn): ReadonlySet<string> | undefined =>
  blanks.length === 0 ? undefined : new Set(blanks);

/** A date as specifications write it. */
const written = (text: string): number => dateOf(text.trim(), ['YYYY-MM-DD']);

function valueReader(raw: RawColumn, at: number): ValueReader {
  const { name, column } = raw;
  const { type, outside, formats } = column;
  const date = type === 'date';
  const bound = (text: string | undefined, number: number | undefined, none: number) =>
    // Adding 0 turns -0 into 0.
    ((date ? (text === undefined ? undefined : written(text)) : number) ?? none) + 0;
  return {
    kind: type as ValueReader['kind'],
    name,
    at,
    formats: formats ?? ['YYYY-MM-DD'],
    largest: type === 'number' ? LARGEST : Number.MAX_SAFE_INTEGER,
    minimum: bound(column.earliest, column.minimum, Number.NEGATIVE_INFINITY),
    maximum: bound(column.latest, column.maximum, Number.POSITIVE_INFINITY),
    outside: outside ?? 'quarantine',
    blanks: wordsOf(raw),
    missing: missingRule(column, (constant) => (date ? written(String(constant)) : Number(constant) + 0)),
  };
}

function textReader(raw: RawColumn, at: number): TextReader {
  const { name, column } = raw;
  const categories = categoriesOf(column);
  const spellings = spellingsOf(column);
  return {
    kind: 'text',
    name,
    at,
    categories,
    spellings,
    unknown: column.canonical ? (column.unknown ?? 'keep') : 'keep',
    blanks: wordsOf(raw),
    missing: missingRule(column, (constant) => {
      const category = spellings.get(fold(String(constant)));
      return category === undefined ? String(constant).trim().normalize('NFC') : categories[category]!;
    }),
  };
}

function missingRule(
  { missing }: ColumnSpecification,
  read: (constant: number | string) => number | string,
): MissingRule {
  if (typeof missing === 'object') return { constant: read(missing.constant) };
  return missing === 'drop' || missing === undefined || missing === 'quarantine'
    ? (missing ?? 'quarantine')
    : 'stay';
}
