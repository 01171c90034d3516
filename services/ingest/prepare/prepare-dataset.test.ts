import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Rule } from '../../../shared/preparation/row-problem.ts';
import {
  column,
  csv,
  dataSpecification,
  linesOf,
  part,
  prepare,
  sidesOf,
} from './prepare-dataset.fixture.ts';

const HEADER = 'y,a,b';
const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => [at % 2, from + at, (from + at) / 8]);

describe('prepareDataset, given rows that go to DuckDB a few at a time', () => {
  const data = dataSpecification({
    columns: [
      column('y', { type: 'text', canonical: { no: ['n'], yes: ['y'] }, unknown: 'quarantine' }),
      column('a', { outliers: { method: 'iqr', factor: 1.5, then: 'quarantine' } }),
      column('note', { type: 'text', missing: 'allow', encode: { hash: 4 } }),
      column('b', { missing: 'mean' }),
    ],
    derive: [{ name: 'c', formula: 'a / b' }],
    features: ['a', 'note', 'b', 'c'],
    format: 'auto',
  });
  /** Cells of every class, each kind in a stretch of its own, so that no two files of cells are alike. */
  const rows = [
    ...Array.from({ length: 40 }, (_, at) => ['y', at, 'plain', at + 1]),
    ...Array.from({ length: 40 }, (_, at) => ['No', `+${at}.5`, '"two\nlines"', '']),
    ...Array.from({ length: 40 }, (_, at) => ['yes', at / 3, '" café, "', `${at}e-1`]),
    ['y', 1e6, 'far', 3],
    ['maybe', 1, 'x', 2],
    ['y', '1_0', 'x', 2],
    ['y', 1, 'bell\u0007', 2],
    ['n', 3, '\u00a0', 0],
    ['y', 'torn'],
    ...Array.from({ length: 40 }, (_, at) => ['y', at, 'plain', at + 1]),
    ['n', -1e6, 'far', 4],
  ];
  const parts = [
    part('a.csv', csv('y,a,note,b', rows)),
    part('b.jsonl', '{"y":"no","a":7,"note":{"not":"a cell"},"b":1}\n{"y":"no","a":8,"b":null}\n'),
    part('c.csv', csv('y,a,note,b', rows.slice(100).reverse())),
  ];

  it('makes the same files, wherever a file of cells ends', async () => {
    const { prepared, files } = await prepare(data, parts);
    expect(prepared).toMatchObject({ kind: 'prepared', result: { duplicates: 103 } });
    const rules = new Set(linesOf(files['quarantine.jsonl']).map((line) => JSON.parse(line).rule));
    expect([...rules].sort()).toEqual([
      'control-character',
      'duplicate',
      'not-a-cell',
      'not-a-number',
      'not-finite',
      'outlier',
      'torn-line',
      'unknown-value',
    ]);
    for (const cellFileBytes of [1, 700, 5000])
      expect((await prepare(data, parts, { limits: { cellFileBytes } })).files).toEqual(files);
  });
});

