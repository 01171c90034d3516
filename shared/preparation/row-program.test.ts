import fc from 'fast-check';
import { compileCleaning } from './cleaning.ts';
import type { Fitted } from './fitted.ts';
import { clipValue, explain } from './row-problem.ts';
import { compileRecord } from './row-program.ts';
import { dataOf } from './testing/data-of.ts';

const NOTHING: Fitted = { formatVersion: 1, columns: {}, features: {} };
const label = { name: 'y', type: 'integer' };

/** The data of one column `c` beside the target. */
const one = (column: object, further: object = {}) =>
  dataOf({
    columns: [label, { name: 'c', ...column }, { name: 'd', type: 'number' }],
    target: 'y',
    ...further,
  });

/** What the cell becomes: its value or text, `undefined` for missing; or the rule that refuses it. */
function cleaned(column: object, cell: string) {
  const cleaning = compileCleaning(one(column));
  const problem = cleaning.read(['1', cell, '2']);
  if (problem) return problem;
  const { values, texts, missing } = cleaning.row;
  if (missing[1]) return undefined;
  return column && 'type' in column && column.type === 'text' ? texts[1] : values[1];
}

describe('a cell', () => {
  it.each<[text: string, value: number]>([
    ['1', 1],
    ['+3', 3],
    ['-0', 0],
    ['.5', 0.5],
    ['007', 7],
    ['1e3', 1000],
    ['1E-2', 0.01],
    ['\u00a0 4 \ufeff', 4],
    ['3.4028234663852886e38', 3.4028234663852886e38],
    ['1e-999', 0],
    ['-1e-999', 0],
  ])('%j is a number', (text, value) => {
    expect(Object.is(cleaned({ type: 'number' }, text), value)).toBe(true);
  });

  it.each<[type: string, text: string, rule: string]>([
    ['number', '5.', 'not-a-number'],
    ['number', '0x10', 'not-a-number'],
    ['number', '1_0', 'not-a-number'],
    ['number', 'NaN', 'not-a-number'],
    ['number', '1,5', 'not-a-number'],
    ['number', '- 1', 'not-a-number'],
    ['number', '٣', 'not-a-number'],
    ['number', '1e999', 'out-of-range'],
    ['number', '-3.5e38', 'out-of-range'],
    ['number', '1\u00012', 'control-character'],
    ['integer', 'x', 'not-an-integer'],
    ['integer', '1.5', 'not-an-integer'],
    ['integer', '9007199254740993', 'out-of-range'],
    ['integer', '1e999', 'out-of-range'],
    ['date', '2023-02-30', 'not-a-date'],
    ['date', '01.02.2023', 'not-a-date'],
    ['text', 'a\u0007b', 'control-character'],
    ['text', ' \t\u2003 ', 'missing'],
    ['number', '', 'missing'],
  ])('of type %s, %j is refused: %s', (type, text, rule) => {
    expect(cleaned({ type }, text)).toEqual({ rule, column: 'c', value: text.trim() });
  });

  it('of text is composed, and may hold tabs and lines', () => {
    expect(cleaned({ type: 'text' }, ' Cafe\u0301\tau\nlait ')).toBe('Café\tau\nlait');
    expect(cleaned({ type: 'integer' }, '2e2')).toBe(200);
  });

  const country = { type: 'text', canonical: { 'United States': ['US', 'U.S.'], Österreich: ['AT'] } };

  it.each([
    ['us', 'United States'],
    ['  united   STATES ', 'United States'],
    ['O\u0308STERREICH', 'Österreich'],
    ['at', 'Österreich'],
    ['Chad', 'Chad'],
  ])('%j is canonical as %s', (text, name) => {
    expect(cleaned({ ...country, unknown: 'keep' }, text)).toBe(name);
  });

  it('that no name knows goes by `unknown`', () => {
    expect(cleaned({ ...country, unknown: 'quarantine' }, 'Chad')).toMatchObject({ rule: 'unknown-value' });
    expect(cleaned({ ...country, unknown: 'null', missing: 'allow' }, 'Chad')).toBeUndefined();
    expect(cleaned({ ...country, unknown: 'null' }, 'Chad')).toMatchObject({
      rule: 'missing',
      value: 'Chad',
    });
    expect(cleaned({ ...country, unknown: 'null', missing: { constant: ' u.s.' } }, 'Chad')).toBe(
      'United States',
    );
  });

  it('that is a blank word is missing, in whatever type of column, and told as it stood', () => {
    const words = { blanks: ['NA', '?', '-999', '2020-01-01'], missing: 'allow' };
    for (const [type, cell] of [
      ['number', 'NA'],
      ['number', ' -999\u00a0'],
      ['integer', '?'],
      ['date', '2020-01-01'],
      ['date', 'NA\t'],
      ['text', 'NA'],
    ] as const)
      expect([type, cell, cleaned({ type, ...words }, cell)]).toEqual([type, cell, undefined]);
    expect(cleaned({ type: 'text', ...words }, 'na')).toBe('na');
    expect(cleaned({ type: 'number', ...words }, 'N/A')).toMatchObject({ rule: 'not-a-number' });
    expect(cleaned({ type: 'number', ...words }, '-999.0')).toBe(-999);
    expect(cleaned({ type: 'number', blanks: ['NA'], missing: { constant: 7 } }, 'NA')).toBe(7);
    expect(cleaned({ type: 'number', blanks: ['NA'] }, ' NA ')).toEqual({
      rule: 'missing',
      column: 'c',
      value: 'NA',
    });
    const unknown = { ...country, unknown: 'quarantine', blanks: ['?'], missing: 'drop' };
    expect(cleaned(unknown, '?')).toEqual({ rule: 'missing', column: 'c', value: '?', dropped: true });
    expect(cleaned(unknown, '??')).toMatchObject({ rule: 'unknown-value' });
  });

  it('is compared with the words of its column, else with those of all', () => {
    const of = (column: object) => {
      const cleaning = compileCleaning(
        one({ type: 'text', missing: 'allow', ...column }, { blanks: ['NA'] }),
      );
      cleaning.read(['1', 'NA', '2']);
      return cleaning.row.texts[1];
    };
    expect([of({}), of({ blanks: [] }), of({ blanks: ['?'] })]).toEqual(['', 'NA', 'NA']);
  });

  it('beyond the bounds goes by `outside`', () => {
    const bounded = { type: 'number', minimum: -1, maximum: 2 };
    expect(cleaned(bounded, '2')).toBe(2);
    expect(cleaned(bounded, '2.1')).toMatchObject({ rule: 'out-of-range' });
    expect(cleaned({ ...bounded, outside: 'clip' }, '2.1')).toBe(2);
    expect(cleaned({ ...bounded, outside: 'clip' }, '-7')).toBe(-1);
    expect(cleaned({ ...bounded, outside: 'clip' }, '1e39')).toMatchObject({ rule: 'out-of-range' });
    expect(cleaned({ ...bounded, outside: 'null', missing: 'drop' }, '3')).toEqual({
      rule: 'missing',
      column: 'c',
      value: '3',
      dropped: true,
    });
    const dated = { type: 'date', formats: ['DD.MM.YYYY'], latest: '2020-01-02', outside: 'clip' };
    expect(cleaned(dated, '05.01.2020')).toBe(Date.UTC(2020, 0, 2));
    expect(cleaned({ ...dated, missing: { constant: '1999-12-31' } }, '')).toBe(Date.UTC(1999, 11, 31));
  });
});

