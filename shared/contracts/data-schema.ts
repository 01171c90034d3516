/** The part of a specification that says what the data is and how it is cleaned. docs/data.md is its meaning. */
import { type Static, Type } from '@sinclair/typebox';
import { DURATION } from './duration.ts';

const closed = { additionalProperties: false } as const;
const share = (description: string, fallback: number) =>
  Type.Number({ minimum: 0, maximum: 1, default: fallback, description });
const columnName = (description: string) => Type.String({ minLength: 1, maxLength: 128, description });
const columnList = (description: string) =>
  Type.Array(columnName('A declared column'), { minItems: 1, maxItems: 1000, description });

/** One of several words. In YAML `null` without quotes is no word but nothing; where "null" is one of the words, both
 * are taken and mean the same. */
const words = <const W extends readonly string[]>(
  options: W,
  further: { readonly description: string; readonly default?: W[number] },
) =>
  Type.Unsafe<W[number]>({
    enum: (options as readonly string[]).includes('null') ? [...options, null] : [...options],
    ...further,
  });

export const DATE_FORMATS = [
  'YYYY-MM-DD',
  'YYYY/MM/DD',
  'YYYYMMDD',
  'DD/MM/YYYY',
  'MM/DD/YYYY',
  'DD.MM.YYYY',
  'DD-MM-YYYY',
  'epoch-seconds',
  'epoch-milliseconds',
] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

export const DATE_PARTS = ['year', 'month', 'day', 'weekday', 'hour', 'minute', 'day-of-year'] as const;
export type DatePart = (typeof DATE_PARTS)[number];

/** One line of text as a trimmed cell holds it. */
export const BLANK_WORD = '^(?!\\s)[^\\u0000-\\u001f]+(?<!\\s)$';
const blankWords = (description: string) =>
  Type.Optional(
    Type.Array(
      Type.String({
        pattern: BLANK_WORD,
        maxLength: 64,
        description: 'A text that means "no value", just as a cell has it: `NA`, "?", "null", "-999"',
      }),
      { maxItems: 64, description },
    ),
  );

const Missing = Type.Union(
  [
    ...(['quarantine', 'drop', 'allow', 'mean', 'median', 'mode'] as const).map((word) => Type.Literal(word)),
    Type.Object(
      {
        constant: Type.Union([Type.Number(), Type.String()], {
          description:
            'The value that fills a missing one; a date is written YYYY-MM-DD, with or without a time',
        }),
      },
      closed,
    ),
  ],
  {
    default: 'quarantine',
    description:
      'What a missing value means: its row is set aside (`quarantine`, the default) or left out (`drop`), it stays missing (`allow`), or is filled: `mean`, `median` or `mode` of the training rows, or a constant',
  },
);

const Outliers = Type.Object(
  {
    method: words(['iqr', 'z-score'], {
      description:
        '`iqr`: beyond the quartiles by `factor` times their distance; `z-score`: beyond the mean by `factor` deviations. Fitted on training rows',
    }),
    factor: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1e6,
        description: 'How far is too far; 1.5 for `iqr` and 3 for `z-score` by default',
      }),
    ),
    then: words(['quarantine', 'clip', 'null'], {
      default: 'quarantine',
      description:
        'What happens to a value beyond: its row is set aside, it becomes the bound (`clip`), or it is missing (`null`)',
    }),
  },
  { ...closed, description: 'Values that are far from the others' },
);

const bucket = Type.Optional(
  Type.Array(Type.Number(), {
    minItems: 1,
    maxItems: 1000,
    description: 'Rising edges; the model sees how many of them are at most the value',
  }),
);
const scale = Type.Optional(
  words(['log', 'standard', 'min-max'], {
    description:
      'The model sees sign(x)·log(1 + |x|), (x − mean) / deviation, or (x − minimum) / (maximum − minimum), fitted on training rows',
  }),
);