describe('prepareDataset, given clean rows', () => {
  it('writes every file a training job, the gate and monitoring read', async () => {
    const outcome = await prepare(dataSpecification(), [
      part(
        'a.csv',
        csv('b,y,extra,a', [[0.5, 1, 'x', 7], ...numbered(300).map(([y, a, b]) => [b!, y!, 'x', a!])]),
      ),
    ]);
    const { prepared, files } = outcome;
    if (prepared.kind !== 'prepared') throw new Error(prepared.reason);
    const { rows, features, parts } = prepared.result;
    expect(features).toEqual(['a', 'b']);
    expect(Object.keys(files)).toEqual([
      'columns.json',
      'constraints.json',
      'fitted.json',
      'parquet/test.parquet',
      'parquet/train.parquet',
      'parquet/validation.parquet',
      'quarantine.jsonl',
      'reference.json',
      'result.json',
      'statistics.json',
      'test/features.csv',
      'test/labels.csv',
      'test/records.csv',
      'train/data.csv',
      'validation/data.csv',
    ]);
    expect(linesOf(files['train/data.csv'])).toHaveLength(rows.train);
    expect(linesOf(files['test/labels.csv'])).toHaveLength(rows.test);
    expect(rows.train + rows.validation + rows.test).toBe(301);
    expect(sidesOf(outcome).has('1,7,0.5')).toBe(true);
    expect(parts).toMatchObject([
      { key: 'a.csv', rows: 301, quarantined: 0, ignored: ['extra'], format: 'csv' },
    ]);
    expect(JSON.parse(files['columns.json']!)).toEqual({ target: 'y', features: ['a', 'b'] });
    expect(JSON.parse(files['reference.json']!)).toMatchObject({
      formatVersion: 1,
      rows: rows.train,
      columns: [{ name: 'a' }, { name: 'b' }],
    });
    expect(
      JSON.parse(files['statistics.json']!).features.map((feature: { name: string }) => feature.name),
    ).toEqual(['y', 'a', 'b']);
  });

  it('gives the same bytes whatever the order of parts, and whichever of them are fresh', async () => {
    const parts = [
      part('1.csv', csv(HEADER, numbered(60))),
      part('2.csv', csv(HEADER, numbered(60, 40))),
      part('2.csv', csv(HEADER, numbered(30, 90)), { versionId: 'v2' }),
    ];
    const first = await prepare(dataSpecification(), parts);
    const shuffled = fc.shuffledSubarray(parts, { minLength: 3, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(shuffled, fc.boolean(), async (order, fresh) => {
        const again = await prepare(
          dataSpecification(),
          order.map((source) => ({ ...source, fresh })),
        );
        // The result alone counts what is fresh.
        const { 'result.json': _, ...files } = again.files;
        expect(first.files).toMatchObject(files);
      }),
      { numRuns: 10 },
    );
  });

  it('combines, encodes and canonicalises columns as declared', async () => {
    const data = dataSpecification({
      columns: [
        column('y'),
        column('country', {
          type: 'text',
          canonical: { 'United States': ['US', 'u.s.'], Canada: ['CA'] },
          encode: 'one-hot',
        }),
        column('size', {
          type: 'text',
          canonical: { small: ['s'], large: ['l'] },
          encode: 'ordinal',
          missing: 'allow',
        }),
        column('t'),
        column('h', { missing: { constant: 50 } }),
      ],
      derive: [{ name: 'th', formula: 't * h / 100' }],
      features: ['th', 'country', 'size'],
    });
    const rows = [
      ['1', 'US', 'S', 20, 50],
      ['0', ' u.s. ', 'large', 10, ''],
      ['1', 'Canada', '', 30, 100],
      ['0', 'Peru', 's', 1, 1],
    ];
    const outcome = await prepare({ ...data, split: { test: 0.01, validation: 0.5 } }, [
      part(
        'c.csv',
        csv('y,country,size,t,h', [
          ...rows,
          ...Array.from({ length: 400 }, (_, at) => [0, 'US', 's', at, 3]),
        ]),
      ),
    ]);
    expect(outcome.prepared).toMatchObject({
      kind: 'prepared',
      result: { features: ['th', 'country=United States', 'country=Canada', 'size'] },
    });
    const found = sidesOf(outcome);
    expect(['1,10,1,0,0', '0,5,1,0,1', '1,30,0,1,', '0,0.01,0,0,0'].map((line) => found.has(line))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });
});

describe('the split', () => {
  const rows = fc.uniqueArray(
    fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })),
    { minLength: 40, maxLength: 80, selector: String },
  );

  it('never looks at the label', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (features) => {
        const sides = async (label: number) => {
          const outcome = await prepare(dataSpecification({ split: { test: 0.4, validation: 0.2 } }), [
            part(
              'a.csv',
              csv(
                HEADER,
                features.map((row) => [label, ...row]),
              ),
            ),
          ]);
          return [...sidesOf(outcome)]
            .map(([line, side]) => `${line.slice(line.indexOf(','))} ${side}`)
            .sort();
        };
        expect(await sides(1)).toEqual(await sides(0));
      }),
      { numRuns: 15 },
    );
  });

  it('keeps a row on its side when other rows and parts come or go', async () => {
    const some = await prepare(dataSpecification(), [part('b.csv', csv(HEADER, numbered(100)))]);
    const more = await prepare(dataSpecification(), [
      part('b.csv', csv(HEADER, numbered(150))),
      part('a.csv', csv(HEADER, numbered(100, 500))),
    ]);
    const later = sidesOf(more);
    for (const [line, side] of sidesOf(some)) expect(later.get(line)).toBe(side);
  });

  it('comes near the declared shares', async () => {
    const { prepared } = await prepare(dataSpecification({ split: { test: 0.25, validation: 0.15 } }), [
      part('a.csv', csv(HEADER, numbered(4000))),
    ]);
    if (prepared.kind !== 'prepared') throw new Error(prepared.reason);
    expect(Math.abs(prepared.result.rows.test / 4000 - 0.25)).toBeLessThan(0.03);
    expect(Math.abs(prepared.result.rows.validation / 4000 - 0.15)).toBeLessThan(0.03);
  });

  it('keeps rows of one key together', async () => {
    const data = dataSpecification({
      columns: [column('y'), column('site', { type: 'text' }), column('a')],
      split: { test: 0.3, validation: 0.3, key: ['site'] },
    });
    const outcome = await prepare(data, [
      part(
        'a.csv',
        csv(
          'y,site,a',
          Array.from({ length: 600 }, (_, at) => [0, `site ${at % 30}`, at]),
        ),
      ),
    ]);
    const bySite = new Map<number, Set<string>>();
    for (const [line, side] of sidesOf(outcome)) {
      const site = Number(line.split(',')[1]) % 30;
      bySite.set(site, (bySite.get(site) ?? new Set()).add(side));
    }
    expect([...bySite.values()].map((sides) => sides.size)).toEqual(Array(30).fill(1));
    expect(new Set([...bySite.values()].flatMap((sides) => [...sides])).size).toBe(3);
  });
});

