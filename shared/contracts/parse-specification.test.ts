import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { layOut } from './data-layout.ts';
import { parseSpecification, preparationDigest } from './parse-specification.ts';
import { qualityChecks } from './quality-checks.ts';

const BASE = `name: icing
data:
  columns:
    - { name: y, type: integer, minimum: 0, maximum: 1 }
    - { name: temperature, type: number }
    - { name: humidity, type: number }
    - name: country
      type: text
      canonical: { Canada: [CA], Norway: [NOR] }
      encode: one-hot
    - { name: note, type: text }
  derive:
    - { name: joined, formula: temperature * humidity }
  target: y
  split: { test: 0.2, validation: 0.1 }
train:
  image: xgboost
evaluate:
  metric: accuracy
  prediction: label
  required: 0.8
`;

/** BASE with one text replaced. */
function changed(from: string, to: string): string {
  expect(BASE).toContain(from);
  return BASE.replace(from, to);
}

function problemsOf(text: string) {
  const parsed = parseSpecification(text);
  return parsed.kind === 'invalid' ? parsed.problems : [];
}

function specificationOf(text: string) {
  const parsed = parseSpecification(text);
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems));
  return parsed.specification;
}

describe('parseSpecification', () => {
  it('reads YAML and fills in every default', () => {
    const specification = specificationOf(BASE);
    expect(specification.data).toMatchObject({ seal: 'quiet 1 minute', mode: 'append', duplicates: 'drop' });
    expect(specification.deploy.canary.weights).toEqual([0.1]);
    expect(specification.monitor.retrain.coolDown).toBe('6 hours');
    expect(layOut(specification.data).features.map(({ name }) => name)).toEqual([
      'temperature',
      'humidity',
      'country=Canada',
      'country=Norway',
      'joined',
    ]);
  });

  it('reads the same from JSON, and again from what it answered', () => {
    const specification = specificationOf(BASE);
    expect(specificationOf(JSON.stringify(specification, null, '\t'))).toEqual(specification);
    expect(specificationOf(stringify(specification))).toEqual(specification);
  });

  it.each(['digits', 'deicing'])('accepts the example %s', (name) => {
    const file = join(import.meta.dirname, '../../examples', name, 'pipeline.yml');
    expect(specificationOf(readFileSync(file, 'utf8')).name).toBe(name);
  });

  it.each<[what: string, text: string, line: number, column: number, path: string, message: string]>([
    [
      'an unknown key',
      changed('target:', 'targt:'),
      14,
      3,
      '/data/targt',
      'unknown key "targt" (did you mean "target"?)',
    ],
    ['a key that no other is like', `${BASE}zebra: 1\n`, 22, 1, '/zebra', 'unknown key "zebra"'],
    [
      'a missing key',
      changed('  metric: accuracy\n', ''),
      18,
      1,
      '/evaluate',
      'the key "metric" is missing: one of "accuracy", "log-loss", "rmse", "mae"',
    ],
    [
      'none of the words',
      changed('metric: accuracy', 'metric: acuracy'),
      19,
      11,
      '/evaluate/metric',
      'expected one of "accuracy", "log-loss", "rmse", "mae", found "acuracy" (did you mean "accuracy"?)',
    ],
    [
      'a type as other programs call it',
      changed('type: number }', 'type: float }'),
      5,
      34,
      '/data/columns/1/type',
      'expected one of "integer", "number", "date", "text", found "float" (here that is "number")',
    ],
    [
      'a value that YAML reads as none of the text that was meant',
      changed('type: number }', 'type: text, canonical: { Yes: [true] } }'),
      5,
      59,
      '/data/columns/1/canonical/Yes/0',
      'expected text, found true; in quotes it is text',
    ],
    [
      'a container that nobody has',
      changed('image: xgboost', 'image: xgbost'),
      17,
      10,
      '/train/image',
      'expected one of our containers ("digits", "xgboost") or the URI of an image in ECR, <account>.dkr.ecr.<region>.amazonaws.com/<name>:<tag>, found "xgbost" (did you mean "xgboost"?)',
    ],
    [
      'a wrong form',
      changed('type: number }', 'type: number, missing: { const: 1 } }'),
      5,
      51,
      '/data/columns/1/missing',
      'expected "quarantine" or "drop" or "allow" or "mean" or "median" or "mode" or a mapping with "constant", found a mapping',
    ],
    [
      'a wrong type',
      changed('test: 0.2', 'test: some'),
      15,
      18,
      '/data/split/test',
      'expected a number from 0 to 1, found "some"',
    ],
    [
      'out of range',
      changed('test: 0.2', 'test: 2'),
      15,
      18,
      '/data/split/test',
      'expected a number from 0 to 1, found 2',
    ],
    [
      'nothing',
      changed('image: xgboost', 'image:'),
      17,
      9,
      '/train/image',
      'expected text of 1 to 255 characters, found nothing',
    ],
    [
      'a bad name',
      changed('name: icing', 'name: Icing'),
      1,
      7,
      '/name',
      'expected at most 28 lower-case letters, digits and single dashes, a letter first, found "Icing"',
    ],
    [
      'a bad time',
      changed('image: xgboost', 'image: xgboost\n  maximumRuntime: 1h'),
      18,
      19,
      '/train/maximumRuntime',
      'expected a duration such as "30 seconds", "10 minutes" or "2 hours", found "1h"',
    ],
    [
      'a bad seal',
      changed('  target: y', '  target: y\n  seal: quiet'),
      15,
      9,
      '/data/seal',
      'expected "each", "manifest" or "quiet <time>" such as "quiet 1 minute", found "quiet"',
    ],
    [
      'a bad hyperparameter',
      changed('image: xgboost', 'image: xgboost\n  hyperparameters: { eta: [1] }'),
      18,
      27,
      '/train/hyperparameters/eta',
      'expected text or a number or true or false, found a list of 1',
    ],
    [
      'a list',
      '- 1\n- 2\n',
      1,
      1,
      '',
      'expected a mapping with "name", "data", "train", "evaluate", found a list of 2',
    ],
    ['no text', '', 1, 1, '', 'expected a pipeline specification, found nothing'],
    ['a duplicate key', `${BASE}name: other\n`, 22, 1, '', 'this key stands here twice'],
    ['two documents', `${BASE}---\nname: b\n`, 1, 1, '', 'expected one document, found a second after "---"'],
    ['broken YAML', 'name: "icing\n', 1, 7, '', 'not readable as YAML or JSON: Missing closing "quote'],
    ['deep nesting', '['.repeat(20_000), 1, 1, '', 'the text nests too deeply'],
  ])('tells of %s', (_, text, line, column, path, message) => {
    const problems = problemsOf(text);
    if (path !== '') expect(problems).toEqual([{ line, column, path, message }]);
    else expect(problems.map((problem) => problem.message)).toContain(message);
    if (line > 1) expect(problems[0]).toMatchObject({ line, column });
  });

  it.each<[what: string, text: string, path: string, message: string]>([
    [
      'an unknown target',
      changed('target: y', 'target: humidty'),
      '/data/target',
      'expected a declared column, found "humidty" (did you mean "humidity"?)',
    ],
    [
      'a text target',
      changed('target: y', 'target: note'),
      '/data/target',
      'the text column "note" needs "canonical", its classes, to be the target',
    ],
    [
      'a target that may be missing',
      changed('type: integer,', 'type: integer, missing: allow,'),
      '/data/target',
      'the target "y" must be there in every row: leave "missing" at "quarantine", or "drop"',
    ],
    [
      'a column twice',
      changed('name: note, type: text', 'name: humidity, type: number'),
      '/data/columns/4/name',
      'the column "humidity" is declared twice',
    ],
    [
      'a column twice by a family',
      changed('name: note, type: text', 'name: "p{0..9}", type: number }\n    - { name: p7, type: number'),
      '/data/columns/5/name',
      'the column "p7" is declared twice',
    ],
    [
      'a family that counts down',
      changed('name: note', 'name: "p{9..0}"'),
      '/data/columns/4/name',
      'expected a family that counts up: "p{9..0}" must count up, over at most 10000 columns',
    ],
    [
      'too many columns',
      changed('name: note', 'name: "p{0..9998}"'),
      '/data/columns/4/name',
      'expected at most 10000 columns in all',
    ],
    [
      'an unknown feature',
      changed('target: y', 'target: y\n  features: [humidity, temprature]'),
      '/data/features/1',
      'expected a declared column, found "temprature" (did you mean "temperature"?)',
    ],
    [
      'a feature twice',
      changed('target: y', 'target: y\n  features: [humidity, joined, humidity]'),
      '/data/features/2',
      'the feature "humidity" stands here twice',
    ],
    [
      'the target as a feature',
      changed('target: y', 'target: y\n  features: [y]'),
      '/data/features/0',
      'the target "y" cannot be a feature',
    ],
    [
      'plain text as a feature',
      changed('target: y', 'target: y\n  features: [note]'),
      '/data/features/0',
      'the text column "note" needs "encode" to be a feature',
    ],
    [
      'an encoding without values',
      changed('canonical: { Canada: [CA], Norway: [NOR] }', 'canonical: {}'),
      '/data/columns/3/encode',
      '"encode" needs "canonical", the values that "country" may take',
    ],
    [
      'one spelling for two',
      changed('[NOR]', '[NOR, "ca "]'),
      '/data/columns/3/canonical/Norway',
      'the spelling "ca " already stands for "Canada"',
    ],
    [
      'bounds of text',
      changed('name: note, type: text', 'name: note, type: text, minimum: 1'),
      '/data/columns/4/minimum',
      'only number columns have "minimum"; "note" holds text',
    ],
    [
      'encoded numbers',
      changed('name: humidity, type: number', 'name: humidity, type: number, encode: ordinal'),
      '/data/columns/2/encode',
      'only text columns are encoded; "humidity" holds numbers',
    ],
    [
      'minimum above maximum',
      changed('minimum: 0, maximum: 1', 'minimum: 2, maximum: 1'),
      '/data/columns/0/minimum',
      'expected at most the maximum (1), found 2',
    ],
    [
      'a constant of the wrong type',
      changed('name: humidity, type: number', 'name: humidity, type: number, missing: { constant: low }'),
      '/data/columns/2/missing/constant',
      'expected a number, found "low"',
    ],
    [
      'a constant out of range',
      changed(
        'name: humidity, type: number',
        'name: humidity, type: number, maximum: 9, missing: { constant: 10 }',
      ),
      '/data/columns/2/missing/constant',
      'expected a number from minimum to maximum, found 10',
    ],
    [
      'a formula over text',
      changed('temperature * humidity', 'note * 2'),
      '/data/derive/0/formula',
      '"note" is no number column or earlier derived one',
    ],
    [
      'a formula over the target',
      changed('temperature * humidity', 'y * 2'),
      '/data/derive/0/formula',
      '"y" is no number column or earlier derived one',
    ],
    [
      'a formula over itself',
      changed('temperature * humidity', 'joined + 1'),
      '/data/derive/0/formula',
      '"joined" is no number column or earlier derived one',
    ],
    [
      'a derived name that is taken',
      changed('name: joined', 'name: note'),
      '/data/derive/0/name',
      'the name "note" is taken by another column',
    ],
    [
      'no held-out rows',
      changed('test: 0.2', 'test: 0'),
      '/data/split/test',
      'expected a share above 0: the gate needs held-out rows',
    ],
    [
      'no rows to train',
      changed('test: 0.2, validation: 0.1', 'test: 0.5, validation: 0.5'),
      '/data/split',
      'expected test + validation below 1, found 1',
    ],
    [
      'the label in the key',
      changed('validation: 0.1', 'validation: 0.1, key: [y]'),
      '/data/split/key/0',
      'the target cannot be part of the key: a label must not choose the side',
    ],
    [
      'an unknown key column',
      changed('validation: 0.1', 'validation: 0.1, key: [site]'),
      '/data/split/key/0',
      'expected a declared column, found "site"',
    ],
    [
      'an impossible requirement',
      changed('required: 0.8', 'required: 80'),
      '/evaluate/required',
      'expected a number from 0 to 1 for "accuracy", found 80',
    ],
    [
      'a metric that does not fit',
      changed('metric: accuracy', 'metric: log-loss'),
      '/evaluate/prediction',
      'the metric "log-loss" needs the prediction "probability", found "label"',
    ],
    [
      'weights that fall',
      `${BASE}deploy: { canary: { weights: [0.2, 0.1] } }\n`,
      '/deploy/canary/weights/1',
      'expected more than the weight before it (0.2), found 0.1',
    ],
    [
      'a canary without time',
      `${BASE}deploy: { canary: { timeout: 1 minute } }\n`,
      '/deploy/canary/timeout',
      'expected at least minimumTime (10 minutes), found 1 minute',
    ],
    [
      'a training without time',
      changed('image: xgboost', 'image: xgboost\n  maximumRuntime: 0 hours'),
      '/train/maximumRuntime',
      'expected from 1 second to 28 days, found 0 hours',
    ],
  ])('sees that keys do not go together: %s', (_, text, path, message) => {
    expect(problemsOf(text)).toMatchObject([{ path, message }]);
  });

  it('points to the place, also of what a default fills in or an alias repeats', () => {
    const text = changed('  target: y', '  target: humidty # here');
    expect(problemsOf(text)[0]).toMatchObject({ line: 14, column: 11 });
    const aliased = changed('maximum: 1 }', 'maximum: &low -1 }').replace(
      'name: temperature, type: number',
      'name: temperature, type: number, minimum: 0, maximum: *low',
    );
    expect(problemsOf(aliased)).toMatchObject([
      { path: '/data/columns/0/minimum', line: 4 },
      { path: '/data/columns/1/minimum', line: 5 },
    ]);
  });

  it('tells of all problems at once, in the order of the text', () => {
    const problems = problemsOf(
      BASE.replace('name: icing', 'name: I')
        .replace('test: 0.2', 'tst: 0.2')
        .replace('required: 0.8', 'required: high'),
    );
    expect(problems.map(({ path }) => path)).toEqual(['/name', '/data/split/tst', '/evaluate/required']);
  });

  it('refuses alias bombs and texts that are too long', () => {
    const levels = Array.from(
      { length: 12 },
      (_, at) => `l${at + 1}: &l${at + 1} [${Array(9).fill(`*l${at}`).join(', ')}]`,
    );
    expect(problemsOf(`l0: &l0 [x]\n${levels.join('\n')}\n`)[0]?.message).toMatch(
      /^cannot resolve the aliases/,
    );
    expect(problemsOf('#'.repeat(300_000))[0]?.message).toBe(
      'expected at most 256 KiB of text, found 293 KiB',
    );
    expect(problemsOf('name: *nobody\n')).toHaveLength(1);
  });

  it('answers any text, whatever it is', () => {
    const line = fc.constantFrom(
      ...BASE.split('\n'),
      '- a',
      '? b',
      '&x',
      '*x',
      '{',
      '[',
      '"',
      '<<: 1',
      '__proto__: 1',
      '!!js x',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string({ maxLength: 10 })), { maxLength: 20 }), (lines) => {
        const parsed = parseSpecification(lines.join('\n'));
        if (parsed.kind === 'ok') return;
        expect(parsed.problems.length).toBeGreaterThan(0);
        for (const { line: at, column } of parsed.problems)
          expect(Math.min(at, column)).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

/** The column "note" declared otherwise, or with further keys of `data`. */
const note = (keys: string) => changed('name: note, type: text', `name: note, ${keys}`);
const data = (keys: string) => changed('  target: y\n', `  target: y\n  ${keys}\n`);
const dated = (keys: string) => note('type: date').replace('  target: y\n', `  target: y\n  ${keys}\n`);

describe('the keys of cleaning', () => {
  const columnOf = (keys: string) => specificationOf(note(keys)).data.columns[4];

  it('are all read, and filled in where one hangs on another', () => {
    expect(columnOf('type: date')).toEqual({
      name: 'note',
      type: 'date',
      formats: ['YYYY-MM-DD'],
      outside: 'quarantine',
      missing: 'quarantine',
    });
    expect(
      columnOf(
        'type: date, formats: [DD.MM.YYYY, epoch-seconds], earliest: 2020-01-01, latest: "2020-12-31T23:59", outside: clip, missing: median, parts: [month, day-of-year], indicator: true',
      ),
    ).toMatchObject({ formats: ['DD.MM.YYYY', 'epoch-seconds'], outside: 'clip', missing: 'median' });
    expect(columnOf('type: number, outliers: { method: z-score }')).toMatchObject({
      outliers: { method: 'z-score', factor: 3, then: 'quarantine' },
    });
    expect(
      columnOf('type: number, outliers: { method: iqr, factor: 2, then: clip }, scale: log'),
    ).toMatchObject({
      outliers: { method: 'iqr', factor: 2, then: 'clip' },
    });
    expect(columnOf('type: text, canonical: { A: [], B: [b1] }, missing: mode')).toMatchObject({
      unknown: 'keep',
    });
    expect(columnOf('type: text, encode: { hash: 16 }, missing: drop')).not.toHaveProperty('unknown');
  });

  it('take null with and without quotes', () => {
    for (const word of ['null', '"null"', '~']) {
      expect(columnOf(`type: text, canonical: { A: [a1] }, unknown: ${word}`)).toMatchObject({
        unknown: 'null',
      });
      expect(
        columnOf(`type: number, maximum: 3, outside: ${word}, outliers: { method: iqr, then: ${word} }`),
      ).toMatchObject({ outside: 'null', outliers: { then: 'null' } });
    }
  });

  it('say which texts mean "no value", of all columns or of one', () => {
    const text = note('type: text, blanks: []').replace(
      '  target: y\n',
      '  target: y\n  blanks: [NA, "?", "#N/A", "null", "-999"]\n',
    );
    const { data: read } = specificationOf(text);
    expect(layOut(read).columns.map(({ blanks }) => blanks)).toEqual([
      ...Array(4).fill(['NA', '?', '#N/A', 'null', '-999']),
      [],
    ]);
    expect(layOut(specificationOf(BASE).data).columns.flatMap(({ blanks }) => blanks)).toEqual([]);
  });

  it('are the same when they are read again from what was answered', () => {
    const read = specificationOf(
      dated(
        'sources: [{ url: "https://example.org/a.csv", every: 1 hour }]\n  duplicates: { key: [country], newest: note }\n  delimiter: ";"',
      ).replace('validation: 0.1 }', 'validation: 0.1, by: time, column: note }'),
    );
    expect(specificationOf(stringify(read))).toEqual(read);
    expect(specificationOf(JSON.stringify(read))).toEqual(read);
    expect(preparationDigest(read.data)).not.toBe(preparationDigest({ ...read.data, delimiter: ',' }));
    expect(preparationDigest({ ...read.data, sources: [] })).toBe(preparationDigest(read.data));
  });

  it('let a text with canonical names be the target: classes', () => {
    const classes = changed('target: y', 'target: country')
      .replace('      encode: one-hot\n', '')
      .replace('{ name: y, type', '{ name: y, missing: mean, type');
    const { data: read } = specificationOf(classes);
    expect(read.columns[3]).toMatchObject({ unknown: 'quarantine' });
    expect(layOut(read).features.map(({ name }) => name)).toEqual(['y', 'temperature', 'humidity', 'joined']);
    expect(problemsOf(classes.replace('type: text\n', 'type: text\n      unknown: keep\n'))).toMatchObject([
      { path: '/data/target', message: expect.stringContaining('must be one of its canonical names') },
    ]);
    expect(problemsOf(changed('target: y', 'target: country'))).toMatchObject([
      { path: '/data/columns/3/encode', message: '"encode" shapes features; "country" is the target' },
    ]);
  });

  it('name the features in order', () => {
    const text = changed('type: number }', 'type: number, bucket: [0, 1.5], indicator: true }')
      .replace('name: note, type: text', 'name: when, type: date, parts: [year, weekday]')
      .replace('encode: one-hot', 'encode: { hash: 2 }\n      indicator: true');
    expect(layOut(specificationOf(text).data).features.map(({ name }) => name)).toEqual([
      'temperature',
      'temperature.missing',
      'humidity',
      'country#0',
      'country#1',
      'country.missing',
      'when.year',
      'when.weekday',
      'joined',
    ]);
  });

  it.each<[what: string, text: string, path: string, message: string]>([
    [
      'an unknown key',
      note('type: date, format: [DD.MM.YYYY]'),
      '/data/columns/4/format',
      'unknown key "format" (did you mean "formats"?)',
    ],
    [
      'a word that is none',
      note('type: number, outside: cut'),
      '/data/columns/4/outside',
      'expected one of "quarantine", "clip", "null", found "cut"',
    ],
    [
      'a date format that is none',
      note('type: date, formats: [dd.mm.yyyy]'),
      '/data/columns/4/formats/0',
      'expected one of "YYYY-MM-DD", "YYYY/MM/DD", "YYYYMMDD", "DD/MM/YYYY", "MM/DD/YYYY", "DD.MM.YYYY", "DD-MM-YYYY", "epoch-seconds", "epoch-milliseconds", found "dd.mm.yyyy" (did you mean "DD.MM.YYYY"?)',
    ],
    [
      'dates of numbers',
      note('type: number, earliest: 2020-01-01'),
      '/data/columns/4/earliest',
      'only date columns have "earliest"; "note" holds numbers',
    ],
    [
      'outliers of dates',
      note('type: date, outliers: { method: iqr }'),
      '/data/columns/4/outliers',
      'only number columns have "outliers"; "note" holds dates',
    ],
    [
      'encoded dates',
      note('type: date, encode: one-hot'),
      '/data/columns/4/encode',
      'only text columns are encoded; "note" holds dates (see "parts")',
    ],
    [
      'bounds of text',
      note('type: text, outside: clip'),
      '/data/columns/4/outside',
      'only number and date columns have "outside"; "note" holds text',
    ],
    [
      'a date that is none',
      note('type: date, earliest: 2021-02-29'),
      '/data/columns/4/earliest',
      'expected a date such as 2024-01-31, found "2021-02-29"',
    ],
    [
      'dates that run backwards',
      note('type: date, earliest: 2021-02-02, latest: 2021-02-01'),
      '/data/columns/4/earliest',
      'expected at most the latest (2021-02-01), found 2021-02-02',
    ],
    [
      'a constant that is no date',
      note('type: date, missing: { constant: 5 }'),
      '/data/columns/4/missing/constant',
      'expected a date such as 2024-01-31, found 5',
    ],
    [
      'a constant beyond the dates',
      note('type: date, latest: 2020-01-01, missing: { constant: 2020-01-02 }'),
      '/data/columns/4/missing/constant',
      'expected a date from earliest to latest, found "2020-01-02"',
    ],
    [
      'half a whole number',
      note('type: integer, missing: { constant: 0.5 }'),
      '/data/columns/4/missing/constant',
      'expected a whole number, found 0.5',
    ],
    [
      'a clipped integer with a fractional bound',
      note('type: integer, minimum: 0.5, outside: clip'),
      '/data/columns/4/minimum',
      'expected a whole number, which values of the integer column "note" can be clipped to, found 0.5',
    ],
    [
      'a clipped integer with a bound that no integer reaches',
      note('type: integer, maximum: 1e300, outside: clip'),
      '/data/columns/4/maximum',
      'expected a whole number, which values of the integer column "note" can be clipped to, found 1e+300',
    ],
    [
      'a blank word that is a number',
      data('blanks: [-999]'),
      '/data/blanks/0',
      `expected one line of text without blanks around it, of at most 64 characters, in quotes where YAML would read something else (such as "?", "null" or "-999"), found -999`,
    ],
    [
      'a blank word that is nothing',
      data('blanks: [NA, null]'),
      '/data/blanks/1',
      `expected one line of text without blanks around it, of at most 64 characters, in quotes where YAML would read something else (such as "?", "null" or "-999"), found nothing`,
    ],
    [
      'a blank word with blanks',
      data('blanks: ["NA "]'),
      '/data/blanks/0',
      `expected one line of text without blanks around it, of at most 64 characters, in quotes where YAML would read something else (such as "?", "null" or "-999"), found "NA "`,
    ],
    [
      'an empty blank word',
      data('blanks: [""]'),
      '/data/blanks/0',
      `expected one line of text without blanks around it, of at most 64 characters, in quotes where YAML would read something else (such as "?", "null" or "-999"), found ""`,
    ],
    [
      'a blank word of two lines',
      note('type: text, blanks: ["a\\nb"]'),
      '/data/columns/4/blanks/0',
      `expected one line of text without blanks around it, of at most 64 characters, in quotes where YAML would read something else (such as "?", "null" or "-999"), found "a\\nb"`,
    ],
    [
      'a blank word twice',
      note('type: text, blanks: [NA, "?", NA]'),
      '/data/columns/4/blanks/2',
      '"NA" stands here twice',
    ],
    [
      'a spelling that is blank',
      data('blanks: [Ca, NA]'),
      '/data/columns/3/canonical/Canada',
      'the spelling "CA" cannot mean "Canada": "Ca" is one of the "blanks", which mean "no value"; take it out there or here, or give this column "blanks" of its own',
    ],
    [
      'a name that is blank in its column',
      note('type: text, canonical: { None: [] }, blanks: [none]'),
      '/data/columns/4/canonical/None',
      'the spelling "None" cannot mean "None": "none" is one of the "blanks", which mean "no value"; take it out there or here',
    ],
    [
      'a constant that is blank',
      note('type: integer, blanks: ["-1"], missing: { constant: -1 }'),
      '/data/columns/4/missing/constant',
      '"-1" is one of the "blanks", which mean "no value", and cannot fill in for one; choose another, or "allow"',
    ],
    [
      'a constant beyond single precision',
      note('type: number, missing: { constant: 1e39 }'),
      '/data/columns/4/missing/constant',
      'expected a number that single precision can hold, found 1e+39',
    ],
    [
      'a blank constant',
      note('type: text, missing: { constant: " " }'),
      '/data/columns/4/missing/constant',
      'expected text that is not blank; "allow" leaves it missing',
    ],
    [
      'a constant outside the names',
      note('type: text, canonical: { A: [] }, unknown: null, missing: { constant: B }'),
      '/data/columns/4/missing/constant',
      'expected one of the canonical names, found "B"',
    ],
    [
      'the mean of text',
      note('type: text, missing: mean'),
      '/data/columns/4/missing',
      'text has no mean; "note" can be filled by "mode"',
    ],
    [
      'unknown without names',
      note('type: text, unknown: quarantine'),
      '/data/columns/4/unknown',
      '"unknown" needs "canonical", the values that "note" may take',
    ],
    [
      'edges that fall',
      note('type: number, bucket: [1, 3, 2]'),
      '/data/columns/4/bucket/2',
      'expected more than the edge before it (3), found 2',
    ],
    [
      'bucket and scale',
      note('type: number, bucket: [1], scale: log'),
      '/data/columns/4/scale',
      '"bucket" and "scale" exclude each other',
    ],
    [
      'bucket and scale of what is derived',
      changed('formula: temperature * humidity', 'formula: temperature * humidity, bucket: [1], scale: log'),
      '/data/derive/0/scale',
      '"bucket" and "scale" exclude each other',
    ],
    [
      'a part twice',
      note('type: date, parts: [year, month, year]'),
      '/data/columns/4/parts/2',
      '"year" stands here twice',
    ],
    [
      'a date without parts as a feature',
      dated('features: [note]'),
      '/data/features/0',
      'the date column "note" needs "parts" to be a feature',
    ],
    [
      'a date as the target',
      note('type: date').replace('target: y', 'target: note'),
      '/data/target',
      'expected a number or text column, found the date column "note"',
    ],
    [
      'a shaped target',
      changed('type: integer,', 'type: integer, scale: log,'),
      '/data/columns/0/scale',
      '"scale" shapes features; "y" is the target',
    ],
    [
      'an unknown key of duplicates',
      data('duplicates: { key: [contry] }'),
      '/data/duplicates/key/0',
      'expected a declared column, found "contry" (did you mean "country"?)',
    ],
    [
      'the newest text',
      data('duplicates: { key: [country], newest: note }'),
      '/data/duplicates/newest',
      'expected a date or number column, found the text column "note"',
    ],
    [
      'a time without column',
      changed('validation: 0.1', 'validation: 0.1, by: time'),
      '/data/split',
      'a split by time needs "column", the date or number column that tells the time',
    ],
    [
      'a time of text',
      changed('validation: 0.1', 'validation: 0.1, by: time, column: note'),
      '/data/split/column',
      'expected a date or number column, found the text column "note"',
    ],
    [
      'the label as the time',
      changed('validation: 0.1', 'validation: 0.1, by: time, column: y'),
      '/data/split/column',
      'the target cannot be the time: a label must not choose the side',
    ],
    [
      'a key by time',
      changed('validation: 0.1', 'validation: 0.1, by: time, key: [note]'),
      '/data/split/key',
      '"key" goes with "by: hash"; by time it is "column"',
    ],
    [
      'a column by hash',
      changed('validation: 0.1', 'validation: 0.1, column: note'),
      '/data/split/column',
      '"column" goes with "by: time"; by hash it is "key"',
    ],
    [
      'a delimiter of JSON',
      data('format: jsonl\n  delimiter: ";"'),
      '/data/delimiter',
      '"delimiter" goes with "format: csv", found "jsonl"',
    ],
    [
      'a delimiter that is none',
      data('delimiter: ab'),
      '/data/delimiter',
      'expected one of ",", "\\t", ";", "|", ":", "^", "~", found "ab"',
    ],
    [
      'a source without encryption',
      data('sources: [{ url: "http://example.org/a", every: 1 day }]'),
      '/data/sources/0/url',
      'expected the address of a file, https://… or s3://<bucket>/<key>, found "http://example.org/a"',
    ],
    [
      'a source too often',
      data('sources: [{ url: "s3://bucket/a", every: 5 seconds }]'),
      '/data/sources/0/every',
      'expected at least 1 minute, found 5 seconds',
    ],
    [
      'a folder as a source',
      data('sources: [{ url: "s3://bucket/a/", every: 1 day }]'),
      '/data/sources/0/url',
      'expected the address of a file, https://… or s3://<bucket>/<key>, found "s3://bucket/a/"',
    ],
    [
      'sources that bring no manifest',
      data('seal: manifest\n  sources: [{ url: "s3://bucket/a", every: 1 day }]'),
      '/data/sources',
      'sources bring no manifest: seal by `each` or `quiet <time>`, or leave them out',
    ],
    [
      'a source twice',
      data(
        'sources: [{ url: "s3://b/a", every: 1 day, name: a }, { url: "s3://b/b", every: 1 day, name: a }]',
      ),
      '/data/sources/1/name',
      'the source "a" stands here twice',
    ],
    [
      'a check that is none',
      data('quality: { checks: [{ check: completness }] }'),
      '/data/quality/checks/0/check',
      'expected one of "completeness", "uniqueness", "allowed-values", "label-balance", "schema-change", "near-duplicates", found "completness" (did you mean "completeness"?)',
    ],
    [
      'a check without its share',
      data('quality: { checks: [{ check: near-duplicates }] }'),
      '/data/quality/checks/0/check',
      'the check "near-duplicates" needs "maximum"',
    ],
    [
      'a key of another check',
      data('quality: { checks: [{ check: schema-change, minimum: 1 }] }'),
      '/data/quality/checks/0/minimum',
      'the check "schema-change" takes no key of its own',
    ],
    [
      'a check of no column',
      data('quality: { checks: [{ check: completeness, column: contry, minimum: 1 }] }'),
      '/data/quality/checks/0/column',
      'expected a declared column, found "contry" (did you mean "country"?)',
    ],
    [
      'values of another type',
      data('quality: { checks: [{ check: allowed-values, column: humidity, values: [1, low] }] }'),
      '/data/quality/checks/0/values/1',
      'expected a number, as "humidity" holds, found "low"',
    ],
    [
      'classes of a number',
      changed('target: y', 'target: humidity')
        .replace('temperature * humidity', 'temperature * 2')
        .replace('  split', '  quality: { checks: [{ check: label-balance, minimum: 0.1 }] }\n  split'),
      '/data/quality/checks/0/check',
      '"label-balance" counts classes; the target must be an integer or text column',
    ],
  ])('do not go together: %s', (_, text, path, message) => {
    expect(problemsOf(text)).toMatchObject([{ path, message }]);
  });

  it('make gates', () => {
    const { data: read } = specificationOf(
      data(
        'quality: { checks: [{ check: uniqueness, columns: [country, note] }, { check: completeness, column: note, minimum: 0.5, otherwise: warn }, { check: schema-change }] }',
      ),
    );
    expect(qualityChecks(read)).toEqual([
      { check: 'uniqueness', columns: ['country', 'note'], minimum: 1, otherwise: 'reject' },
      { check: 'completeness', column: 'note', minimum: 0.5, otherwise: 'warn' },
      { check: 'schema-change', otherwise: 'reject' },
    ]);
  });
});

describe('records that applications send', () => {
  const plain = (further = '', keys = '') => `name: plain
data:
  columns:
    - { name: a, type: number${further} }
    - { name: y, type: integer }
    - { name: b, type: integer, missing: allow }
  target: y${keys}
train: { image: xgboost }
evaluate: { metric: mae, prediction: value, required: 1 }
deploy: { records: features }
`;

  it('are raw, unless the model sees the very columns', () => {
    expect(specificationOf(BASE).deploy.records).toBe('raw');
    expect(specificationOf(plain()).deploy.records).toBe('features');
    expect(specificationOf(plain('', '\n  features: [a, b]')).deploy.records).toBe('features');
  });

  it.each<[string, string, string]>([
    [', scale: log', '', '"a" has "scale"'],
    [', indicator: true', '', '"a" has "indicator"'],
    [', outliers: { method: iqr, then: clip }', '', '"a" has "outliers"'],
    [', maximum: 5, outside: clip', '', '"a" has "outside: clip"'],
    [', missing: mean', '', '"a" has a "missing" that is filled'],
    [', missing: { constant: 0 }', '', '"a" has a "missing" that is filled'],
    [', blanks: [NA]', '', '"a" has "blanks"'],
    ['', '\n  blanks: [NA]', '"a" has "blanks"'],
    ['', '\n  features: [b, a]', '"features" lists others, or in another order'],
    ['', '\n  features: [a]', '"features" lists others, or in another order'],
    ['', '\n  derive: [{ name: c, formula: a + b }]', '"c" is derived'],
  ])('cannot be what the model sees with%s%s', (further, keys, reason) => {
    expect(problemsOf(plain(further, keys))).toMatchObject([
      {
        path: '/deploy/records',
        message: `"features" needs features that are exactly the declared columns but the target: ${reason}; leave it at "raw"`,
      },
    ]);
  });
});

describe('preparationDigest', () => {
  const data = specificationOf(BASE).data;

  it('is the same whatever the order of keys, and whatever only judges the data', () => {
    const digest = preparationDigest(data);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const reversed = Object.fromEntries(Object.entries(data).reverse()) as typeof data;
    expect(preparationDigest(reversed)).toBe(digest);
    expect(
      preparationDigest({
        ...data,
        seal: 'each',
        mode: 'replace',
        quality: { minimumRows: 1, maximumQuarantined: 1 },
      }),
    ).toBe(digest);
  });

  it.each<[string, Partial<typeof data>]>([
    ['columns', { columns: data.columns.slice(0, 4) }],
    ['derive', { derive: [] }],
    ['target', { target: 'humidity' }],
    ['features', { features: ['joined'] }],
    ['duplicates', { duplicates: 'keep' }],
    ['split', { split: { ...data.split, test: 0.3 } }],
    ['blanks', { blanks: ['NA'] }],
    ['blanks of one column', { columns: data.columns.with(1, { ...data.columns[1]!, blanks: ['NA'] }) }],
  ])('is another for other %s', (_, other) => {
    expect(preparationDigest({ ...data, ...other })).not.toBe(preparationDigest(data));
  });

  it('is the same whatever the order of blank words, and wherever they are declared', () => {
    const each = (blanks: string[]) => data.columns.map((column) => ({ ...column, blanks }));
    const digest = preparationDigest({ ...data, blanks: ['NA', '?'] });
    expect(preparationDigest({ ...data, blanks: ['?', 'NA'] })).toBe(digest);
    expect(preparationDigest({ ...data, columns: each(['NA', '?']) })).toBe(digest);
    expect(preparationDigest({ ...data, blanks: [], columns: each([]) })).toBe(preparationDigest(data));
  });

  it('stays what it was before there were blank words', () => {
    expect(preparationDigest(data)).toBe('7557034cc29e8e5aafe08260ef693e1c8d469703b4f9c7e494bfaf4506abb03b');
  });

  it('is another when the canonical names stand in another order, because the features do', () => {
    const turned = specificationOf(
      changed('{ Canada: [CA], Norway: [NOR] }', '{ Norway: [NOR], Canada: [CA] }'),
    ).data;
    expect(preparationDigest(turned)).not.toBe(preparationDigest(data));
  });
});