const Column = Type.Object(
  {
    name: columnName('Header name; `p{0..783}` declares 784 columns'),
    type: words(['integer', 'number', 'date', 'text'], {
      description: 'How a cell is read; a cell that cannot be read quarantines its row',
    }),
    formats: Type.Optional(
      Type.Array(words(DATE_FORMATS, { description: 'One way to write a date' }), {
        minItems: 1,
        maxItems: DATE_FORMATS.length,
        description: 'How dates are written, tried in order; `YYYY-MM-DD` by default. A time may follow',
      }),
    ),
    minimum: Type.Optional(Type.Number({ description: 'Smallest allowed number; see `outside`' })),
    maximum: Type.Optional(Type.Number({ description: 'Largest allowed number; see `outside`' })),
    earliest: Type.Optional(
      Type.String({ description: 'First allowed date, written YYYY-MM-DD, with or without a time' }),
    ),
    latest: Type.Optional(
      Type.String({ description: 'Last allowed date, written YYYY-MM-DD, with or without a time' }),
    ),
    outside: Type.Optional(
      words(['quarantine', 'clip', 'null'], {
        default: 'quarantine',
        description:
          'What a value beyond the bounds means: its row is set aside (default), it becomes the bound (`clip`), or it is missing (`null`)',
      }),
    ),
    blanks: blankWords(
      'Texts that mean "no value" in this column, in place of those of `data`; an empty list: none do',
    ),
    missing: Type.Optional(Missing),
    indicator: Type.Optional(
      Type.Boolean({
        description: 'Adds the feature `column.missing`: 1 where the value was missing, else 0',
      }),
    ),
    canonical: Type.Optional(
      Type.Record(Type.String(), Type.Array(Type.String(), { description: 'Other spellings of this name' }), {
        description: 'One spelling for many, case and blanks folded: `United States: [US, USA]`',
      }),
    ),
    unknown: Type.Optional(
      words(['keep', 'null', 'quarantine'], {
        description:
          'What a text outside `canonical` means: it is kept (default), it is missing (`null`), or its row is set aside (default of the target)',
      }),
    ),
    outliers: Type.Optional(Outliers),
    encode: Type.Optional(
      Type.Union(
        [
          Type.Literal('one-hot'),
          Type.Literal('ordinal'),
          Type.Object(
            {
              hash: Type.Integer({
                minimum: 1,
                maximum: 4096,
                description: 'How many features the texts are spread over',
              }),
            },
            closed,
          ),
        ],
        {
          description:
            'How text becomes features: `one-hot` and `ordinal` follow the order of `canonical`, `{hash: n}` takes any text',
        },
      ),
    ),
    parts: Type.Optional(
      Type.Array(words(DATE_PARTS, { description: 'One part of a date, in UTC' }), {
        minItems: 1,
        maxItems: DATE_PARTS.length,
        description: 'The features of a date column; weekday 1 is Monday',
      }),
    ),
    bucket,
    scale,
  },
  { ...closed, description: 'One column, or a family of columns' },
);

const Derived = Type.Object(
  {
    name: columnName('Name of the new column'),
    formula: Type.String({
      minLength: 1,
      maxLength: 1000,
      description:
        'Arithmetic over number and date columns: + - * / ( ), abs, ceil, exp, floor, log, max, min, pow, round, sqrt',
    }),
    bucket,
    scale,
  },
  { ...closed, description: 'A column computed from others of the same row' },
);

const Source = Type.Object(
  {
    url: Type.String({
      pattern: '^(https://[^\\s]+|s3://[^\\s/]+/(.*[^/]))$',
      maxLength: 1024,
      description: 'https:// address of a file, or s3:// address of an object',
    }),
    every: Type.String({ pattern: DURATION, description: 'How often it is looked at: `1 hour`, `7 days`' }),
    name: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
        description: 'What this source is called in the history; by default its place in the list, from 1',
      }),
    ),
  },
  { ...closed, description: 'A place that data is pulled from on a schedule' },
);

export const CHECKS = [
  'completeness',
  'uniqueness',
  'allowed-values',
  'label-balance',
  'schema-change',
  'near-duplicates',
] as const;