describe('duplicates', () => {
  it('are dropped, listed, and do not speak against the data', async () => {
    const rows = numbered(50);
    const data = dataSpecification({ quality: { minimumRows: 1, maximumQuarantined: 0 } });
    const once = await prepare(data, [part('a.csv', csv(HEADER, rows))]);
    const twice = await prepare(data, [
      part('a.csv', csv(HEADER, [...rows, ...rows.map(([y, a, b]) => [`${y}.0`, ` ${a}`, `${b}e0`])])),
    ]);
    expect(twice.prepared).toMatchObject({
      kind: 'prepared',
      result: { duplicates: 50, quarantined: 0, fresh: { rows: 100, quarantined: 0 } },
    });
    expect(twice.files['train/data.csv']).toBe(once.files['train/data.csv']);
    expect(twice.quarantine.slice(0, 1)).toEqual([
      { file: 'a.csv', line: 52, column: null, rule: 'duplicate', value: '' },
    ]);
  });

  it('are equal in every declared column, also in those that are no features', async () => {
    const data = dataSpecification({ columns: [column('y'), column('note', { type: 'text' }), column('a')] });
    const rows = [
      ...numbered(60).map(([y, a]) => [y!, 'n', a!]),
      [0, 'one', 3],
      [0, 'two', 3],
      [0, 'one', 3],
    ];
    const { prepared } = await prepare(data, [part('a.csv', csv('y,note,a', rows))]);
    expect(prepared).toMatchObject({ kind: 'prepared', result: { duplicates: 1 } });
  });

  it('are kept where the specification says so', async () => {
    const { prepared } = await prepare(dataSpecification({ duplicates: 'keep' }), [
      part('a.csv', csv(HEADER, [...numbered(50), ...numbered(50)])),
    ]);
    expect(prepared).toMatchObject({ kind: 'prepared', result: { duplicates: 0 } });
    if (prepared.kind === 'prepared')
      expect(prepared.result.rows.train + prepared.result.rows.validation + prepared.result.rows.test).toBe(
        100,
      );
  });
});

