import { DataSchema } from '../contracts/data-schema.ts';
import { asideRows, remedyOf } from './remedy.ts';
import type { Rule } from './row-problem.ts';
import { dataOf } from './testing/data-of.ts';

const DATA = dataOf({
  columns: [
    { name: 'n', type: 'number', minimum: 0 },
    { name: 'd', type: 'date', earliest: '2020-01-01' },
    { name: 'y', type: 'integer' },
  ],
  target: 'y',
});

const RULES: readonly Rule[] = [
  'torn-line',
  'broken-quote',
  'not-json',
  'not-a-cell',
  'control-character',
  'missing',
  'not-a-number',
  'not-an-integer',
  'not-a-date',
  'out-of-range',
  'unknown-value',
  'outlier',
  'not-finite',
  'duplicate',
];

describe('what to do about a row that was put aside', () => {
  it.each(RULES)('%s: mends the data or names a key or value of the specification', (rule) => {
    const known = JSON.stringify(DataSchema);
    const remedy = remedyOf({ rule, column: 'n', value: 'n/a' }, DATA);
    expect(remedy.length).toBeGreaterThan(10);
    const named = [...remedy.matchAll(/"([^"]+)"/g)].map(([, name]) => name).filter((name) => name !== 'n/a');
    for (const name of named) expect(known).toContain(`"${name}"`);
  });

  it('speaks of bounds as the column has them', () => {
    expect(remedyOf({ rule: 'out-of-range', column: 'd', value: '1999-01-01' }, DATA)).toContain(
      '"earliest"',
    );
    expect(remedyOf({ rule: 'out-of-range', column: 'n', value: '-1' }, DATA)).toContain('"minimum"');
  });

  it('of a number that is not whole is another than of a word', () => {
    expect(remedyOf({ rule: 'not-an-integer', column: 'y', value: '1.5' }, DATA)).toMatch(/as "number"$/);
    expect(remedyOf({ rule: 'not-an-integer', column: 'y', value: 'n/a' }, DATA)).toContain(
      '"n/a" in "blanks"',
    );
  });

  it('is told of ten rules, each with its first row', () => {
    const rules = Array.from({ length: 12 }, (_, at) => ({
      rule: 'not-a-number',
      column: 'n',
      rows: 12 - at,
      example: `${at}!`,
    }));
    const told = asideRows(rules, DATA);
    expect(told).toHaveLength(10);
    expect(told[0]).toMatchObject({ rows: 12, reason: 'n is "0!", which is not a number' });
  });
});