describe('a record', () => {
  const features = (column: object, cell: string, fitted: Fitted = NOTHING, further: object = {}) => {
    const answer = compileRecord(one(column, further), fitted).transform([cell, '2']);
    return answer.kind === 'features' ? [...answer.features] : answer.reason;
  };
  const columnFitted = (of: Fitted['columns'][string]): Fitted => ({ ...NOTHING, columns: { c: of } });

  it('has no target, and as many cells as there are other columns', () => {
    const engine = compileRecord(one({ type: 'number' }), NOTHING);
    expect([engine.columns, engine.features]).toEqual([
      ['c', 'd'],
      ['c', 'd'],
    ]);
    expect(engine.transform(['1'])).toMatchObject({ kind: 'problem', problem: { rule: 'torn-line' } });
    expect(engine.transform(['1', null])).toMatchObject({ reason: 'd is missing' });
  });

  it('goes through fences, as the training rows have set them', () => {
    const outliers = (then: string) => ({ type: 'number', outliers: { method: 'iqr', then } });
    const fences = columnFitted({ low: -1, high: 5 });
    expect(features(outliers('clip'), '5', fences)).toEqual([5, 2]);
    expect(features(outliers('clip'), '5.01', fences)).toEqual([5, 2]);
    expect(features(outliers('clip'), '-2', fences)).toEqual([-1, 2]);
    expect(features(outliers('quarantine'), '9', fences)).toBe(
      'c is "9", too far from the values that the model has learnt from',
    );
    expect(features(outliers('null'), '9', fences)).toBe('c is "9", which counts as missing');
    expect(
      features(
        { ...outliers('null'), missing: 'median', indicator: true },
        '9',
        columnFitted({ low: -1, high: 5, fill: 3 }),
      ),
    ).toEqual([3, 1, 2]);
    expect(features({ ...outliers('null'), missing: { constant: 7 } }, '9', fences)).toEqual([7, 2]);
    expect(features(outliers('quarantine'), '9')).toEqual([9, 2]);
  });

  it('is filled before formulas see it, and otherwise stays missing through them', () => {
    const derive = {
      derive: [
        { name: 'e', formula: 'pow(c, 0) + d' },
        { name: 'f', formula: 'e * 2' },
      ],
    };
    expect(features({ type: 'number', missing: 'mean' }, '', columnFitted({ fill: 4 }), derive)).toEqual([
      4, 2, 3, 6,
    ]);
    expect(features({ type: 'number', missing: 'allow' }, '', NOTHING, derive)).toEqual([
      Number.NaN,
      2,
      Number.NaN,
      Number.NaN,
    ]);
    expect(features({ type: 'number' }, '0', NOTHING, { derive: [{ name: 'e', formula: 'd / c' }] })).toBe(
      'the formula of e gives no finite number',
    );
  });

  it('becomes what each encoding says', () => {
    const country = { type: 'text', canonical: { A: ['a1'], B: [] }, missing: 'allow' };
    const seen = (encode: unknown, cell: string) => features({ ...country, encode }, cell);
    expect(seen('one-hot', 'b')).toEqual([0, 1, 2]);
    expect(seen('one-hot', 'C')).toEqual([0, 0, 2]);
    expect(seen('ordinal', 'B')).toEqual([1, 2]);
    expect(seen('ordinal', 'C')).toEqual([Number.NaN, 2]);
    // md5('A') begins with 7fc56270.
    expect(seen({ hash: 3 }, 'a1')).toEqual([...[0, 1, 2].map((slot) => Number(0x7fc56270 % 3 === slot)), 2]);
    expect(seen({ hash: 3 }, '')).toEqual([0, 0, 0, 2]);
  });

  it('becomes buckets, scales and parts', () => {
    expect(features({ type: 'number', bucket: [0, 1] }, '1')).toEqual([2, 2]);
    expect(features({ type: 'number', bucket: [0, 1], missing: 'allow' }, '')).toEqual([Number.NaN, 2]);
    expect(features({ type: 'number', scale: 'log' }, '-3')).toEqual([-Math.log(4), 2]);
    const scaled = (of: Fitted['features'][string]) => ({ ...NOTHING, features: { c: of } });
    expect(features({ type: 'number', scale: 'standard' }, '7', scaled({ mean: 1, deviation: 3 }))).toEqual([
      2, 2,
    ]);
    expect(features({ type: 'number', scale: 'standard' }, '7', scaled({ mean: 1, deviation: 0 }))).toEqual([
      0, 2,
    ]);
    expect(features({ type: 'number', scale: 'min-max' }, '7', scaled({ minimum: 1, maximum: 5 }))).toEqual([
      1.5, 2,
    ]);
    expect(() => features({ type: 'number', scale: 'min-max' }, '7')).toThrow(
      'nothing was fitted for the feature "c"',
    );
    const parts = ['year', 'month', 'day', 'weekday', 'hour', 'minute', 'day-of-year'];
    expect(features({ type: 'date', parts }, '2024-12-31T23:59')).toEqual([2024, 12, 31, 2, 23, 59, 366, 2]);
    expect(features({ type: 'date', parts }, '1969-12-28 00:01:30')).toEqual([1969, 12, 28, 7, 0, 1, 362, 2]);
    expect(features({ type: 'date', parts: ['year', 'day-of-year'] }, '0001-01-01')).toEqual([1, 1, 2]);
  });

  it('is observed before fences and fills', () => {
    const data = dataOf({
      columns: [
        { name: 'c', type: 'number', missing: 'mean', outliers: { method: 'iqr' } },
        { name: 'note', type: 'text' },
        { name: 'class', type: 'text', canonical: { A: [], B: [] }, encode: 'ordinal' },
        label,
      ],
      target: 'y',
    });
    const engine = compileRecord(data, { ...NOTHING, columns: { c: { low: 0, high: 1, fill: 3 } } });
    expect(engine.observed).toEqual(['c', 'class']);
    expect(engine.observe(['99', 'x', 'b'])).toMatchObject({ values: new Float64Array([99, 1]) });
    expect(engine.observe(['', 'x', 'other'])).toMatchObject({
      values: new Float64Array([Number.NaN, Number.NaN]),
    });
    expect(engine.observe(['x', 'x', 'b'])).toMatchObject({
      kind: 'problem',
      reason: 'c is "x", which is not a number',
    });
  });

  it('does not hang on the records before it', () => {
    const data = dataOf({
      columns: [
        label,
        {
          name: 'n',
          type: 'number',
          missing: 'allow',
          indicator: true,
          outliers: { method: 'iqr', then: 'null' },
        },
        {
          name: 't',
          type: 'text',
          canonical: { A: ['x'], B: [] },
          missing: 'mode',
          encode: { hash: 2 },
          indicator: true,
        },
        { name: 'd', type: 'date', missing: 'drop', parts: ['day'] },
      ],
      derive: [{ name: 'r', formula: 'n / 2' }],
      target: 'y',
    });
    const fitted: Fitted = { ...NOTHING, columns: { n: { low: 0, high: 9 }, t: { fill: 'B' } } };
    const cells = fc.tuple(
      fc.constantFrom('', '1', '50', 'x'),
      fc.constantFrom('', 'x', 'a', 'c', '\u0002'),
      fc.constantFrom('', '2024-01-02', 'never'),
    );
    fc.assert(
      fc.property(fc.array(cells, { minLength: 2, maxLength: 8 }), (rows) => {
        const used = compileRecord(data, fitted);
        for (const row of rows) {
          const answer = used.transform(row);
          const fresh = compileRecord(data, fitted).transform(row);
          expect(answer).toEqual(fresh);
        }
      }),
    );
  });
});

