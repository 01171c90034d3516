/** Specifications of data, with every key of the contract. */
import fc from 'fast-check';
import { fold } from '../../shared/contracts/canonical-text.ts';
import { DATE_FORMATS, DATE_PARTS } from '../../shared/contracts/data-schema.ts';
import { formulasOver } from './arbitrary-formula.ts';

type Written = Record<string, unknown>;

export const NAMES = ['United States', 'Österreich', 'B', '7', '10'] as const;
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  'United States': ['US', 'U.S.', 'usa '],
  Österreich: ['AT', 'O\u0308sterreich, Republik'],
  B: [],
  '7': ['seven'],
  '10': ['ten  times'],
};

/** What programs write where there is no value, and what would be one. */
export const WORDS = [
  ...['NA', 'N/A', 'null', 'NULL', 'nan', '?', '-', '.', 'inf', '1_000', '1.', "it's", '"', 'a;b', '😀'],
  ...[
    '-999',
    '0',
    '2',
    '2.5',
    '1e3',
    '-0',
    '2010-05-06',
    '20100506',
    '0001-01-01',
    'other',
    'B',
    'none',
    'é',
  ],
] as const;

/** Leaves keys out that are undefined. */
const present = (column: Written): Written =>
  Object.fromEntries(Object.entries(column).filter(([, value]) => value !== undefined));

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const outside = maybe(fc.constantFrom('quarantine', 'clip', 'null'));
const indicator = maybe(fc.boolean());

const missingOf = (constant: fc.Arbitrary<number | string>, fills: readonly string[]) =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 4, arbitrary: fc.constantFrom('quarantine', 'drop', 'allow', ...fills) },
    { weight: 1, arbitrary: constant.map((value) => ({ constant: value })) },
  );

const outliers = maybe(
  fc
    .record({
      method: fc.constantFrom('iqr', 'z-score'),
      factor: maybe(fc.constantFrom(0.5, 1, 1.5, 2.25, 3)),
      then: maybe(fc.constantFrom('quarantine', 'clip', 'null')),
    })
    .map(present),
);

const shape = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constantFrom({ bucket: [0] }, { bucket: [-1.5, 0, 0.1, 3, 10] }) },
  { weight: 2, arbitrary: fc.constantFrom({ scale: 'log' }, { scale: 'standard' }, { scale: 'min-max' }) },
);

const number = fc
  .record({
    type: fc.constantFrom('number', 'integer'),
    minimum: maybe(fc.constantFrom(-5, 0)),
    maximum: maybe(fc.constantFrom(5, 12)),
    outside,
    missing: missingOf(fc.constantFrom(0, 2, 5), ['mean', 'median', 'mode']),
    indicator,
    outliers,
  })
  .chain((column) => shape.map((shaping) => present({ ...column, ...shaping })));

const date = fc
  .record({
    type: fc.constant('date'),
    formats: maybe(fc.uniqueArray(fc.constantFrom(...DATE_FORMATS), { minLength: 1, maxLength: 4 })),
    earliest: maybe(fc.constantFrom('2000-01-01', '1969-07-20T20:17Z')),
    latest: maybe(fc.constantFrom('2024-02-29', '2030-12-31 23:59:59.999')),
    outside,
    missing: missingOf(fc.constantFrom('2010-05-06', '2010-05-06T07:08:09.123456Z'), [
      'mean',
      'median',
      'mode',
    ]),
    indicator,
    parts: maybe(fc.uniqueArray(fc.constantFrom(...DATE_PARTS), { minLength: 1 })),
  })
  .map(present);

const canonical = fc
  .uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 })
  .map((names) => Object.fromEntries(names.map((name) => [name, SPELLINGS[name]])));

const named = fc
  .record({
    canonical,
    unknown: maybe(fc.constantFrom('keep', 'null', 'quarantine')),
    encode: maybe(fc.constantFrom('one-hot', 'ordinal', { hash: 1 }, { hash: 5 })),
    indicator,
    constant: fc.nat(),
  })
  .chain(({ constant, ...column }) => {
    const names = Object.keys(column.canonical);
    const spelling = fc.constantFrom(names[constant % names.length]!.toLowerCase(), names[0]!);
    return missingOf(spelling, ['mode']).map((missing) => present({ type: 'text', ...column, missing }));
  });

const free = fc
  .record({
    encode: maybe(fc.constantFrom({ hash: 2 }, { hash: 7 })),
    missing: missingOf(fc.constantFrom('none', 'e\u0301'), ['mode']),
    indicator,
  })
  .map((column) => present({ type: 'text', ...column }));

const column = fc.oneof(
  { weight: 4, arbitrary: number },
  { weight: 2, arbitrary: date },
  { weight: 2, arbitrary: named },
  { weight: 1, arbitrary: free },
);

const target = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ type: 'integer', minimum: 0, maximum: 3 } as Written) },
  {
    weight: 1,
    arbitrary: fc
      .record({ minimum: maybe(fc.constant(-4)), outside, outliers })
      .map((keys) => present({ type: 'number', ...keys })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ canonical, unknown: maybe(fc.constantFrom('null', 'quarantine')) })
      .map((keys) => present({ type: 'text', ...keys })),
  },
);

