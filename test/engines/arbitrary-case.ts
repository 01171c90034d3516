/** A case: a specification, and files of dirty rows for it, beside what each line of the files is known to be. */
import fc from 'fast-check';
import { layOut, type RawColumn } from '../../shared/contracts/data-layout.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { dataOf } from '../../shared/preparation/testing/data-of.ts';
import { cellsOf } from './arbitrary-cells.ts';
import { specifications } from './arbitrary-specification.ts';
import type { ReadPart } from './reference.ts';
import { type Item, type PartStyle, writePart } from './write-part.ts';

export interface CasePart extends ReadPart {
  readonly bytes: Buffer;
  readonly format: 'csv' | 'tsv' | 'jsonl';
  readonly ignored: readonly string[];
}

export interface Case {
  /** As a person would write it. */
  readonly written: unknown;
  readonly data: DataSpecification;
  readonly parts: readonly CasePart[];
}

/** Most rows of a part: few, and now and then more than what an engine takes at once. */
const ROWS = fc.oneof(
  { weight: 50, arbitrary: fc.constantFrom(12, 40, 40, 120) },
  { weight: 1, arbitrary: fc.constant(2_600) },
);

const flag = fc.nat({ max: 9 });

const itemsOf = (columns: readonly RawColumn[], most: number): fc.Arbitrary<readonly Item[]> => {
  const row = fc
    .tuple(...columns.map(({ column, blanks }) => fc.tuple(cellsOf(column, blanks), flag)))
    .map((cells): Item => ({ kind: 'row', cells: cells as [string, number][] }));
  return fc.array(
    fc.oneof(
      { weight: 40, arbitrary: row },
      { weight: 5, arbitrary: fc.nat({ max: 1000 }).map((of): Item => ({ kind: 'again', of })) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<Item>({ kind: 'torn', wide: true }, { kind: 'torn', wide: false }),
      },
      { weight: 1, arbitrary: fc.constantFrom<Item>({ kind: 'broken' }, { kind: 'blank' }) },
    ),
    { minLength: 1, maxLength: most, size: 'max' },
  );
};

const styleOf = (kinds: readonly PartStyle['kind'][], delimiters: readonly string[], columns: number) =>
  fc.record<PartStyle>({
    kind: fc.constantFrom(...kinds),
    delimiter: fc.constantFrom(...delimiters),
    order: fc.shuffledSubarray(
      Array.from({ length: columns }, (_, at) => at),
      { minLength: columns },
    ),
    extras: fc.array(fc.constantFrom('extra', 'other', 'other', ''), { maxLength: 2 }),
    mark: fc.boolean(),
    carriage: fc.boolean(),
    lastNewline: fc.boolean(),
    unclosed: fc.nat({ max: 9 }).map((chance) => chance === 9),
    packed: fc.oneof(
      { weight: 6, arbitrary: fc.constant('no' as const) },
      { weight: 1, arbitrary: fc.constantFrom('gzip' as const, 'zstd' as const) },
    ),
  });

const readings = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constant({ keys: {}, kinds: ['csv', 'csv', 'jsonl'], delimiters: [',', ';', '\t', '|'] }),
  },
  { weight: 1, arbitrary: fc.constant({ keys: { format: 'tsv' }, kinds: ['csv'], delimiters: ['\t'] }) },
  { weight: 1, arbitrary: fc.constant({ keys: { format: 'jsonl' }, kinds: ['jsonl'], delimiters: [','] }) },
  {
    weight: 1,
    arbitrary: fc.constant({ keys: { format: 'csv', delimiter: '~' }, kinds: ['csv'], delimiters: ['~'] }),
  },
);

export const cases: fc.Arbitrary<Case> = fc
  .tuple(specifications, readings, ROWS)
  .chain(([keys, { keys: reading, kinds, delimiters }, most]) => {
    const written = { ...keys, ...reading };
    const data = dataOf(written);
    const { columns } = layOut(data);
    const part = fc.record({
      style: styleOf(kinds as readonly PartStyle['kind'][], delimiters, columns.length),
      items: itemsOf(columns, most),
      fresh: fc.boolean(),
    });
    return fc.array(part, { minLength: 1, maxLength: 3 }).map(
      (parts): Case => ({
        written,
        data,
        parts: parts.map(({ style, items, fresh }, at) => ({
          key: `incoming/sample/part-${at}`,
          fresh: fresh || at === parts.length - 1,
          ...writePart(
            columns.map(({ name }) => name),
            items,
            style,
          ),
        })),
      }),
    );
  });