describe('explain', () => {
  const data = one({ type: 'date', formats: ['DD.MM.YYYY', 'YYYYMMDD'], earliest: '2020-01-01' });

  it.each([
    [
      { rule: 'not-a-date', column: 'c', value: '1.2.2020' },
      'c is "1.2.2020", which is no date written DD.MM.YYYY or YYYYMMDD',
    ],
    [
      { rule: 'out-of-range', column: 'c', value: '31.12.2019' },
      'c is "31.12.2019", before the earliest allowed 2020-01-01',
    ],
    [{ rule: 'out-of-range', column: 'd', value: '1e39' }, 'd is "1e39", beyond what a model can read'],
    [
      { rule: 'torn-line', column: null, value: 'a,b' },
      'the line has another number of cells than the header',
    ],
    [
      { rule: 'unknown-value', column: 'c', value: 'x'.repeat(99) },
      `c is "${'x'.repeat(59)}…", none of the declared values`,
    ],
  ] as const)('%j', (problem, sentence) => {
    expect(explain(problem, data)).toBe(sentence);
  });

  it('never cuts a character in two', () => {
    expect(clipValue('😀'.repeat(300))).toBe('😀'.repeat(200));
    expect(clipValue('a'.repeat(201))).toBe('a'.repeat(200));
    expect(clipValue('😀'.repeat(150))).toBe('😀'.repeat(150));
  });
});