describe('a bad row is put aside with its reason', () => {
  const data = dataSpecification({
    columns: [
      column('y', { type: 'integer', minimum: 0, maximum: 9 }),
      column('a', { minimum: 0, maximum: 255 }),
      column('c', {
        type: 'text',
        canonical: { red: ['r'] },
        unknown: 'quarantine',
        missing: 'allow',
        encode: 'ordinal',
      }),
      column('b'),
    ],
    derive: [{ name: 'ratio', formula: 'a / b' }],
  });

  it.each<[string, Rule, string | null, string]>([
    ['seven,1,r,1', 'not-an-integer', 'y', 'seven'],
    ['1.5,1,r,1', 'not-an-integer', 'y', '1.5'],
    ['1,0x10,r,1', 'not-a-number', 'a', '0x10'],
    ['1,1_0,r,1', 'not-a-number', 'a', '1_0'],
    ['1,5.,r,1', 'not-a-number', 'a', '5.'],
    ['1,5.e1,r,1', 'not-a-number', 'a', '5.e1'],
    ['1,+-5,r,1', 'not-a-number', 'a', '+-5'],
    ['1,NaN,r,1', 'not-a-number', 'a', 'NaN'],
    ['1,inf,r,1', 'not-a-number', 'a', 'inf'],
    ['1,999,r,1', 'out-of-range', 'a', '999'],
    ['1,-4,r,1', 'out-of-range', 'a', '-4'],
    ['1,1,r,1e39', 'out-of-range', 'b', '1e39'],
    ['1,1,r,1e400', 'out-of-range', 'b', '1e400'],
    ['1,,r,1', 'missing', 'a', ''],
    [' ,1,r,1', 'missing', 'y', ''],
    ['1,1,blue,1', 'unknown-value', 'c', 'blue'],
    ['1,1,a\u0001b,1', 'control-character', 'c', 'a\u0001b'],
    ['1,1,r,0', 'not-finite', 'ratio', ''],
    ['1,1', 'torn-line', null, '1,1'],
    ['1,1,r,1,1', 'torn-line', null, '1,1,r,1,1'],
    ['1,"1"x,r,1', 'broken-quote', null, '1,"1"x,r,1'],
    ['1,1,r,"1', 'broken-quote', null, '1,1,r,"1'],
  ])('%j', async (line, rule, name, value) => {
    const good = numbered(60).map(([y, a]) => [y!, a!, 'R', 2]);
    const text = csv('y,a,c,b', [...good, [line], [1, 200, '', 2]]);
    const { prepared, quarantine } = await prepare(data, [part('a.csv', text)]);
    expect(prepared).toMatchObject({
      kind: 'prepared',
      result: { quarantined: 1, fresh: { rows: 62 }, parts: [{ rows: 62, quarantined: 1 }] },
    });
    expect(quarantine).toEqual([{ file: 'a.csv', line: 62, rule, column: name, value }]);
  });

  it('clips long values', async () => {
    const { quarantine } = await prepare(dataSpecification(), [
      part('a.csv', csv(HEADER, [...numbered(60), [1, 'x'.repeat(5000), 1]])),
    ]);
    expect(quarantine[0]?.value).toBe('x'.repeat(200));
  });
});