const duplicatesOf = (columns: readonly Written[]) => {
  const names = columns.map(({ name }) => String(name));
  const ordered = columns.filter(({ type }) => type !== 'text').map(({ name }) => String(name));
  const key = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 2 });
  const newest = ordered.length > 0 ? maybe(fc.constantFrom(...ordered)) : fc.constant(undefined);
  return fc.oneof(
    fc.constantFrom(undefined, 'drop', 'keep'),
    fc.record({ key, newest }).map((keys) => present(keys)),
  );
};

const splitOf = (columns: readonly Written[], targetName: string) => {
  const others = columns.filter(({ name }) => name !== targetName);
  const times = others.filter(({ type }) => type !== 'text').map(({ name }) => String(name));
  const shares = fc.record({
    test: maybe(fc.constantFrom(0.2, 0.5, 0.01)),
    validation: maybe(fc.constantFrom(0, 0.1, 0.3)),
  });
  const hash = fc.record({
    by: maybe(fc.constant('hash')),
    key: maybe(
      fc.uniqueArray(fc.constantFrom(...others.map(({ name }) => String(name))), {
        minLength: 1,
        maxLength: 2,
      }),
    ),
  });
  const time = fc.record({ by: fc.constant('time'), column: fc.constantFrom(...times) });
  const by = times.length > 0 ? fc.oneof(hash, time) : hash;
  return fc.tuple(shares, by).map(([a, b]) => present({ ...a, ...b }));
};

/** Gates that warn, so that nothing but the contract refuses a dataset. */
const checksOf = (columns: readonly Written[]) => {
  const name = fc.constantFrom(...columns.map((column) => String(column.name)));
  const checks: fc.Arbitrary<Written>[] = [
    fc.constant({ check: 'near-duplicates', maximum: 1 }),
    fc.constant({ check: 'schema-change' }),
    name.map((column) => ({ check: 'completeness', column, minimum: 0.5 })),
    fc
      .uniqueArray(name, { minLength: 1, maxLength: 3 })
      .map((list) => ({ check: 'uniqueness', columns: list, minimum: 0.5 })),
    fc
      .constantFrom(...columns)
      .chain(({ name: column, type }) =>
        fc
          .uniqueArray(fc.constantFrom<string | number>(...allowed(String(type))), { minLength: 1 })
          .map((values) => ({ check: 'allowed-values', column, values })),
      ),
  ];
  if (columns.some(({ name: of, type }) => of === 'y' && type !== 'number'))
    checks.push(fc.constant({ check: 'label-balance', minimum: 0.1 }));
  return fc.array(
    fc.oneof(...checks).map((check) => ({ ...check, otherwise: 'warn' })),
    { maxLength: 3 },
  );
};

const allowed = (type: string): readonly (string | number)[] => {
  if (type === 'text') return [...NAMES, 'us', 'other', 'é'];
  return type === 'date' ? ['2010-05-06', '2024-02-29', '2015-06-07T08:09'] : [0, 1, 2, 2.5, -1];
};

const blankWords = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.uniqueArray(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.constant([]) },
);

/** With blank words of its own where those of all columns are what it needs as a value. */
function withBlanks(column: Written, own: readonly string[] | undefined, all: readonly string[]): Written {
  const { canonical = {}, missing } = column as {
    canonical?: Readonly<Record<string, readonly string[]>>;
    missing?: { constant?: unknown } | string;
  };
  const spellings = Object.entries(canonical).flat(2).map(fold);
  const constant = typeof missing === 'object' ? String(missing.constant) : undefined;
  const isFree = (word: string) => word !== constant && !spellings.includes(fold(word));
  const words = own ?? all;
  const free = words.filter(isFree);
  return present({ ...column, blanks: free.length < words.length ? free : own });
}

/** What is known of a column before it has a name. */
const placed = (columns: readonly Written[], at: number, label: Written): readonly Written[] => {
  const all = [...columns];
  all.splice(at % (columns.length + 1), 0, { ...label, isTarget: true });
  return all;
};

/** The `data` of a specification as a person would write it: always one that `parseSpecification` accepts. */
export const specifications: fc.Arbitrary<Written> = fc
  .record({
    columns: fc.array(column, { minLength: 1, maxLength: 7 }),
    label: target,
    place: fc.nat({ max: 7 }),
    missing: fc.constantFrom('quarantine', 'drop'),
    odd: fc.boolean(),
    blanks: blankWords,
    own: fc.array(
      fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: blankWords }),
      { minLength: 9, maxLength: 9 },
    ),
  })
  .chain(({ columns, label, place, missing, odd, blanks, own }) => {
    const all = placed([...columns, { type: 'number' }], place, { ...label, missing }).map(
      ({ isTarget, ...keys }, at): Written => ({
        name: isTarget ? 'y' : odd && keys.type === 'text' ? `the "${at}", ü` : `c${at}`,
        ...withBlanks(keys, own[at], blanks ?? []),
      }),
    );
    return fc.record({
      blanks: fc.constant(blanks),
      columns: fc.constant(all),
      target: fc.constant('y'),
      derive: formulasOver(all.filter(({ name }) => name !== 'y')),
      duplicates: duplicatesOf(all),
      split: splitOf(all, 'y'),
      checks: checksOf(all),
    });
  })
  .map(({ checks, ...data }) =>
    present({
      ...data,
      // Nothing but the contract may refuse a dataset.
      quality: {
        minimumRows: 1,
        maximumQuarantined: 1,
        checks,
      },
    }),
  );
