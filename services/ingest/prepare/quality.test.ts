import type { QualityCheck } from '../../../shared/contracts/quality-checks.ts';
import type { ColumnSummary, PreparedResult, RuleCount } from '../../../shared/preparation/result.ts';
import { dataOf } from '../../../shared/preparation/testing/data-of.ts';
import { declaredGates, standingGates } from './quality.ts';

const COLUMNS = [
  { name: 'id', type: 'integer' },
  { name: 't', type: 'text', canonical: { red: [], blue: [] } },
  { name: 'y', type: 'text', canonical: { yes: [], no: [] } },
];
const text: ColumnSummary = {
  kind: 'text',
  name: 't',
  present: 90,
  missing: 10,
  distinct: 5,
  top: ['red', 'grey', 'blue', 'gray', 'teal', 'lime'].map((value, at) => ({ value, count: 20 - at })),
};
const RESULT: PreparedResult = {
  formatVersion: 1,
  kind: 'prepared',
  engine: 'duckdb',
  parts: [],
  rows: { train: 140, validation: 20, test: 40 },
  quarantined: 0,
  dropped: 0,
  duplicates: 0,
  fresh: { rows: 200, quarantined: 0 },
  rules: [],
  features: [],
  columns: [text],
  reference: [],
  changes: [],
  correlations: { names: [], r: [] },
  nearDuplicates: 12,
  classes: [
    { value: 'yes', train: 3, validation: 0, test: 1 },
    { value: 'no', train: 137, validation: 20, test: 39 },
  ],
};

/** What a check says of a share. */
function told(check: QualityCheck, share: number | null, before?: readonly string[]) {
  const data = dataOf({ columns: COLUMNS, target: 'y', quality: { checks: [check] } });
  return declaredGates(data, { ...RESULT, shares: [share] }, before);
}

describe('a gate that rejects says what was found, what is allowed, and what to do', () => {
  it.each<[QualityCheck, number, string]>([
    [
      { check: 'completeness', column: 't', minimum: 0.99, otherwise: 'reject' },
      0.9,
      'the column "t" is present in 90 % of the rows (20 of 200 lack it), fewer than the required 99 %; fill it in where the data comes from, or lower "minimum" of the check "completeness"',
    ],
    [
      { check: 'uniqueness', columns: ['id'], minimum: 1, otherwise: 'reject' },
      0.97,
      '97 % of the rows are distinct in id (6 of 200 repeat another), fewer than the required 100 %; leave the repetitions out, as "duplicates: {key: [id]}" does, or lower "minimum" of the check "uniqueness"',
    ],
    [
      { check: 'allowed-values', column: 't', values: ['red', 'blue'], minimum: 1, otherwise: 'reject' },
      0.6,
      '60 % of the values of "t" are among the allowed ones (not "grey", 19 rows; "gray", 17 rows; "teal", 16 rows), fewer than the required 100 %; mend the others or add them to "values", or lower "minimum" of the check "allowed-values"',
    ],
    [
      { check: 'label-balance', minimum: 0.1, otherwise: 'reject' },
      0.02,
      'the rarest class, "yes", has 2 % of the rows (4 of 200), fewer than the required 10 %; drop more rows of it, or lower "minimum" of the check "label-balance"',
    ],
    [
      { check: 'near-duplicates', maximum: 0.1, otherwise: 'reject' },
      0.2,
      '20 % of the held-out rows (12 of 60) are almost training rows, more than the allowed 10 %; keep rows that belong together on one side with the "key" of "split", or raise "maximum" of the check',
    ],
  ])('%j', (check, share, sentence) => {
    expect(told(check, share)).toEqual({ rejection: sentence, warnings: [] });
    expect(told({ ...check, otherwise: 'warn' }, share)).toEqual({ warnings: [sentence] });
    expect(told(check, 'maximum' in check ? 0 : 1)).toEqual({ warnings: [] });
  });

  it('other columns than before', () => {
    const check = { check: 'schema-change', otherwise: 'reject' } as const;
    expect(told(check, null, ['old']).rejection).toBe(
      'the files have other columns than those of the last version (went: old); mend the files, or set "otherwise" of the check "schema-change" to warn where this is meant',
    );
    expect(told(check, null, [])).toEqual({ warnings: [] });
    expect(told(check, null)).toEqual({ warnings: [] });
  });
});

describe('a dataset that is not good enough', () => {
  const strict = (split: object = {}) =>
    dataOf({ columns: COLUMNS, target: 'y', quality: { minimumRows: 50, maximumQuarantined: 0.2 }, split });
  const RULES: readonly RuleCount[] = [
    { rule: 'duplicate', column: null, rows: 90, example: '' },
    { rule: 'unknown-value', column: 'y', rows: 30, example: 'maybe' },
    { rule: 'not-an-integer', column: 'id', rows: 9, example: '1.5' },
    { rule: 'torn-line', column: null, rows: 1, example: 'a,b' },
    { rule: 'missing', column: 'id', rows: 1, example: '' },
  ];
  const clean = (train: number, test: number) => ({ train, validation: 0, test });

  it('tells the three most frequent reasons, and what to do about the first', () => {
    const given = { rows: clean(100, 20), fresh: { rows: 100, quarantined: 41 }, rules: RULES, parts: [] };
    expect(standingGates(strict(), given)).toBe(
      '41 of 100 rows (41 %) are quarantined, more than the allowed 20 % ("maximumQuarantined"); most often (30 rows) such as: y is "maybe", none of the declared values; then (9 rows): id is "1.5", which is not a whole number; then (1 row): the line has another number of cells than the header; for the first: mend it, or add the spelling to "canonical"',
    );
  });

  it('says that rules are counted in all files where some were there before', () => {
    const part = { key: 'a.csv', rows: 300 } as PreparedResult['parts'][number];
    const given = {
      rows: clean(200, 40),
      fresh: { rows: 100, quarantined: 41 },
      rules: RULES,
      parts: [part],
    };
    expect(standingGates(strict(), given)).toContain('most often in the whole dataset (30 rows) such as');
  });

  it.each([
    [
      clean(100, 0),
      {},
      'the split of 100 clean rows leaves none for test; drop more rows, or raise "test" of "split"',
    ],
    [
      clean(0, 60),
      {},
      'the split of 60 clean rows leaves none for train; drop more rows, or lower "test" and "validation" of "split"',
    ],
    [
      clean(0, 60),
      { by: 'time', column: 'id' },
      'the split of 60 clean rows leaves none for train; drop more rows, or choose another "column" for "split": too many rows have the same time',
    ],
    [
      clean(1, 0),
      {},
      'there is 1 clean row, fewer than the required 50; drop more rows, or lower "minimumRows"',
    ],
  ])('%j with split %j: %s', (rows, split, sentence) => {
    expect(
      standingGates(strict(split), { rows, fresh: { rows: 0, quarantined: 0 }, rules: [], parts: [] }),
    ).toBe(sentence);
  });
});