describe('a blank word', () => {
  const data = dataSpecification({
    format: 'auto',
    blanks: ['NA', '-1'],
    columns: [
      column('y', { type: 'integer', missing: 'drop' }),
      column('a', { missing: { constant: 7 } }),
      column('when', { type: 'date', missing: 'allow', parts: ['year'] }),
      column('c', { type: 'text', blanks: ['?', 'é'], missing: 'mode', encode: { hash: 2 } }),
      column('b', { blanks: [] }),
    ],
  });
  const header = 'y,a,when,c,b';
  const good = Array.from({ length: 90 }, (_, at) => [at % 2, at, '2024-01-01', at % 3 ? 'NA' : 'u', at / 8]);

  it('is a missing value like an empty cell, on the same side, and equal to one', async () => {
    const rows = (cells: (at: number) => readonly string[]) =>
      Array.from({ length: 40 }, (_, at) => [1, ...cells(at), 500 + at]);
    const empty = rows(() => ['', '', '']);
    const spelt = rows((at) => (at % 2 ? [' NA', '-1', 'é '] : ['-1', 'NA', '?']));
    const words = await prepare(data, [part('a.csv', csv(header, [...good, ...spelt, empty[0]!]))]);
    const blanks = await prepare(data, [part('a.csv', csv(header, [...good, ...empty, empty[0]!]))]);
    const { 'test/records.csv': records, 'result.json': result, ...files } = words.files;
    const { 'test/records.csv': _, 'result.json': other, ...expected } = blanks.files;
    expect(files).toEqual(expected);
    const told = (text: string | undefined) => ({ ...JSON.parse(text!), parts: [] });
    expect(told(result)).toEqual(told(other));
    expect(JSON.parse(result!)).toMatchObject({
      quarantined: 0,
      duplicates: 1,
      changes: [{}, { blank: 40, filled: 40 }, { blank: 40 }, { blank: 40 }, {}],
    });
    expect(records).toMatch(/\n-1,NA,\?,5\d\d\n/);
    expect(records).toMatch(/\nNA,-1,é,5\d\d\n/);
  });

  it('is told as it stood where its row goes', async () => {
    const odd = [
      ['-1', 1, '', 'u', 1],
      [1, 'na', '', 'u', 1],
      [1, 1, '', 'u', 'NA'],
    ];
    const { quarantine } = await prepare(data, [part('a.csv', csv(header, [...good, ...odd]))]);
    expect(quarantine).toEqual([
      { file: 'a.csv', line: 92, column: 'y', rule: 'missing', value: '-1', dropped: true },
      { file: 'a.csv', line: 93, column: 'a', rule: 'not-a-number', value: 'na' },
      { file: 'a.csv', line: 94, column: 'b', rule: 'not-a-number', value: 'NA' },
    ]);
  });

  it('is the text that a value of JSON becomes', async () => {
    const lines = good.map(([y, a, when, c, b]) => JSON.stringify({ y, a, when, c, b }));
    const { prepared } = await prepare(data, [
      part('a.json', [...lines, '{"y":1,"a":-1,"when":"NA","c":"?","b":-1}'].join('\n')),
    ]);
    expect(prepared).toMatchObject({
      result: { quarantined: 0, changes: [{}, { blank: 1 }, { blank: 1 }, { blank: 1 }, { blank: 0 }] },
    });
  });
});

const NO_NUMBER =
  'mend it, list "x" in "blanks" if it means that there is no value, or declare the column as "text"';