/** Flat, so that a wrong key gets a hint; quality-rules.ts says which keys go with which check. */
const Check = Type.Object(
  {
    check: words(CHECKS, {
      description:
        '`completeness`: share of present values · `uniqueness`: share of distinct rows · `allowed-values`: share of values in a list · `label-balance`: share of the rarest class · `schema-change`: columns that came or went since the last version · `near-duplicates`: share of held-out rows that are almost training rows',
    }),
    column: Type.Optional(columnName('The column that is looked at')),
    columns: Type.Optional(columnList('The columns that are looked at together')),
    values: Type.Optional(
      Type.Array(Type.Union([Type.Number(), Type.String()]), {
        minItems: 1,
        maxItems: 1000,
        description: 'The allowed values',
      }),
    ),
    minimum: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'Least share that passes' })),
    maximum: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'Greatest share that passes' }),
    ),
    otherwise: words(['warn', 'reject'], {
      default: 'reject',
      description: 'What a failed check does: a warning in the dataset, or the dataset is rejected (default)',
    }),
  },
  { ...closed, description: 'A gate that a dataset must pass' },
);

export const DataSchema = Type.Object(
  {
    format: words(['auto', 'csv', 'tsv', 'jsonl', 'parquet'], {
      default: 'auto',
      description: 'What the files are; `auto` (default) looks at each. gzip and zstd are unpacked',
    }),
    delimiter: Type.Optional(
      words([',', '\t', ';', '|', ':', '^', '~'], {
        description: 'Between the cells of delimited text; by default the header tells',
      }),
    ),
    seal: Type.String({
      pattern: `^(each|manifest|quiet ${DURATION.slice(1, -1)})$`,
      default: 'quiet 1 minute',
      description:
        'When dropped files become a dataset: `each` file, after `quiet <time>`, or by a `manifest`',
    }),
    mode: words(['append', 'replace'], {
      default: 'append',
      description: 'New files are added to the dataset (`append`, the default) or become it (`replace`)',
    }),
    sources: Type.Optional(
      Type.Array(Source, {
        default: [],
        maxItems: 20,
        description: 'Places that data is pulled from on a schedule, beside what is dropped',
      }),
    ),
    blanks: blankWords(
      'Texts that mean "no value", as an empty cell does, in every column without `blanks` of its own: `[NA, "?", "null"]`. Case counts. None by default',
    ),
    columns: Type.Array(Column, {
      minItems: 1,
      maxItems: 1000,
      description: 'The columns that are read; others in a file are ignored',
    }),
    derive: Type.Array(Derived, {
      default: [],
      maxItems: 200,
      description: 'Columns computed from others, in order',
    }),
    target: Type.String({
      minLength: 1,
      description:
        'The column to be predicted: numbers, or text with `canonical`, which becomes the position of its name',
    }),
    features: Type.Optional(
      Type.Array(Type.String({ minLength: 1, description: 'A declared or derived column, or a family' }), {
        minItems: 1,
        description:
          'Columns the model sees, in order; by default every number column, encoded and derived one but the target',
      }),
    ),
    duplicates: Type.Union(
      [
        Type.Literal('drop'),
        Type.Literal('keep'),
        Type.Object(
          {
            key: columnList('Rows equal in these columns are the same thing'),
            newest: Type.Optional(
              columnName('The row with the greatest value here stays; by default the last one'),
            ),
          },
          closed,
        ),
      ],
      {
        default: 'drop',
        description:
          'Rows equal in every declared column: `drop` all but the first (default) or `keep` them; or one row for each key',
      },
    ),
    split: Type.Object(
      {
        by: Type.Optional(
          words(['hash', 'time'], {
            default: 'hash',
            description:
              '`hash` (default): a row falls on the same side in every version; `time`: the latest rows are held out',
          }),
        ),
        test: share('Share held out for the gate', 0.15),
        validation: share('Share held out for the training job', 0.1),
        key: Type.Optional(columnList('By hash: rows with equal key stay together')),
        column: Type.Optional(columnName('By time: the date or number column that tells the time')),
      },
      { ...closed, default: {}, description: 'Which rows are trained on and which are held out' },
    ),
    quality: Type.Object(
      {
        minimumRows: Type.Integer({
          minimum: 1,
          default: 50,
          description: 'Fewer clean rows reject the dataset',
        }),
        maximumQuarantined: share('A larger share of quarantined rows rejects the dataset', 0.2),
        checks: Type.Optional(
          Type.Array(Check, {
            default: [],
            maxItems: 100,
            description: 'Further gates; each warns or rejects',
          }),
        ),
      },
      { ...closed, default: {}, description: 'What a dataset must be like to be trained on' },
    ),
  },
  { ...closed, description: 'What the data is and how it is cleaned' },
);

export type DataSpecification = Static<typeof DataSchema>;