describe('a dataset is rejected with one reason', () => {
  const strict = { quality: { minimumRows: 20, maximumQuarantined: 0.2 } };
  const good = csv(HEADER, numbered(40));
  const bad = csv(
    HEADER,
    Array.from({ length: 40 }, () => ['x', 1, 2]),
  );

  it.each<[string, string | Buffer, string]>([
    ['empty file', '', 'a.csv: the file is empty; drop one that has rows'],
    ['only blank lines', '\n\n', 'a.csv: the file is empty; drop one that has rows'],
    ['header only', `${HEADER}\n`, 'a.csv: the file has a header but no rows; drop one that has rows'],
    [
      'missing columns',
      csv('y,c,d', [[1, 2, 3]]),
      'a.csv: the header lacks the columns a, b; it has y, c, d; give the file these columns, or declare those that it has',
    ],
    [
      'no header',
      csv('1,2,3', [[1, 2, 3]]),
      'a.csv: the header lacks the columns y, a, b; it has 1, 2, 3; give the file these columns, or declare those that it has',
    ],
    [
      'a declared column twice',
      csv('y,a,a,b', [[1, 2, 3, 4]]),
      'a.csv: the header has the column "a" twice; rename one of them',
    ],
    [
      'colons',
      'y:a:b\n1:2:3\n',
      'a.csv: the header lacks the columns y, a, b; it has y:a:b; give the file these columns, or declare those that it has',
    ],
    [
      'open quote in the header',
      'y,a,"b\n1,2,3\n',
      'a.csv: the header opens a quote that does not close; write the names of the columns without quotes',
    ],
    [
      'NUL bytes',
      Buffer.from([...Buffer.from('y,a,b\n1,'), 0, 10]),
      'a.csv: this is a binary file (it holds NUL bytes); text in UTF-8 was expected; save it as CSV, TSV, JSON Lines or Parquet',
    ],
    [
      'invalid UTF-8',
      Buffer.from([...Buffer.from('y,a,b\n1,'), 0xc3, 0x28, 10]),
      'a.csv: this is a binary file (it is not valid UTF-8); text in UTF-8 was expected; save it as CSV, TSV, JSON Lines or Parquet',
    ],
    [
      'UTF-8 cut at the end',
      Buffer.from([...Buffer.from('y,a,b\n1,2,'), 0xc3]),
      'a.csv: this is a binary file (it is not valid UTF-8); text in UTF-8 was expected; save it as CSV, TSV, JSON Lines or Parquet',
    ],
    [
      'torn gzip',
      gzipSync(good).subarray(0, 60),
      'a.csv: the gzip data is damaged (unexpected end of file); pack and drop the file again',
    ],
    [
      'Excel',
      Buffer.from('PK\u0003\u0004…'),
      'a.csv: this is a binary file (it looks like a zip archive or an Excel workbook); text in UTF-8 was expected; save it as CSV, TSV, JSON Lines or Parquet',
    ],
    [
      'no clean row',
      bad,
      `no row is clean; most often (40 rows) such as: y is "x", which is not a whole number; ${NO_NUMBER}`,
    ],
    [
      'too many bad rows',
      `${good}${csv(
        '',
        Array.from({ length: 20 }, () => ['x', 1, 2]),
      ).slice(1)}`,
      `20 of 60 rows (33.3 %) are quarantined, more than the allowed 20 % ("maximumQuarantined"); most often (20 rows) such as: y is "x", which is not a whole number; ${NO_NUMBER}`,
    ],
    [
      'too few rows',
      csv(HEADER, numbered(12)),
      'there are 12 clean rows, fewer than the required 20; drop more rows, or lower "minimumRows"',
    ],
  ])('%s', async (_, content, reason) => {
    const { prepared } = await prepare(dataSpecification(strict), [part('a.csv', content)]);
    expect(prepared).toEqual({
      kind: 'rejected',
      reason,
      isTooLarge: false,
      rules: expect.any(Array),
      files: ['quarantine.jsonl', 'result.json'],
    });
  });

  it('when there is no part, or nothing is left for a side', async () => {
    expect((await prepare(dataSpecification(), [])).prepared).toMatchObject({
      reason: 'there are no files to prepare; drop one',
    });
    const data = dataSpecification({
      columns: [column('y'), column('a'), column('b')],
      split: { test: 0.5, validation: 0, key: ['b'] },
    });
    const { prepared } = await prepare(data, [
      part(
        'a.csv',
        csv(
          HEADER,
          Array.from({ length: 30 }, (_, at) => [1, at, 7]),
        ),
      ),
    ]);
    expect(prepared).toMatchObject({
      kind: 'rejected',
      reason: expect.stringMatching(
        /^the split of 30 clean rows leaves none for (train|test); drop more rows, or (raise|lower) "test".* of "split"$/,
      ),
    });
  });

  it.each([
    [
      'partBytes',
      { partBytes: 100 },
      'a.csv: the file is larger than the allowed 100 bytes; drop it in parts',
    ],
    ['rows', { rows: 10 }, 'a.csv: with this file the dataset has more rows than allowed; drop less data'],
    ['columns', { columns: 2 }, 'a.csv: line 1 has more than 2 cells; leave columns out'],
    [
      'cellBytes',
      { cellBytes: 3 },
      'a.csv: line 3 has a cell of more than 3 bytes; shorten it, or look for a quote that does not close',
    ],
  ])('beyond the limit %s', async (_, limits, reason) => {
    const { prepared } = await prepare(dataSpecification(), [part('a.csv', good)], { limits });
    expect(prepared).toMatchObject({ kind: 'rejected', reason });
  });

  it('but bad rows of parts that were there before reject nothing', async () => {
    const parts = [
      part('old.csv', `${good}${bad.slice(HEADER.length + 1)}`, { fresh: false }),
      part('new.csv', csv(HEADER, numbered(40, 100))),
    ];
    const { prepared } = await prepare(dataSpecification(strict), parts);
    expect(prepared).toMatchObject({
      kind: 'prepared',
      result: { quarantined: 40, fresh: { rows: 40, quarantined: 0 } },
    });
  });

  it('and what storage throws is passed on', async () => {
    const source = { ...part('a.csv', good), open: () => Promise.reject(new Error('no such key')) };
    await expect(prepare(dataSpecification(), [source])).rejects.toThrow('no such key');
  });
});
